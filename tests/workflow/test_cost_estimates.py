"""What the plan says of a run holds of the run: its jobs, and benchmark files to fit costs to."""

import pytest
from running import ROOT, TINY

from topicbench.config import load as config_file
from topicbench.plan.costs import costs, grid
from topicbench.plan.costs.__main__ import refit
from topicbench.plan.costs.sizes import measured
from topicbench.plan.costs.work import Scale
from topicbench.plan.targets import Plan

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def scale():
    config = config_file.load(TINY)
    return Scale(Plan(config), measured(config, ROOT), ROOT)


def test_every_planned_job_left_its_benchmark_and_no_other_did(finished, scale):
    planned = {job.benchmark for job in grid.jobs(scale) if job.benchmark}
    left = {str(path.relative_to(finished)) for path in (finished / "results/benchmarks").rglob("*.tsv")}
    assert left == planned


def test_costs_can_be_fitted_to_it(finished, scale, tmp_path):
    refit(scale, finished, tmp_path / "costs.json")
    fitted, _ = costs.load(tmp_path / "costs.json")
    methods = {f"fit:{name}" for name in scale.config.methods}
    assert methods <= set(fitted)
    for job in grid.jobs(scale):
        seconds, megabytes = costs.estimate(fitted, job.stage, job.work)
        # Within a day and a terabyte: nothing explodes.
        assert 0 < seconds < 86400
        assert 50 < megabytes < 1e6
