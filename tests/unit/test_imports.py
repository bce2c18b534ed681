"""What every start of the workflow and every job pays for: importing."""

import subprocess
import sys

import pytest

from tests.support import ROOT

WORKFLOW = ROOT / "workflow"


@pytest.mark.parametrize(
    ("statement", "without"),
    [
        (
            "from topicbench import plan; from topicbench.models.contract import methods; methods()",
            ("torch", "transformers", "sklearn", "scipy.stats", "pandas", "numba"),
        ),
        ("import topicbench.views.frame, topicbench.metrics.score", ("torch", "sklearn", "matplotlib", "scipy.stats")),
    ],
    ids=["plan", "scores"],
)
def test_no_library_is_imported_before_it_is_needed(statement, without):
    code = f"import sys\nsys.path.insert(0, {str(WORKFLOW)!r})\n{statement}\nprint(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True)
    assert set(without) & set(result.stdout.split()) == set()
