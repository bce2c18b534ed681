"""Reading and writing so that nothing half-written is ever taken for whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError, explained

RESULTS = "results"
"""The folder, below the working directory, that the workflow writes."""

PARTIAL = ".partial-"
"""How the names of files and folders begin that are being written."""


@contextmanager
def written_beside(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it to ``path`` when the block ends well.

    The rename is atomic because both lie in one folder. When the block raises, the temporary file or folder is
    removed and ``path`` is left as it was. A folder replaces an existing folder. A full or read-only disk is a
    `TopicbenchError`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last: writers such as matplotlib and pandas choose the format by it.
    partial = path.with_name(f"{PARTIAL}{os.getpid()}-{path.name}")
    try:
        yield partial
        if partial.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with open(partial, "rb") as file:
                os.fsync(file.fileno())
        os.replace(partial, path)
    except Exception as error:
        known = explained(error)
        if known is None or known is error:
            raise
        # Libraries often do not say which file they could not write.
        raise TopicbenchError(path, known.problem, known.remedy) from error
    finally:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)


def link_or_copy(source: str | Path, target: str | Path) -> None:
    """Put the file ``source`` at ``target`` as well, in place of what is there: a hard link costs no room.

    It is a copy where the file system has no hard links, or the two lie on different ones.
    """
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        with written_beside(target) as partial:
            shutil.copyfile(source, partial)


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` as UTF-8 with ``\\n`` line ends."""
    with written_beside(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: str | Path, value: Any) -> None:
    """Write ``value`` as indented JSON; NaN and infinity are refused, as JSON has neither."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: str | Path) -> Any:
    """Read a JSON file; a malformed one is a `TopicbenchError` that names line and column."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TopicbenchError(path, "file not found", "run the workflow again, which makes what is missing") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise TopicbenchError(path, f"not valid JSON: {error}", "delete it and run again") from None


def write_npy(path: str | Path, array: np.ndarray) -> None:
    """Write one array in NumPy's own format, without pickle."""
    with written_beside(path) as partial, open(partial, "wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)


def read_npy(path: str | Path, mapped: bool = False) -> np.ndarray:
    """Read an array; ``mapped`` leaves it on disk and reads pages as they are touched."""
    try:
        return np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except FileNotFoundError:
        raise TopicbenchError(path, "file not found", "run the workflow again, which makes what is missing") from None
    except (ValueError, OSError, EOFError) as error:
        raise TopicbenchError(path, f"not a whole NumPy array: {error}", "delete it and run again") from None


def read_lines(path: str | Path) -> list[str]:
    """The lines of a UTF-8 text file without their ends."""
    return Path(path).read_text(encoding="utf-8").split("\n")[:-1]


def sha256_of(path: str | Path) -> str:
    """Hex SHA-256 of a file, read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def require_checksum(path: str | Path, expected: str | None) -> None:
    """Raise a `TopicbenchError` unless ``path`` exists and has the SHA-256 ``expected`` (None: not checked)."""
    if not Path(path).is_file():
        raise TopicbenchError(path, "file not found", "check the path in the configuration")
    if expected is not None and (found := sha256_of(path)) != expected:
        raise TopicbenchError(
            path,
            f"wrong checksum: SHA-256 is {found}, the configuration says {expected}",
            "fetch the file again, or correct sha256 in the configuration if the change is meant",
        )
