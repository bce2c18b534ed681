"""Where a workflow runs: whether it can be written to, and whether the clock and the files' times agree.

Snakemake makes a result again when an input is younger. An input dated in the future is younger than whatever is made
of it, so that the result would be made again at every start.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import PARTIAL

TOLERANCE = 60.0
"""Seconds by which clocks of one network may differ."""
ABANDONED = 3600.0
"""Seconds after which nobody is writing any more."""


def require_writable(folder: str | Path) -> None:
    """Raise a `TopicbenchError` for a folder in which nothing can be made."""
    folder = Path(folder).resolve()
    if not os.access(folder, os.W_OK | os.X_OK):
        read_only = bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
        raise TopicbenchError(
            folder,
            "the file system is read-only" if read_only else "this user may not write here",
            "run in another folder (snakemake --directory), or make this one writable",
        )


def require_past(files: Iterable[str | Path], now: float | None = None) -> None:
    """Raise a `TopicbenchError` for an input file that was last changed in the future."""
    now = time.time() if now is None else now
    for file in files:
        if Path(file).exists() and (ahead := Path(file).stat().st_mtime - now) > TOLERANCE:
            raise TopicbenchError(
                file,
                f"was last changed in the future, {_span(ahead)} from now: all that is made of it would be made again "
                "at every start",
                f"set the clock if it is wrong, then: touch {file}",
            )


def clear_partials(folder: str | Path, now: float | None = None) -> int:
    """Remove what killed jobs left half-written below ``folder``, if nothing of it changed for an hour; how many.

    On a cluster a job may outlive the workflow that started it, and still be writing.
    """
    now = time.time() if now is None else now
    found = [path for path in Path(folder).rglob(f"{PARTIAL}*") if now - _last_change(path) > ABANDONED]
    for path in found:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(found)


def _last_change(path: Path) -> float:
    return max(each.stat().st_mtime for each in (path, *(path.rglob("*") if path.is_dir() else ())))


def _span(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
