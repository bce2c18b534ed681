"""The listed jobs are those of Snakemake's own graph, and what is printed adds up."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from topicbench.config import load as config_file
from topicbench.config.located import located
from topicbench.plan.costs import __main__ as planning
from topicbench.plan.costs import costs, grid
from topicbench.plan.costs.report import report
from topicbench.plan.costs.sizes import declared
from topicbench.plan.costs.work import Scale
from topicbench.plan.targets import Plan

ROOT = Path(__file__).parents[3]
CONFIGS = {path.name: path for path in [*sorted((ROOT / "config").glob("*.yaml")), ROOT / "tests/workflow/tiny.yaml"]}


def scale_of(path):
    config = located(config_file.load(path))
    return Scale(Plan(config), declared(config))


def dry_run(path, folder):
    """Rule → jobs, as a dry run counts them."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder, "-n"]
    command += ["--configfile", path, "--", "all"]
    result = subprocess.run(
        [str(part) for part in command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=True
    )
    table = (result.stdout + result.stderr).split("Job stats:")[1].split("total")[0]
    return Counter({rule: int(count) for rule, count in re.findall(r"^(\w+)\s+(\d+)$", table, re.MULTILINE)})


@pytest.mark.parametrize("name", CONFIGS)
def test_the_jobs_are_those_of_a_dry_run(tmp_path, name):
    counted = dry_run(CONFIGS[name], tmp_path)
    listed = Counter(job.rule for job in grid.jobs(scale_of(CONFIGS[name])))
    fits = sum(count for rule, count in counted.items() if rule.startswith("fit_"))
    assert listed["fit"] == fits
    others = {rule: count for rule, count in counted.items() if rule in grid.STAGES}
    assert {rule: listed[rule] for rule in others} == others
    # Typesetting is asked for only where pdflatex is, and `all` does nothing.
    counted.subtract({"all": 1, "paper": counted["paper"]})
    assert listed.total() == counted.total()


def test_every_job_has_a_benchmark_file_of_its_own():
    for path in CONFIGS.values():
        benchmarks = [job.benchmark for job in grid.jobs(scale_of(path)) if job.benchmark]
        assert len(set(benchmarks)) == len(benchmarks)


def test_the_sums_printed_are_those_of_the_jobs():
    scale = scale_of(CONFIGS["tiny.yaml"])
    jobs = grid.jobs(scale)
    text = report(scale, jobs, {}, "nothing", 50)
    assert f"{len(jobs):,} jobs" in text
    # Every job costs the constant of one that is not measured.
    assert f"{len(jobs) * costs.OTHER_SECONDS / 3600:,.1f} core-hours on processors alone" in text
    runs = len(scale.plan.runs)
    assert re.search(rf"^all +{runs}$", text, re.MULTILINE)


def test_a_faster_gpu_takes_less_time():
    scale = scale_of(CONFIGS["tiny.yaml"])
    jobs = grid.jobs(scale)
    hours = [
        float(re.search(r"and ([\d.,]+) GPU-hours", report(scale, jobs, {}, "", teraflops))[1])
        for teraflops in (0.001, 0.002)
    ]
    assert hours[0] == pytest.approx(2 * hours[1], abs=0.02)
    assert hours[0] > 0


def test_the_command_prints_the_grid_and_its_error(capsys):
    assert planning.main([str(CONFIGS["config.yaml"])]) == 0
    printed = capsys.readouterr().out
    assert "core-hours" in printed
    assert "Fitted to: " in printed
    assert "stackoverflow 1,200" in printed


def test_the_command_refuses_a_bad_configuration(tmp_path, capsys):
    (tmp_path / "bad.yaml").write_text("sedes: [1]\n" + CONFIGS["config.yaml"].read_text())
    assert planning.main([str(tmp_path / "bad.yaml")]) == 1
    assert capsys.readouterr().err.startswith(f"topicbench: {tmp_path}/bad.yaml, line 1: sedes: unknown key")


def test_a_fit_without_benchmarks_is_refused(tmp_path, capsys):
    before = costs.COEFFICIENTS.read_bytes()
    assert planning.main(["--fit", "--directory", str(tmp_path), str(CONFIGS["config.yaml"])]) == 1
    assert "holds no benchmark of this configuration" in capsys.readouterr().err
    assert costs.COEFFICIENTS.read_bytes() == before


def test_a_fit_reads_the_benchmarks_of_a_run(tmp_path):
    scale = scale_of(CONFIGS["tiny.yaml"])
    header = "s\tmax_rss\tcpu_time\n"
    for job in grid.jobs(scale):
        if job.benchmark:
            path = tmp_path / job.benchmark
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{header}10\t{300 + job.work.held_mb}\t{2 + sum(job.work.terms)}\n")
    printed = planning.refit(scale, tmp_path, tmp_path / "costs.json")
    fitted, measured_on = costs.load(tmp_path / "costs.json")
    assert set(fitted) == {job.stage for job in grid.jobs(scale) if job.benchmark}
    assert measured_on.startswith(f"{sum(cost.jobs for cost in fitted.values())} jobs (stackoverflow 200 documents)")
    assert measured_on in printed
