"""The resources of each job, which a cluster reserves: from the cost model of `topicbench.plan.costs`, with margins.

All grow with the attempt, so that the retries of a profile give a job that failed for want of memory or time more of
both. Threads are no matter of resources: they change the last bits of results and stand in the configuration.
"""

from __future__ import annotations

import math
from functools import cache

from topicbench.plan.costs.costs import StageCost, estimate, load
from topicbench.plan.costs.work import Scale, Wildcards

SNAKEMAKE_MB = 250
"""Memory of the Snakemake process that a cluster job starts beside the script."""

MEMORY_MARGIN = 1.3
LEAST_MB = 1000

TIME_MARGIN = 4
"""Other processors are slower, and share their caches with other jobs."""

LEAST_MINUTES = 10
MOST_MINUTES = 7 * 24 * 60
"""Few clusters allow a job more than a week; a language model goes on from its last chunk when it is tried again."""

GPU_OPERATIONS = 5e12
"""Operations a second that any GPU of the last ten years sustains on a language model; not measured."""


@cache
def _costs() -> dict[str, StageCost]:
    return load()[0]


def _stage(stage: str, wildcards: Wildcards) -> str:
    return f"fit:{wildcards['method']}" if stage == "fit" else stage


def mem_mb(scale: Scale, stage: str, wildcards: Wildcards, attempt: int = 1) -> int:
    """Megabytes to reserve for the job of ``stage`` with ``wildcards``, in hundreds."""
    _, peak = estimate(_costs(), _stage(stage, wildcards), scale.work(stage, wildcards))
    wanted = max(LEAST_MB, SNAKEMAKE_MB + MEMORY_MARGIN * peak)
    return attempt * 100 * math.ceil(wanted / 100)


def runtime(scale: Scale, stage: str, wildcards: Wildcards, attempt: int = 1) -> int:
    """Minutes to reserve, in tens."""
    work = scale.work(stage, wildcards)
    if gpus(work.device) and work.operations:
        seconds = work.operations / GPU_OPERATIONS
    else:
        seconds = estimate(_costs(), _stage(stage, wildcards), work)[0] / work.threads
    wanted = max(LEAST_MINUTES, TIME_MARGIN * seconds / 60)
    return min(MOST_MINUTES, attempt * 10 * math.ceil(wanted / 10))


def gpu(scale: Scale, stage: str, wildcards: Wildcards) -> int:
    """GPUs to reserve: see `gpus`."""
    return gpus(scale.work(stage, wildcards).device)


def gpus(device: str | None) -> int:
    """1 where the configuration says ``cuda``.

    ``auto`` takes a GPU that is there but reserves none: a cluster without any would refuse the job or hold it back
    for ever.
    """
    return int(device == "cuda")
