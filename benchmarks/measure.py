"""Timing in interleaved pairs, growth, and what a measurement ran on."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from topicbench.runs.identity import processor


@dataclass(frozen=True)
class Timed:
    """Wall and processor seconds of one call, and what it returned."""

    wall: float
    cpu: float
    result: Any


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        what: what was done, with its sizes.
        ours, theirs: median wall seconds.
        ratio: median over the pairs of theirs / ours, wall.
        ratio_cpu: the same of processor time, which other jobs on the machine disturb less.
        pairs: how many.
        goal: the ratio that is asked for, or None.
        note: what else belongs to the number.
    """

    what: str
    ours: float
    theirs: float
    ratio: float
    ratio_cpu: float
    pairs: int
    goal: float | None = None
    note: str = ""


def timed(function: Callable[[], Any]) -> Timed:
    wall, cpu = time.perf_counter(), time.process_time()
    result = function()
    return Timed(time.perf_counter() - wall, time.process_time() - cpu, result)


def compared(
    what: str,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    pairs: int,
    goal: float | None = None,
    scale: tuple[float, float] = (1.0, 1.0),
    note: str = "",
) -> Row:
    """Both in turn, ``pairs`` times, the order changing; ``scale`` multiplies their seconds where less was run."""
    found: list[tuple[Timed, Timed]] = []
    for number in range(pairs):
        if number % 2:
            second = timed(theirs)
            found.append((timed(ours), second))
        else:
            first = timed(ours)
            found.append((first, timed(theirs)))
    ratio = scale[1] / scale[0]
    return Row(
        what,
        scale[0] * statistics.median(a.wall for a, _ in found),
        scale[1] * statistics.median(b.wall for _, b in found),
        ratio * statistics.median(b.wall / a.wall for a, b in found),
        ratio * statistics.median(b.cpu / a.cpu for a, b in found),
        pairs,
        goal,
        note,
    )


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """b of seconds = a · size^b, by least squares of the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def growth(what: str, sizes: Sequence[int], run: Callable[[int], Callable[[], Any]]) -> dict[str, Any]:
    """Processor seconds of ``run(size)()`` and the exponent; what ``run`` prepares is not timed.

    Of what takes less than ten seconds the better of two is taken.
    """
    seconds = []
    for size in sizes:
        call = run(size)
        first = timed(call).cpu
        seconds.append(min(first, timed(call).cpu) if first < 10 else first)
    return {"what": what, "sizes": [*sizes], "cpu_seconds": seconds, "exponent": exponent(sizes, seconds)}


def hardware() -> dict[str, Any]:
    """Processor, cores and versions, and how busy the machine is."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("torch", "transformers", "gensim", "numpy")},
    }
