"""What a cluster is told of a job is measured when it runs: each job that a dry run lists leaves its benchmark file."""

import subprocess
import sys

import pytest

from tests.support import ROOT, TINY

pytestmark = pytest.mark.end_to_end

LISTED = f"""import sys
sys.path[:0] = [{str(ROOT / "workflow")!r}, {str(ROOT)!r}]
from tools.plan import dry_run
print(*(job.benchmark for job in dry_run({str(TINY)!r}) if job.benchmark), sep="\\n")
"""


def test_every_planned_job_left_its_benchmark_and_no_other_did(finished):
    listed = subprocess.run([sys.executable, "-c", LISTED], cwd=ROOT, capture_output=True, text=True, check=True)
    left = {str(path.relative_to(finished)) for path in (finished / "results/benchmarks").rglob("*.tsv")}
    assert left == set(listed.stdout.split())
