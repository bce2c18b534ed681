"""A view added by one file, as docs/add_a_view.md says: found, tested, made of scores."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.support import ROOT

pytestmark = pytest.mark.workflow

PAGE = ROOT / "docs/add_a_view.md"
TEMPLATE = ROOT / "docs/view_template.py"
MADE = """
import sys
sys.path.insert(0, ".")
from tests.support.synthetic import scores
from topicbench.views import render
from topicbench.views.contract import views
print(render.texts(views()["topic_diversity"].make(scores()))["md"])
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the package and the views' tests with one file more."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("workflow", "tests/unit/views", "tests/support"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copy(TEMPLATE, root / "workflow/topicbench/views/topic_diversity.py")
    return root


def python(checkout, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(checkout / "workflow"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=600)


def lines(code):
    return [line for line in code.splitlines() if line]


def test_the_page_is_the_file():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 5
    assert lines("\n".join(blocks)) == lines(TEMPLATE.read_text(encoding="utf-8"))


def test_it_passes_the_conformance_test(checkout):
    command = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/unit/views/test_views.py",
        "-k",
        "topic_diversity",
    ]
    result = python(checkout, *command)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    assert int(re.search(r"(\d+) passed", result.stdout)[1]) >= 6


def test_it_is_made_of_scores(checkout):
    result = python(checkout, "-c", MADE)
    assert result.returncode == 0, result.stderr[-3000:]
    head, _, first, *_ = result.stdout.splitlines()
    assert head == "| Method | StackOverflow | 20NewsGroup |"
    assert re.fullmatch(r"\| LDA \| \.\d{3} \| \.\d{3} \|", first)
    assert "Mean over 2 numbers of topics (K = 5, 10) with 3 random seeds (0, 1, 2) per K: n = 6." in result.stdout
