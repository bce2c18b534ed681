"""What every job of the workflow has in common: its log, its threads, its errors."""

from __future__ import annotations

import os
import re
import resource
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from topicbench.core.errors import brief, explained

VERBOSE = "TOPICBENCH_VERBOSE"
"""Environment variable that puts tracebacks on the terminal too; `snakemake --verbose` sets it."""
SECRET = re.compile("KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)
"""Names of environment variables whose values are never printed."""


@contextmanager
def job(snakemake: Any) -> Iterator[None]:
    """What every script of the workflow does its work in: its threads limited and its output in its log.

    Libraries are imported within, so that they heed the number of threads and print into the log.

    Args:
        snakemake: the object of this name that Snakemake gives a script.
    """
    limit_threads(snakemake.threads)
    with logged(snakemake.log[0] if snakemake.log else None):
        yield


@contextmanager
def logged(log: str | None) -> Iterator[None]:
    """Send all output of this process, libraries' and child processes' too, to the file ``log``.

    A `TopicbenchError`, or an error of the system that `explained` knows, ends the process with exit code 1 and its
    message, in the log and on the terminal. Any other exception is a defect: it gets one line in both, and its
    traceback in a file beside the log, since Snakemake shows the log of a failed job. With ``TOPICBENCH_VERBOSE`` the
    traceback of either is on the terminal as well.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    terminal = os.fdopen(os.dup(2), "w", encoding="utf-8")
    traces = Path(f"{log}.traceback") if log else None
    try:
        if log and traces:
            Path(log).parent.mkdir(parents=True, exist_ok=True)
            traces.unlink(missing_ok=True)
            with open(log, "w") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
        yield
    except Exception as error:
        _report(error, terminal, traces)
        sys.exit(1)
    finally:
        # On a full disk what libraries printed may find no room; what matters has been said.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()


def _report(error: Exception, terminal: TextIO, traces: Path | None) -> None:
    verbose = os.environ.get(VERBOSE, "") not in ("", "0")
    known = explained(error)
    lines = without_secrets("".join(traceback.format_exception(error)))
    if known is not None:
        message = without_secrets(f"topicbench: {known}")
    else:
        kept = f"; the traceback is in {traces}" if traces else ""
        message = (
            f"topicbench: {without_secrets(brief(error))}\n  this is a defect of Topicbench: please report it{kept}"
        )
        if traces:
            with suppress(OSError):
                traces.write_text(lines, encoding="utf-8")
    # The log may be what cannot be written.
    for stream in [sys.stderr, terminal] if traces else [terminal]:
        with suppress(OSError):
            print(message, file=stream, flush=True)
    if verbose or (known is None and traces is None):
        print(lines, file=terminal, flush=True)


def without_secrets(text: str) -> str:
    """The text with the value of every environment variable that is named like a secret struck out.

    A server may quote in its answer what it was sent, and an error the answer.
    """
    for name, value in os.environ.items():
        if SECRET.search(name) and len(value) >= 8:
            text = text.replace(value, f"[{name}]")
    return text


def limit_threads(threads: int) -> None:
    """Hold every numerical library to ``threads``; call before any of them is imported."""
    for variable in ("OMP", "MKL", "OPENBLAS", "NUMEXPR", "NUMBA", "VECLIB_MAXIMUM"):
        os.environ[f"{variable}_NUM_THREADS"] = str(threads)
    # Forked tokenisers warn and may dead-lock; jobs parallelise by process instead.
    os.environ["TOKENIZERS_PARALLELISM"] = "false"


class PeakMemory:
    """Peak resident memory of this process while the block runs, sampled twenty times a second."""

    def __enter__(self) -> PeakMemory:
        self.bytes = _resident_bytes()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(0.05):
            self.bytes = max(self.bytes, _resident_bytes())

    @property
    def megabytes(self) -> float:
        return self.bytes / 2**20


def _resident_bytes() -> int:
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        # Elsewhere than on Linux: the peak of the whole process, in bytes on macOS.
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
