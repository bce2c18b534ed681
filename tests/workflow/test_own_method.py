"""A method and a control added by one file each, as docs/add_a_method.md says: found, tested, fitted, in a table."""

import os
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml

from tests.support import ROOT
from tests.support.running import snakemake

PAGE = ROOT / "docs/add_a_method.md"
TEMPLATES = {"models/mynmf.py": "docs/method_template.py", "models/controls/dealt_words.py": "docs/control_template.py"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the checkout with a method and a control more."""
    root = tmp_path_factory.mktemp("checkout")
    ignored = shutil.ignore_patterns("__pycache__", ".snakemake")
    for folder in ("workflow", "config", "envs", "tests/unit/models", "tests/support"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    (root / "data").symlink_to(ROOT / "data")
    for file in ("Snakefile", "pyproject.toml"):
        shutil.copy(ROOT / file, root)
    for name, template in TEMPLATES.items():
        shutil.copy(ROOT / template, root / "workflow/topicbench" / name)
    return root


def lines(code):
    return [line for line in code.splitlines() if line]


def test_the_page_is_the_files():
    parts = PAGE.read_text(encoding="utf-8").split("## Adding a control")
    blocks = [re.findall(r"```python\n(.*?)```", part, re.DOTALL) for part in parts]
    assert [len(found) for found in blocks] == [7, 1]
    for found, template in zip(blocks, TEMPLATES.values(), strict=True):
        assert lines("\n".join(found)) == lines((ROOT / template).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["mynmf", "dealt"])
def test_it_passes_the_conformance_test(checkout, name):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/models/test_conformance.py"]
    result = subprocess.run(
        [*command, "-k", name], cwd=checkout, env={**os.environ}, capture_output=True, text=True, timeout=600
    )
    assert result.returncode == 0, result.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", result.stdout)[1]) >= 6
    assert "skipped" not in result.stdout


def test_it_has_its_row_in_the_table(checkout, tmp_path, configured):
    values = yaml.safe_load((ROOT / "config/german.yaml").read_text(encoding="utf-8"))
    values.update(methods={"mynmf": {"iterations": 100}}, controls=["dealt-words"], slms={})
    folder = tmp_path / "run"
    result = snakemake(folder, "results/table1.csv", configfile=configured(values), root=checkout)
    assert result.returncode == 0, result.stdout[-3000:]
    table = pd.read_csv(folder / "results/table1.csv")
    row = table[table["method"] == "mynmf"].set_index("metric")["mean"]
    # 210 notes of five themes; purity of topics that know nothing of them is about 0.22.
    assert row["purity"] > 0.3
    assert 0 < row["i_rbo"] <= 1
    assert {"My NMF", "Dealt words"} <= set(table["title"])


def test_a_misspelt_setting_of_it_is_refused(checkout, tmp_path, configured):
    values = yaml.safe_load((ROOT / "config/german.yaml").read_text(encoding="utf-8"))
    values.update(methods={"mynmf": {"iteration": 100}}, slms={})
    result = snakemake(tmp_path / "run", "results/table1.csv", configfile=configured(values), root=checkout)
    assert result.returncode != 0
    assert "methods.mynmf.iteration: Extra inputs are not permitted" in result.stdout
