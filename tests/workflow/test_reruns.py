"""What an edit makes again, of the code and of the configuration: each time just what depends on it.

Edits of code change no result; that a dry run lists a rule means that Snakemake would see for itself.
"""

import re
import shutil

import pytest

from tests.support import ROOT, TINY
from tests.support.running import snakemake

pytestmark = pytest.mark.end_to_end

MAIN = {f"view_{name}" for name in ("table1", "table2", "table7", "statistics", "coherence_agreement", "figure_ranks")}
COMPARED = {"view_paper_comparison"}
OTHERS = {
    *(f"view_{name}" for name in ("table3", "table4", "table9", "figure3", "figure4", "figure5")),
    *(f"view_{name}" for name in ("protocol", "calibration", "backbones", "heldout")),
}
OF_SCORES = MAIN | OTHERS | COMPARED
WITHOUT_SCORES = {f"view_{name}" for name in ("table5", "table6", "table8", "figure1", "figure2")}
PAPER = {"paper_source"}
GATHERED = {"experiment_scores", "scores"}
DRAWN = GATHERED | OF_SCORES | PAPER
SCORED = {"score", "ratings"} | DRAWN
TITLED = DRAWN | WITHOUT_SCORES
FITS = {f"fit_{environment}" for environment in ("analysis", "bertopic", "octis", "slm", "topmost")}
OF_LANGUAGE_MODEL = {"hidden_states", "vocabulary_logits", "surface_forms", "fit_slm", "fit_topmost", "costs"} | SCORED


def listed(folder, root=ROOT, configfile=TINY):
    """The rules that a dry run lists, without the target itself; of fits without their seeds."""
    result = snakemake(folder, "all", root=root, configfile=configfile, options=["--dry-run"])
    assert result.returncode == 0, result.stdout[-3000:]
    if "Nothing to be done" in result.stdout:
        return set()
    table = re.search(r"^job +count\n-+ +-+\n(.*?)^total ", result.stdout, re.DOTALL | re.MULTILINE)
    rules = {line.split()[0] for line in table[1].splitlines()} - {"all"}
    return {re.sub(r"^(fit_[a-z]+)_.*", r"\1", rule) for rule in rules}


@pytest.fixture
def edited(tmp_path):
    """A copy of the checkout with one edit of its code."""

    def edit(path, old, new):
        root = tmp_path / "checkout"
        for folder in ("workflow", "config", "envs", "profiles"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        (root / "data").symlink_to(ROOT / "data")
        shutil.copy(ROOT / "Snakefile", root)
        file = root / "workflow/topicbench" / path
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return root

    return edit


def before(line):
    """An edit that puts a new constant before ``line``."""
    return line, f"UNUSED = 1\n\n\n{line}"


@pytest.mark.parametrize(
    ("path", "edit", "rules"),
    [
        ("core/files.py", ("import hashlib", "import hashlib  # SHA-256"), set()),
        ("features/section.py", ("Documents per resumable chunk", "Documents of a chunk"), set()),
        ("experiments/heldout.py", ("order = 10", "order = 11"), set()),
        ("features/hidden_states.py", before("def extract("), OF_LANGUAGE_MODEL | {"view_figure1", "judge_check"}),
        ("models/lda.py", before("class LDA"), None),
        ("models/controls/random_topics.py", before("class RandomTopics"), None),
        ("metrics/diversity.py", before("METRICS = "), SCORED),
        ("metrics/judges/check.py", before("def check("), {"judge_check"} | DRAWN),
        ("statistics/anova.py", before("def two_way("), {"view_table9", *COMPARED, *PAPER}),
        ("views/table5.py", ("# Docs", "Documents"), {"view_table5", *COMPARED, *PAPER}),
        ("views/table1.py", ("Automatic evaluation", "Evaluation"), {"view_table1", *PAPER}),
        ("views/figure5.py", before("class "), {"view_figure5", *PAPER}),
    ],
)
def test_an_edit_of_the_code_makes_again_what_it_made(finished, edited, path, edit, rules):
    after_lda = {"fit_octis", "fit_analysis", "costs", "score", "ratings", *GATHERED, *MAIN, *COMPARED, *PAPER}
    expected = {
        "models/lda.py": after_lda | {f"view_{name}" for name in ("figure5", "heldout", "protocol", "table4")},
        "models/controls/random_topics.py": after_lda - {"fit_octis", "costs"},
    }.get(path, rules)
    assert listed(finished, edited(path, *edit)) == expected


@pytest.mark.parametrize(
    ("key", "value", "rules"),
    [
        ("slms.smollm2.threads", 2, set()),
        ("slms.smollm2.batch_tokens", 1024, set()),
        ("slms.smollm2.chunk_documents", 32, set()),
        ("encoder.threads", 2, set()),
        ("judge.concurrency", 4, set()),
        ("judge.retries", 2, set()),
        ("judge.timeout_seconds", 30, set()),
        ("methods.lda", {"passes": 1}, set()),
        ("methods.prodlda", {"num_epochs": 3, "batch_size": 64}, set()),
        ("corpora.stackoverflow.title", "Titles", TITLED),
        ("slms.smollm2.title", "Small", TITLED),
        ("encoder.title", "MiniLM", TITLED),
        ("word_vectors.glove.title", "GloVe", TITLED),
        ("judge.title", "Judge", TITLED),
        ("reference.title", "Wikipedia", DRAWN),
        ("experiments.qualitative.classes", ["wordpress"], {"view_table4", *GATHERED, *PAPER}),
        ("experiments.heldout", None, {"costs", "scores", *PAPER}),
        (
            "experiments.temperature.temperatures",
            [1, 2, 3],
            {"fit_slm", "costs", "score", "ratings", "view_figure3", "view_figure4", *GATHERED, *PAPER},
        ),
        ("slms.smollm2.max_document_tokens", 64, OF_LANGUAGE_MODEL | WITHOUT_SCORES),
        ("prompts.default", "Name the theme.", OF_LANGUAGE_MODEL | WITHOUT_SCORES),
        ("methods.prodlda.num_epochs", 4, {"fit_octis", "costs"} | SCORED | WITHOUT_SCORES),
        ("seeds", [0, 1, 2], FITS | {"costs"} | SCORED | WITHOUT_SCORES),
        ("top_words", 10, FITS | {"costs", "judge_check"} | SCORED | WITHOUT_SCORES),
    ],
)
def test_an_edit_of_the_configuration_makes_again_what_it_changes(finished, tiny, configured, key, value, rules):
    *above, last = key.split(".")
    section = tiny
    for name in above:
        section = section[name]
    section[last] = value
    assert listed(finished, configfile=configured(tiny)) == rules


def test_a_deleted_run_is_noticed_and_made_again_from_what_was_kept(finished, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder, symlinks=True)
    lost = folder / "results/runs/stackoverflow/v120/lda/default/K6/seed1"
    kept = (lost / "theta.npy").read_bytes()
    shutil.rmtree(lost)
    assert "fit_octis" in listed(folder)
    result = snakemake(folder, str(lost.relative_to(folder)))
    assert result.returncode == 0, result.stdout[-3000:]
    assert (lost / "theta.npy").read_bytes() == kept
    assert "already there" in (folder / "logs/fit/stackoverflow-v120-lda-default-K6.log").read_text()
