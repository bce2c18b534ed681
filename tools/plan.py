"""``python tools/plan.py CONFIG``: a page of the jobs of a configuration and what they take. Nothing is run.

The jobs are those of a dry run of everything, whatever is there already; what each takes and reserves is
`topicbench.plan.resources`.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

from snakemake.cli import main as snakemake
from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

from topicbench.config import load as config_file
from topicbench.config.located import located
from topicbench.core.errors import TopicbenchError
from topicbench.plan.jobs import Plan
from topicbench.plan.resources import CPU, GPU, RULES, Job, needs

ROOT = Path(__file__).parents[1]
HEADER = ("rule", "jobs", "core-hours", "or GPU-hours", "memory reserved, GB", "time reserved, h", "disk, GB")


def dry_run(config: Path) -> list[Any]:
    """What Snakemake logs of each job that a configuration asks for, also of what is there already.

    Raises:
        SystemExit: Snakemake cannot plan it; it has said why.
    """
    jobs: list[Any] = []

    def listed(record: logging.LogRecord) -> bool:
        if getattr(record, "event", None) == LogEvent.JOB_INFO and record.rule_name != "all":
            jobs.append(record)
        return record.levelno >= logging.ERROR

    logger.addFilter(listed)
    try:
        snakemake(
            ["--snakefile", f"{ROOT}/Snakefile", "--configfile", str(config), "--dry-run", "--forceall", "--", "all"]
        )
    except SystemExit as end:
        if end.code:
            raise
    finally:
        logger.removeFilter(listed)
    return jobs


def page(config: Path) -> str:
    """A Markdown table of the jobs, with a row per rule and per method of a fit."""
    plan = Plan(located(config_file.load(config)))
    rows: dict[tuple[int, str], list[tuple[float, ...]]] = {}
    for job in dry_run(config):
        rule = "fit" if job.rule_name.startswith("fit_") else job.rule_name.partition("_of_")[0]
        seconds, _, disk_mb, operations = needs(Job(plan, ROOT, rule, job.wildcards))
        hours, reserved = ((seconds + CPU * operations) / 3600, GPU * operations / 3600), job.resources
        row = (*hours, reserved["mem_mb"] / 1000, reserved["runtime"] / 60, disk_mb / 1000)
        name = f"fit {job.wildcards['method']}" if rule == "fit" else job.rule_name
        rows.setdefault(([*RULES, rule].index(rule), name), []).append(row)
    named = [(name, found) for (_, name), found in sorted(rows.items())]
    lines = [HEADER, ("---", *["---:"] * (len(HEADER) - 1))]
    for name, jobs in [*named, ("all", [job for _, found in named for job in found])]:
        hours, gpu_hours, memory, time, disk = zip(*jobs, strict=True)
        amounts = (sum(hours), sum(gpu_hours), max(memory), max(time), sum(disk))
        lines.append((name, f"{len(jobs):,}", *(f"{amount:,.2f}" for amount in amounts)))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    try:
        print(page(Path(sys.argv[1])))
    except TopicbenchError as error:
        sys.exit(f"topicbench: {error}")
