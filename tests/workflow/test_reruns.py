"""What an edit makes again: of the code, of the configuration, of results. Each time just what depends on it."""

import re
import shutil

import pytest
import yaml

from tests.support import ROOT
from tests.support.running import snakemake

pytestmark = pytest.mark.end_to_end

ALL_SCORED = {"score", "ratings", "experiment_scores", "scores"}
VIEWS_OF_SCORES = {
    *(f"view_{name}" for name in ("table1", "table2", "table3", "table4", "table7", "table9", "statistics")),
    *(f"view_{name}" for name in ("protocol", "calibration", "coherence_agreement", "backbones", "heldout")),
    *(f"view_{name}" for name in ("figure3", "figure4", "figure5", "figure_ranks", "paper_comparison")),
}
VIEWS_WITHOUT_SCORES = {f"view_{name}" for name in ("table5", "table6", "table8", "figure1", "figure2")}
PAPER = {"paper_source"}


def listed(folder, root=ROOT, configfile=None):
    """The rules that a dry run lists, the numbered rules of fits as one, without the target itself."""
    result = snakemake(folder, "all", *(["--dry-run", "--quiet", "progress"]), root=root, configfile=configfile)
    printed = result.stdout + result.stderr
    assert result.returncode == 0, printed[-3000:]
    if "Nothing to be done" in printed:
        return set()
    table = re.search(r"^job +count\n-+ +-+\n(.*?)^total ", printed, re.DOTALL | re.MULTILINE)
    rules = {line.split()[0] for line in table[1].splitlines()}
    return {re.sub(r"^(fit_[a-z]+)_.*", r"\1", rule) for rule in rules - {"all"}}


@pytest.fixture
def edited(tmp_path):
    """A copy of the checkout with one edit of its code."""

    def edit(path, old, new):
        root = tmp_path / "checkout"
        for folder in ("workflow", "config", "envs", "profiles"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        (root / "data").symlink_to(ROOT / "data")
        shutil.copy(ROOT / "Snakefile", root)
        file = root / "workflow" / path
        assert old in file.read_text(encoding="utf-8")
        file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        return root

    return edit


def test_a_finished_workflow_has_nothing_to_do_wherever_its_checkout_lies(finished, edited):
    assert listed(finished) == set()
    assert (
        listed(finished, edited("topicbench/core/files.py", "import hashlib", "import hashlib  # as it was")) == set()
    )


@pytest.mark.parametrize(
    ("path", "old", "new", "rules"),
    [
        (
            "topicbench/corpora/documents.py",
            "drop_duplicates: bool = False",
            "drop_duplicates: bool = bool(0)",
            {"documents"},
        ),
        ("topicbench/corpora/vocabulary.py", "def build_vocabulary(", "UNUSED = 1\n\n\ndef build_vocabulary(", None),
        ("topicbench/features/hidden_states.py", "def extract(", "UNUSED = 1\n\n\ndef extract(", None),
        ("topicbench/features/encoder.py", "def embed(", "UNUSED = 1\n\n\ndef embed(", {"embeddings_of_bags"}),
        ("topicbench/models/lda.py", "class LDA", "UNUSED = 1\n\n\nclass LDA", {"fit_octis"}),
        ("topicbench/metrics/diversity.py", "METRICS = ", "UNUSED = 1\nMETRICS = ", set()),
        ("topicbench/statistics/anova.py", "def two_way(", "UNUSED = 1\n\n\ndef two_way(", {"view_table9"}),
        ("topicbench/views/table5.py", "# Docs", "Documents", {"view_table5"}),
        ("topicbench/views/table1.py", "Automatic evaluation", "Evaluation", {"view_table1"}),
        ("topicbench/experiments/heldout.py", "The table heldout.", "Documents held out.", set()),
    ],
)
def test_an_edit_of_the_code_makes_again_what_it_made(finished, edited, path, old, new, rules):
    found = listed(finished, edited(path, old, new))
    assert found == rules


EDITS = [
    (["corpora", "stackoverflow", "title"], "SO", set()),
]


def test_a_deleted_result_is_made_again(finished, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder, symlinks=True)
    lost = folder / "results/runs/stackoverflow/v120/lda/default/K6/seed1"
    shutil.rmtree(lost)
    assert "fit_octis" in listed(folder)


@pytest.mark.parametrize(("path", "value", "rules"), EDITS)
def test_an_edit_of_the_configuration_makes_again_what_it_changes(finished, tiny, configured, path, value, rules):
    section = tiny
    for key in path[:-1]:
        section = section[key]
    section[path[-1]] = value
    assert listed(finished, configfile=configured(yaml.safe_load(yaml.safe_dump(tiny)))) == rules
