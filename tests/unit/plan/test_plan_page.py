"""The page of `make plan`: its jobs are those of a dry run, its sums are right, and it is near to what was measured."""

import csv
import re
import subprocess
import sys

import pytest

from tests.support import ROOT, TINY

pytestmark = pytest.mark.workflow

CONFIGS = {path.name: path for path in [*sorted((ROOT / "config").glob("*.yaml")), TINY]}
TIMED = f"""import sys, time
sys.path[:0] = [{str(ROOT / "workflow")!r}, {str(ROOT)!r}]
from pathlib import Path
from tools import plan
jobs = plan.dry_run(Path(sys.argv[1]))
plan.dry_run = lambda config: jobs
print(plan.page(Path(sys.argv[1])))
print("processor seconds:", time.process_time())
print(*(f"benchmark: {{job.benchmark}}" for job in jobs if job.benchmark), sep="\\n")
"""


def run(*command):
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module", params=CONFIGS)
def printed(request):
    """The name of a configuration and what is printed of it."""
    result = run(sys.executable, "-c", TIMED, CONFIGS[request.param])
    assert result.returncode == 0, result.stderr
    return request.param, result.stdout


def table(text):
    """First cell → the others, as numbers."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {name: [float(cell.replace(",", "")) for cell in cells] for name, *cells in lines[2:]}


def test_the_jobs_are_those_of_a_dry_run(tmp_path, printed):
    name, text = printed
    command = (sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", tmp_path, "-n")
    result = run(*command, "--configfile", CONFIGS[name], "--", "all")
    stats = (result.stdout + result.stderr).split("Job stats:")[1].split("total")[0]
    counted = {rule: int(count) for rule, count in re.findall(r"^(\w+)\s+(\d+)$", stats, re.MULTILINE)}
    assert counted.pop("all") == 1
    rows = table(text)
    assert rows["all"][0] == sum(counted.values())
    fits = sum(count for rule, count in counted.items() if rule.startswith("fit_"))
    assert sum(row[0] for rule, row in rows.items() if rule.startswith("fit ")) == fits
    others = {rule: count for rule, count in counted.items() if not rule.startswith("fit_")}
    assert {rule: row[0] for rule, row in rows.items() if rule != "all" and not rule.startswith("fit ")} == others


def test_the_last_row_is_the_sum_or_the_largest(printed):
    rows = table(printed[1])
    *rest, last = rows.values()
    jobs, hours, gpu_hours, memory, time, disk = zip(*rest, strict=True)
    assert last[0] == sum(jobs)
    assert last[1:3] == pytest.approx([sum(hours), sum(gpu_hours)], abs=0.005 * len(rest))
    assert last[3:5] == [max(memory), max(time)]
    assert last[5] == pytest.approx(sum(disk), abs=0.005 * len(rest))


def test_it_is_there_within_seconds(printed):
    # Six for the paper's grid; processor time too grows where the machine is shared.
    assert float(re.search("processor seconds: (.+)", printed[1])[1]) < 20


def test_every_job_has_a_benchmark_file_of_its_own(printed):
    benchmarks = re.findall("^benchmark: (.+)$", printed[1], re.MULTILINE)
    assert len(set(benchmarks)) == len(benchmarks) > 10


@pytest.mark.parametrize("printed", ["config.yaml"], indirect=True)
def test_hours_are_within_a_factor_of_two_of_those_measured(printed):
    with (ROOT / "tests/unit/plan/measured.csv").open(encoding="utf-8") as file:
        next(file)
        rows = [row for row in csv.DictReader(file) if row["configuration"] == printed[0]]
    assert 0.5 < 3600 * table(printed[1])["all"][1] / sum(float(row["core_seconds"]) for row in rows) < 2


def test_a_bad_configuration_is_refused_before_snakemake_reads_it(tmp_path):
    (tmp_path / "bad.yaml").write_text("sedes: [1]\n" + CONFIGS["config.yaml"].read_text())
    result = run("env", "PYTHONPATH=workflow", sys.executable, "tools/plan.py", tmp_path / "bad.yaml")
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"topicbench: {tmp_path}/bad.yaml, line 1: sedes: unknown key")
