"""Unpacking archives from elsewhere: nothing leaves the folder, nothing but files and folders is made."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from topicbench.core.errors import TopicbenchError

LARGEST_RATIO = 200
"""Bytes unpacked per byte of archive: text shrinks to a tenth or so, an index less."""
UNSUSPICIOUS = 100_000_000
"""Bytes that an archive may always unpack to."""

Opener = Callable[[], IO[bytes]]
"""Opens a member of an archive for reading."""


def unpack(archive: Path, folder: Path) -> list[str]:
    """Unpack a tar (also compressed) or zip archive into ``folder``; the paths of its files, sorted.

    Raises:
        TopicbenchError: not an archive, damaged, or a member that is a link or device, lies outside the folder or is
            there twice; or it would unpack to far more than such an archive can hold (a decompression bomb). Nothing is
            unpacked before the paths and sizes of all members are checked.
    """
    with members(archive) as found:
        paths = [path for path, _ in found]
        for path, opened in found:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened() as source, open(target, "wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
    return sorted(paths)


@contextmanager
def members(archive: Path) -> Iterator[list[tuple[str, Opener]]]:
    """The files of an archive, each with what opens it, in the archive's order."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as opened:
                yield _checked(archive, [(info.filename, partial(opened.open, info)) for info in _zip_files(opened)])
        elif tarfile.is_tarfile(archive):
            with tarfile.open(archive) as opened:
                files = _tar_files(opened, archive)
                # Only the end of a compressed stream tells whether all of it is sound.
                while opened.fileobj.read(1 << 20):
                    pass
                yield _checked(archive, [(info.name, partial(opened.extractfile, info)) for info in files])
        else:
            raise TopicbenchError(archive, "is neither a tar nor a zip archive", "fetch it again")
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise TopicbenchError(archive, f"is damaged: {error}", "delete it and fetch it again") from None


def _zip_files(opened: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    # The upper half of external_attr is the Unix mode; 0o12 is a link, which zipfile would write as a file.
    infos = [info for info in opened.infolist() if not info.is_dir()]
    # A member is never read past the size it states.
    _require_size(Path(opened.filename), sum(info.file_size for info in infos))
    for info in infos:
        if (info.external_attr >> 16) >> 12 == 0o12:
            raise TopicbenchError(opened.filename, f"holds a link: {info.filename}", "do not use it")
    return infos


def _tar_files(opened: tarfile.TarFile, archive: Path) -> list[tarfile.TarInfo]:
    infos, total = [], 0
    # One by one: to list a compressed archive is to decompress it.
    for info in opened:
        if info.isdir():
            continue
        if not info.isreg():
            raise TopicbenchError(archive, f"holds a link or device: {info.name}", "do not use it")
        total += info.size
        _require_size(archive, total)
        infos.append(info)
    return infos


def _require_size(archive: Path, unpacked: int) -> None:
    packed = archive.stat().st_size
    if unpacked > max(UNSUSPICIOUS, LARGEST_RATIO * packed):
        raise TopicbenchError(
            archive,
            f"of {packed:,} bytes would unpack to {unpacked:,} or more",
            "do not use it: it is made to fill disks",
        )


def _checked(archive: Path, found: list[tuple[str, Opener]]) -> list[tuple[str, Opener]]:
    for name, _ in found:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
            raise TopicbenchError(archive, f"holds a file that lies outside the folder: {name}", "do not use it")
    names = [str(PurePosixPath(name)) for name, _ in found]
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    if len(set(names)) != len(names) or not folders.isdisjoint(names):
        raise TopicbenchError(archive, "holds a file twice, or as a file and as a folder", "do not use it")
    return [(str(PurePosixPath(name)), opener) for name, opener in found]
