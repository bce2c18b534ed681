"""Where fetched sources lie."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

FOLDER = "results/sources"


def folder(name: str) -> str:
    """Where a source is fetched to, relative to the working directory."""
    return f"{FOLDER}/{name}"


def fetched(path: str | None) -> str | None:
    """The source folder that a path lies in; None for a path of the user's own."""
    parts = PurePosixPath(path or "").parts
    return "/".join(parts[:3]) if len(parts) >= 3 and "/".join(parts[:2]) == FOLDER else None


def inside(source: str | Path, path: str) -> Path:
    """Where the file or folder ``path`` of a configuration lies, whose job reads from ``source``.

    Args:
        source: the job's input: the folder of the fetched source that ``path`` lies in, or else the file itself.
        path: as the configuration has it.
    """
    place = fetched(path)
    return Path(source) / PurePosixPath(path).relative_to(place) if place else Path(source)
