"""What ``make plan`` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from topicbench.plan.costs.costs import StageCost, estimate
from topicbench.plan.costs.grid import Job
from topicbench.plan.costs.work import Scale

GPU_TERAFLOPS = 50.0
"""Sustained operations of one GPU on a language model; not measured: about a sixth of an A100's peak in bfloat16."""


def report(
    scale: Scale, jobs: Sequence[Job], costs: Mapping[str, StageCost], measured_on: str, teraflops: float
) -> str:
    """The grid and its costs as text.

    Args:
        scale: the plan with its sizes.
        jobs: all of its jobs.
        costs: fitted costs by stage.
        measured_on: hardware and runs of the fit.
        teraflops: what a GPU sustains, in 10^12 operations a second.
    """
    parts = [_experiments(scale), _stages(jobs, costs, teraflops), _totals(jobs, costs, teraflops)]
    return "\n\n".join([*parts, errors(costs, measured_on)])


def _experiments(scale: Scale) -> str:
    rows = []
    seen: set = set()
    for name in scale.plan.experiments:
        runs = scale.plan.experiment_runs(name)
        rows.append((name, f"{len(runs):,}", f"{len(set(runs) - seen):,}"))
        seen.update(runs)
    rows.append(("all", "", f"{len(seen):,}"))
    sizes = ", ".join(f"{name} {size.documents:,}" for name, size in scale.corpora.items())
    return f"Documents: {sizes}\n\n" + _table(("experiment", "runs", "not in an earlier one"), rows)


def _stages(jobs: Sequence[Job], costs: Mapping[str, StageCost], teraflops: float) -> str:
    rows = []
    for stage in dict.fromkeys(job.stage for job in jobs):
        found = [job for job in jobs if job.stage == stage]
        values = [estimate(costs, stage, job.work) for job in found]
        seconds = [cpu for cpu, _ in values]
        gpu = sum(job.work.operations for job in found) / teraflops / 1e12 / 3600
        rows.append(
            (
                stage,
                f"{len(found):,}",
                f"{sum(seconds) / 3600:,.2f}",
                f"{max(seconds) / 3600:,.2f}",
                f"{gpu:,.2f}" if gpu else "",
                f"{max(peak for _, peak in values) / 1e3:,.1f}",
                f"{sum(job.work.disk_mb for job in found) / 1e3:,.1f}",
            )
        )
    header = ("stage", "jobs", "core-hours", "of the longest job", "or GPU-hours", "peak memory, GB", "disk, GB")
    return _table(header, rows)


def _totals(jobs: Sequence[Job], costs: Mapping[str, StageCost], teraflops: float) -> str:
    estimates = [estimate(costs, job.stage, job.work) for job in jobs]
    hours = sum(cpu for cpu, _ in estimates) / 3600
    taken = sum(cpu for job, (cpu, _) in zip(jobs, estimates, strict=True) if job.work.operations) / 3600
    gpu = sum(job.work.operations for job in jobs) / teraflops / 1e12 / 3600
    return (
        f"{len(jobs):,} jobs, {hours:,.1f} core-hours on processors alone; or "
        f"{hours - taken:,.1f} core-hours and {gpu:,.2f} GPU-hours\nwith language models and the encoder on a GPU that "
        f"sustains {teraflops:g} TFLOP/s (an assumption, see --teraflops; small networks gain little and stay).\n"
        f"Disk {sum(job.work.disk_mb for job in jobs) / 1e3:,.1f} GB; largest job "
        f"{max(peak for _, peak in estimates) / 1e3:,.1f} GB of memory."
    )


def errors(costs: Mapping[str, StageCost], measured_on: str) -> str:
    """What the estimates are worth: their errors on the runs they were fitted to."""
    rows = [
        (
            stage,
            f"{cost.jobs}",
            _percent(cost.error),
            _percent(cost.total_error, sign=True),
            _percent(cost.memory_error),
        )
        for stage, cost in costs.items()
    ]
    header = ("stage", "jobs measured", "error of a job", "error of their sum", "error of peak memory")
    return (
        f"Fitted to: {measured_on}\nProcessor time: each job left out of the fit in turn (median, and of the sum); "
        "memory: median, in the fit; –: too few jobs. A far larger grid is an extrapolation: fits to parts of one run\n"
        "have moved a single method's hours there by a factor of two to four, and the sum by a tenth.\n\n"
        + _table(header, rows)
    )


def _percent(value: float | None, sign: bool = False) -> str:
    return "–" if value is None else f"{100 * value:{'+' if sign else ''}.0f} %"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = []
    for row in (header, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
