"""A cost model fitted to Snakemake's benchmark files: processor seconds and peak memory of a job from its work.

Processor seconds are a start plus a non-negatively weighted sum of the work's terms, with the weights that minimise
the relative errors; each method is a stage of its own. Memory is what the libraries take plus a factor of at least 1
on the arrays held, so that the model never extrapolates to less than the arrays themselves.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json, write_json
from topicbench.plan.costs.work import Work

COEFFICIENTS = Path(__file__).with_name("coefficients.json")
"""The last fit, with the hardware it was measured on."""

OTHER_SECONDS, OTHER_MB = 10.0, 400.0
"""Of a job that is not measured: it gathers, draws or typesets."""

FASTEST, NETWORK_OPERATIONS, NETWORK_TERM = 5e10, 6, 1e11
"""Operations a second of one core at most; operations per document, topic and word of a step forwards and backwards;
and how many such products one of the last term of a fit's work is (`topicbench.plan.costs.work`)."""

RETRIEVAL = 0.13
"""Seconds of 10^9 products of two documents' weights of a topic; measured on 4,000 documents and 100 topics."""

FIRST_SAMPLES, INTERVAL = 15.0, 30.0
"""Snakemake samples a job every half second for about 15 s and every 30 s thereafter, and not at its end."""


@dataclass(frozen=True)
class Measured:
    """What a benchmark file says of one job."""

    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class StageCost:
    """Fitted costs of a stage.

    Attributes:
        start: processor seconds of a job without work.
        weights: processor seconds of one of each of the work's terms.
        base_mb: memory of the process and its libraries.
        held: memory per megabyte of arrays held.
        jobs: benchmark files it was fitted to.
        error: median relative error of a job's processor seconds when it is left out of the fit; None: too few.
        total_error: relative error of the sum over all its jobs, each left out in turn; None: too few.
        memory_error: median relative error of peak memory, in the fit.
    """

    start: float
    weights: tuple[float, ...]
    base_mb: float
    held: float
    jobs: int
    error: float | None = None
    total_error: float | None = None
    memory_error: float | None = None

    def cpu_seconds(self, work: Work) -> float:
        return self.start + sum(weight * term for weight, term in zip(self.weights, work.terms, strict=True))

    def peak_mb(self, work: Work) -> float:
        return self.base_mb + self.held * work.held_mb


def read_benchmark(path: str | Path) -> Measured | None:
    """Processor seconds and peak memory of a benchmark file; None for a job too short to be measured.

    Processor time is that at the last sample; a job that went on after it is taken to have used the processor at the
    same rate to its end.
    """
    with open(path, encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file, delimiter="\t"), None)
    try:
        seconds, cpu, memory = (float(row[key]) for key in ("s", "cpu_time", "max_rss"))
    except (TypeError, KeyError, ValueError):
        # Snakemake writes NA or - where it took no sample.
        return None
    if min(seconds, cpu, memory) <= 0:
        return None
    sampled = FIRST_SAMPLES + INTERVAL * math.floor((seconds - FIRST_SAMPLES) / INTERVAL)
    return Measured(cpu * (seconds / sampled if seconds > FIRST_SAMPLES else 1), memory)


def fit(measured: Iterable[tuple[str, Work, Measured]]) -> dict[str, StageCost]:
    """Costs of each stage from (stage, work, measured) of its jobs."""
    grouped: dict[str, list[tuple[Work, Measured]]] = {}
    for stage, work, result in measured:
        grouped.setdefault(stage, []).append((work, result))
    return {stage: _fit_stage(stage, jobs) for stage, jobs in sorted(grouped.items())}


def _fit_stage(stage: str, jobs: Sequence[tuple[Work, Measured]]) -> StageCost:
    terms = np.array([work.terms for work, _ in jobs], dtype=float).reshape(len(jobs), -1)
    seconds = np.array([result.cpu_seconds for _, result in jobs])
    held = np.array([work.held_mb for work, _ in jobs])
    memory = np.array([result.peak_mb for _, result in jobs])
    least = least_weights(stage, terms.shape[1])
    start, *weights = fit_seconds(terms, seconds, least)
    base, factor = fit_memory(held, memory)
    error = total_error = None
    if len(jobs) > terms.shape[1] + 1:
        rest = [np.arange(len(jobs)) != left_out for left_out in range(len(jobs))]
        predicted = np.array(
            [
                np.r_[1, terms[job]] @ fit_seconds(terms[others], seconds[others], least)
                for job, others in enumerate(rest)
            ]
        )
        error = float(np.median(np.abs(predicted / seconds - 1)))
        total_error = float(predicted.sum() / seconds.sum() - 1)
    memory_error = float(np.median(np.abs((base + factor * held) / memory - 1))) if len(jobs) > 2 else None
    return StageCost(start, tuple(weights), base, factor, len(jobs), error, total_error, memory_error)


def least_weights(stage: str, terms: int) -> np.ndarray:
    """Least weight of each term: of a neural method's last one what `FASTEST` allows, of retrieval's `RETRIEVAL`.

    A small grid hides these products behind what every job costs; on a large one they are what counts.
    """
    least = np.zeros(terms)
    if stage == "score":
        least[-1] = RETRIEVAL
    if stage.startswith("fit:") and stage not in ("fit:lda", "fit:bertopic"):
        least[-1] = NETWORK_OPERATIONS * NETWORK_TERM / FASTEST
    return least


def fit_seconds(terms: np.ndarray, seconds: np.ndarray, least: np.ndarray) -> list[float]:
    """Non-negative start and weights, at least ``least``, of least relative squared error.

    Jobs of fewer different amounts of work than there are unknowns cannot tell them apart: then time is taken to be
    proportional to the work, which overstates larger jobs rather than understating them.

    Args:
        terms: jobs × terms.
        seconds: of each job, positive.
        least: of each term's weight.
    """
    from scipy.optimize import nnls

    design = np.column_stack([np.ones(len(terms)), terms])
    if len(np.unique(design, axis=0)) < design.shape[1]:
        design[:, 0] = 0
    least = np.r_[0, least]
    above, _ = nnls(design / seconds[:, None], np.maximum(0, 1 - design @ least / seconds))
    return [float(weight) for weight in least + above]


def fit_memory(held: np.ndarray, memory: np.ndarray) -> tuple[float, float]:
    """Base (at least 100 MB) and factor (1 to 4) of least squared error; from few different amounts, a factor of 1."""
    from scipy.optimize import lsq_linear

    highest = 4 if len(np.unique(held)) > 2 else 1 + 1e-9
    design = np.column_stack([np.ones(len(held)), held])
    base, factor = lsq_linear(design, memory, bounds=([100, 1], [np.inf, highest])).x
    return float(base), float(factor)


def save(path: str | Path, costs: Mapping[str, StageCost], measured_on: str) -> None:
    """Write costs as JSON, rounded to what the measurements are worth."""
    stages = {
        stage: {key: _rounded(value) for key, value in asdict(cost).items()} for stage, cost in sorted(costs.items())
    }
    write_json(path, {"measured_on": measured_on, "stages": stages})


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    return [_rounded(part) for part in value] if isinstance(value, tuple) else value


def load(path: str | Path = COEFFICIENTS) -> tuple[dict[str, StageCost], str]:
    """Costs by stage, and what they were measured on."""
    values = read_json(path)
    try:
        stages = {
            stage: StageCost(**{**entry, "weights": tuple(entry["weights"])})
            for stage, entry in values["stages"].items()
        }
        return stages, values["measured_on"]
    except (KeyError, TypeError) as error:
        raise TopicbenchError(path, f"not a fitted cost model: {error}", "make it again with `make plan-fit`") from None


def estimate(costs: Mapping[str, StageCost], stage: str, work: Work) -> tuple[float, float]:
    """Processor seconds and peak megabytes of a job.

    A method that was never measured costs what the dearest one does, a variant of a measured one (softetm, softlabel+)
    what that one does; a job without work in its terms a few seconds.
    """
    variant_of = [name for name in (stage.rstrip("+"), stage.replace("fit:soft", "fit:")) if name in costs]
    if not work.terms:
        found = []
    elif stage in costs:
        found = [costs[stage]]
    elif variant_of:
        found = [costs[variant_of[0]]]
    elif stage.startswith("fit:"):
        found = [cost for name, cost in costs.items() if name.startswith("fit:")]
    else:
        found = []
    if not found:
        return OTHER_SECONDS, OTHER_MB + work.held_mb
    return max(cost.cpu_seconds(work) for cost in found), max(cost.peak_mb(work) for cost in found)
