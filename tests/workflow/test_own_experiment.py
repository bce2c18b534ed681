"""An experiment added by one file, as docs/add_an_experiment.md says: found, run, drawn, and checked."""

import re
import shutil

import pandas as pd
import pytest

from tests.support import ROOT
from tests.support.running import snakemake

pytestmark = pytest.mark.end_to_end

PAGE = ROOT / "docs/add_an_experiment.md"
TEMPLATE = ROOT / "docs/experiment_template.py"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the checkout with an experiment more."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("workflow", "config", "envs", "profiles"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "Snakefile", root)
    (root / "data").symlink_to(ROOT / "data")
    shutil.copy(TEMPLATE, root / "workflow/topicbench/experiments/epochs.py")
    return root


def lines(code):
    return [line for line in code.splitlines() if line]


def test_the_page_is_the_file():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 6
    assert lines("\n".join(blocks)) == lines(TEMPLATE.read_text(encoding="utf-8"))


def test_it_is_run_and_drawn(finished, checkout, tiny, configured, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(finished, folder, symlinks=True)
    tiny["experiments"]["epochs"] = {"epochs": [5, 2]}
    result = snakemake(folder, "results/epochs.md", configfile=configured(tiny), root=checkout)
    assert result.returncode == 0, result.stdout[-3000:]
    scores = pd.read_csv(folder / "results/experiments/epochs.csv", dtype={"role": str})
    assert scores["role"].drop_duplicates().tolist() == ["5", "2"]
    # Five epochs are what the configuration says anyway: those runs are the main experiment's.
    assert not (folder / "results/runs/stackoverflow/v120/softlabel/smollm2-epochs5").exists()
    table = (folder / "results/epochs.md").read_text(encoding="utf-8")
    assert [line.split(" | ")[0] for line in table.splitlines() if "epochs |" in line] == ["| 2 epochs"]
    assert (folder / "results/epochs.tex").exists()


def test_a_mistake_in_its_section_is_refused(finished, checkout, tiny, configured):
    tiny["experiments"]["epochs"] = {"epochs": [5, 20_000]}
    result = snakemake(finished, "results/epochs.md", configfile=configured(tiny), root=checkout)
    assert result.returncode != 0
    assert "experiments.epochs.epochs: 20000 epochs never end" in result.stdout
