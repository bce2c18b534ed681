"""The one exception a user is meant to read, and what of the system's own errors a user can mend."""

from __future__ import annotations

import errno
import os
import re

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Error numbers of a full disk and of a used-up quota."""

_FULL = "there is no room left on the disk (or in the quota)", "free some and run again: nothing finished is lost"
_READ_ONLY = "the file system is read-only", "mount it for writing, or run in another folder (snakemake --directory)"
_DENIED = "permission denied", "let this user read inputs and write results and logs, or run in another folder"
_MEMORY = "there is not enough memory", "run fewer jobs at once (--cores), or take a smaller sample or vocabulary"
_FILES = "too many open files", "raise the limit (ulimit -n), or run fewer jobs at once (--cores)"
_SYSTEM = {
    **dict.fromkeys(FULL, _FULL),
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.ENOMEM: _MEMORY,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EIO: ("the disk fails", "look at its health; run again elsewhere"),
}


class TopicbenchError(Exception):
    """Something the user can mend: a file, a key, a line, a value.

    The message names the culprit first, then what was expected, then what to do. Scripts print it without a
    traceback; every other exception is a defect of Topicbench and keeps its traceback.

    Args:
        culprit: the file, key, line or run that is wrong.
        problem: what is wrong with it.
        remedy: what to do about it; may be empty where the problem says it all.
    """

    def __init__(self, culprit: object, problem: str, remedy: str = "") -> None:
        self.culprit, self.problem, self.remedy = str(culprit), problem, remedy
        super().__init__(f"{culprit}: {problem}" + (f"\n  {remedy}" if remedy else ""))

    def __reduce__(self) -> tuple:
        return (type(self), (self.culprit, self.problem, self.remedy))


def explained(error: BaseException) -> TopicbenchError | None:
    """An error of the system (disk full or read-only, no permission, no memory) as one a user can mend; else None.

    Libraries written in other languages raise errors of their own kind that end in "(os error 28)" or "[errno 28]",
    and NumPy says only that it wrote less than it was asked to: these count by their text.
    """
    if isinstance(error, TopicbenchError):
        return error
    if isinstance(error, MemoryError):
        return TopicbenchError("this job", *_MEMORY)
    number = error.errno if isinstance(error, OSError) else None
    if number is None and (match := re.search(r"\[errno (\d+)\]|\(os error (\d+)\)", str(error), re.IGNORECASE)):
        number = int(match[1] or match[2])
    if isinstance(error, OSError) and re.fullmatch(r"\d+ requested and \d+ written", str(error)):
        number = errno.ENOSPC
    if number not in _SYSTEM:
        return None
    return TopicbenchError(getattr(error, "filename", None) or os.getcwd(), *_SYSTEM[number])


def brief(error: BaseException) -> str:
    """Kind and first line of another library's error, short enough for one line of a message."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
