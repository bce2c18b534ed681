"""A metric added by one file, as docs/add_a_metric.md says: found, tested, scored, defined; the list of all metrics."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tools.list_metrics import page

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/add_a_metric.md"
TEMPLATE = ROOT / "docs/metric_template.py"

SCORE = """
import json, sys
import numpy as np, pandas as pd
from topicbench.metrics.contract import Context, Resources, definitions
from topicbench.metrics.score import score_runs

documents = pd.DataFrame({"text": ["one", "two", "three", "four"]})
table = score_runs([sys.argv[1]], Resources(), 10, documents, np.ones(4, dtype=bool))
rows = table[table["metric"] == "document_focus"]
print(json.dumps([rows["value"].tolist(), definitions(Context(10, "a corpus"))["document_focus"]]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of the package with one file more, and the conformance test."""
    root = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "workflow/topicbench", root / "workflow/topicbench", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copy(ROOT / "tests/unit/metrics/test_every_metric.py", root)
    shutil.copy(TEMPLATE, root / "workflow/topicbench/metrics/focus.py")
    return root


def run(package, *command):
    environment = {**os.environ, "PYTHONPATH": str(package / "workflow")}
    done = subprocess.run([sys.executable, *command], cwd=package, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def lines(code):
    return [line for line in code.splitlines() if line]


def test_the_page_is_the_file():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    assert lines("\n".join(blocks)) == lines(TEMPLATE.read_text(encoding="utf-8"))


def test_it_passes_the_conformance_test(package):
    output = run(
        package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_every_metric.py", "-k", "document_focus"
    )
    assert int(re.search(r"(\d+) passed", output)[1]) >= 10
    assert "skipped" not in output


def test_a_run_is_scored_by_it(package, tmp_path):
    theta = np.array([[1, 0.5], [0, 0.5], [0, 0.5], [0, 0.5]], dtype=np.float32)
    counts = {"topics_obtained": 2, "topics_of_repeated_words": 0, "topics_of_fewer_words": 0}
    np.save(tmp_path / "theta.npy", theta)
    (tmp_path / "topics.json").write_text(json.dumps([["a", "b"], ["c", "d"]]))
    (tmp_path / "run.json").write_text(json.dumps({"num_topics": 2, "seed": 0, "documents": "all", **counts}))
    values, definition = json.loads(run(package, "-c", SCORE, str(tmp_path)))
    # The first topic is of one document, the second of all alike; before them their mean.
    assert values == pytest.approx([0.5, 1, 0])
    assert definition["computed"]
    assert definition["definition"].startswith("divergence of the documents of a topic")


def test_the_list_of_metrics_is_generated_from_them():
    assert (ROOT / "docs/metrics.md").read_text(encoding="utf-8") == page(), "run `make docs`"
