"""Where the time of the workflow goes: a whole run of the tests' tiny configuration on two cores, by stage."""

from __future__ import annotations

import csv
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import inputs

CORES = 2
IMPORT = re.compile(r"^import time:\s+\d+ \|\s+(\d+) \| (\S+)$", re.MULTILINE)


def run(sizes: Sequence[int], pairs: int) -> tuple[list[Any], list[dict[str, Any]], list[str]]:
    """No comparison: a table among the remarks."""
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = _whole_run(Path(folder))
        return [], [], [table(Path(folder), wall, cpu, _start())]


def _whole_run(folder: Path) -> tuple[float, float]:
    """Wall and processor seconds of a whole run in an empty folder."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", inputs.ROOT / "Snakefile", "--directory", folder]
    command += ["--cores", CORES, "--configfile", inputs.ROOT / "tests/workflow/tiny.yaml", "--", "all"]
    # Every job then writes what its imports took into its log; only imports not within others are counted.
    environment = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([str(part) for part in command], cwd=inputs.ROOT, env=environment, capture_output=True, check=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def table(folder: Path, wall: float, cpu: float, begin: float) -> str:
    """Of a finished run: a paragraph and a table of its stages, the dearest first.

    Args:
        folder: where it ran.
        wall: its seconds.
        cpu: its processor seconds, Snakemake's own included.
        begin: seconds of a job before its own lines.
    """
    stages = {stage: _stage(folder, stage) for stage in _stages(folder)}
    others = [path for path in (folder / "logs").glob("*.log") if path.stem not in stages]
    jobs = len(others) + sum(stage["jobs"] for stage in stages.values())
    drawing = sum(map(_imports, others))
    imports = drawing + sum(stage["imports"] for stage in stages.values())
    both = wall * CORES
    lines = [
        f"Workflow, tests/workflow/tiny.yaml, `--cores {CORES}`: {jobs:.0f} jobs, {wall:.0f} s wall, {cpu:.0f} s of "
        f"processor time, {cpu / both:.0%} of the cores busy. Imports {imports:.0f} s ({imports / both:.0%} of the "
        f"cores' time), process starts {jobs:.0f} × {begin:.2f} s ({jobs * begin / both:.0%}).",
        "",
        "| stage | jobs | wall s | processor s | imports s |",
        "| --- | --: | --: | --: | --: |",
    ]
    for name, stage in sorted(stages.items(), key=lambda item: -item[1]["cpu"]):
        values = (stage[key] for key in ("jobs", "wall", "cpu", "imports"))
        lines.append("| {} | {:.0f} | {:.1f} | {:.1f} | {:.1f} |".format(name, *values))
    lines.append(f"| gathering, tables and figures | {len(others)} | – | – | {drawing:.1f} |")
    return "\n".join(lines)


def _stages(folder: Path) -> list[str]:
    benchmarks = folder / "results/benchmarks"
    return sorted({path.name.removesuffix(".tsv") for path in benchmarks.iterdir()})


def _stage(folder: Path, stage: str) -> dict[str, float]:
    """Jobs, wall and processor seconds by the benchmark files, and seconds of imports by the logs."""
    files = list((folder / "results/benchmarks" / stage).glob("*.tsv"))
    files += list((folder / "results/benchmarks").glob(f"{stage}.tsv"))
    rows = [next(csv.DictReader(file.open(), delimiter="\t")) for file in files]
    return {
        "jobs": len(rows),
        "wall": sum(float(row["s"]) for row in rows),
        # A job shorter than Snakemake's first look has no processor time.
        "cpu": sum(float(row["cpu_time"]) for row in rows if row["cpu_time"] not in ("NA", "-")),
        "imports": sum(
            map(_imports, [*(folder / "logs").glob(f"{stage}.log"), *(folder / "logs" / stage).glob("*.log")])
        ),
    }


def _imports(log: Path) -> float:
    """Seconds of the outermost imports that a log tells of: those not indented."""
    text = log.read_text(encoding="utf-8", errors="replace")
    return sum(int(match[1]) for match in IMPORT.finditer(text)) / 1e6


def _start() -> float:
    """Seconds until a job's own lines begin: Python, and what Snakemake puts before a script."""
    command = [sys.executable, "-c", "from snakemake import script"]
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(command, check=True)
        times.append(time.perf_counter() - start)
    return min(times)
