"""Local files and folders, and addresses, that a source is taken from instead."""

from __future__ import annotations

from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import link_or_copy
from topicbench.sources.downloads import Expected
from topicbench.sources.hub import use_own_code
from topicbench.sources.section import Source


def locate(source: Source, root: Path, culprit: str) -> str | Path | None:
    """The mirror as an address or as a path, a relative one from here or from ``root``; None without one."""
    if source.mirror is None:
        return None
    if source.mirror.startswith(("http://", "https://")):
        return source.mirror.rstrip("/")
    path = Path(source.mirror).expanduser()
    path = path if path.exists() else root / path
    if not path.exists():
        raise TopicbenchError(f"{culprit}.mirror", f"no such file or folder: {source.mirror}", "correct the path")
    return path


def link_files(source: Source, mirror: Path, folder: Path, culprit: str) -> list[str]:
    """Link or copy the source's files from a local mirror into ``folder``; their paths, sorted.

    Raises:
        TopicbenchError: a file is missing or not as expected, or a cache of the Hub lacks the revision.
    """
    culprit = f"{culprit}.mirror"
    if source.hub:
        mirror = _snapshot(source, mirror, culprit)
        found = (path.relative_to(mirror).as_posix() for path in sorted(mirror.rglob("*")) if path.is_file())
        wanted = [path for path in found if source.wants(path)]
        if not wanted:
            raise TopicbenchError(
                culprit, f"{mirror} has no file that matches include ({', '.join(source.include)})", "correct include"
            )
        wanted += [name for name in (source.code.files if source.code else []) if name not in wanted]
    else:
        wanted = [file.filename for file in source.files]
    for path in wanted:
        origin = mirror if mirror.is_file() and wanted == [path] else mirror / path
        if not origin.is_file():
            raise TopicbenchError(culprit, f"{mirror} has no {path}", "add it, or correct the mirror")
        link_or_copy(origin.resolve(), folder / path)
    for file in source.files:
        problem = Expected(file.bytes, file.sha256, file.md5).problem(folder / file.filename)
        if problem:
            (folder / file.filename).unlink()
            raise TopicbenchError(culprit, f"{mirror}: {file.filename} {problem}", "use another copy")
    if source.code:
        # A copy: through a hard link a change would reach the mirror.
        config = folder / "config.json"
        data = config.read_bytes()
        config.unlink()
        config.write_bytes(data)
        use_own_code(folder, source.code, culprit.removesuffix(".mirror"))
    return sorted(wanted)


def _snapshot(source: Source, mirror: Path, culprit: str) -> Path:
    """The folder of the pinned revision, where ``mirror`` is a Hub cache; else ``mirror`` itself."""
    if mirror.is_file():
        raise TopicbenchError(culprit, f"{mirror} is a file", "name the folder that has the model's files")
    repository = mirror / f"{source.kind}s--{source.hub.replace('/', '--')}"
    if not repository.is_dir():
        return mirror
    snapshot = repository / "snapshots" / source.revision
    if not snapshot.is_dir():
        held = sorted(path.name for path in (repository / "snapshots").glob("*"))
        raise TopicbenchError(
            culprit,
            f"{repository} has no revision {source.revision}; it has {', '.join(held) or 'none'}",
            "fetch that revision into it, or pin one that it has",
        )
    return snapshot
