"""What every job of the workflow has in common: its log, its threads, its errors."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topicbench.errors import TopicbenchError


@contextmanager
def logged(log: str | None) -> Iterator[None]:
    """Send all output of this process, libraries' and child processes' too, to the file ``log``.

    A `TopicbenchError` ends the process with exit code 1 and its message, in the log and on the terminal; any other
    exception is a defect and leaves its traceback in both.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    terminal = os.fdopen(os.dup(2), "w", encoding="utf-8")
    if log:
        Path(log).parent.mkdir(parents=True, exist_ok=True)
        with open(log, "w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
    streams = [sys.stderr, terminal] if log else [terminal]
    try:
        yield
    except TopicbenchError as error:
        for stream in streams:
            print(f"topicbench: {error}", file=stream, flush=True)
        sys.exit(1)
    except Exception:
        for stream in streams:
            traceback.print_exc(file=stream)
        sys.exit(1)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


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
