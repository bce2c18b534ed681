"""The small configuration that faults are tried on: real parts, two methods, half a minute on two cores."""

import os
import shutil

import numpy as np
import pyarrow.parquet as parquet
import yaml

from tests.support import ROOT, TINY

TARGETS = [f"results/table{number}.md" for number in (1, 2, 5, 6, 7, 8)]
TARGETS += ["results/scores.csv", "results/statistics.csv", "results/paper_comparison.md"]


def values(folder, model):
    """The configuration over a reference corpus of 60 articles, written into ``folder``, and a prepared ``model``."""
    folder.mkdir(parents=True, exist_ok=True)
    reference = folder / "reference.parquet"
    articles = parquet.read_table(ROOT / "data/wikipedia_en_sample.parquet")
    parquet.write_table(articles.slice(0, 60), reference)
    chosen = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    chosen.update(
        num_topics=[4],
        vocabulary_size=60,
        methods={"lda": {}, "softlabel": {"num_epochs": 3}},
        encoder=None,
        word_vectors={},
        controls=[],
        judge=None,
        reference={"name": "articles", "title": "60 articles", "path": str(reference)},
        experiments={"main": {}},
        slms={"smollm2": {"title": "SmolLM2-135M", "folder": str(model), "chunk_documents": 8, "batch_tokens": 128}},
    )
    chosen["corpora"]["stackoverflow"]["sample"]["documents"] = 120
    return chosen


def write(path, chosen):
    """Write values as a configuration file; its path."""
    path.write_text(yaml.safe_dump(chosen, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def write_large(folder):
    """The small configuration with a corpus of a megabyte, large.csv, that does not shrink much; its path."""
    letters = np.random.default_rng(0).choice([*"abcdefghijklmnopqrstuvwxyz"], (8000, 120))
    table = "text,label\n" + "".join(f"{''.join(row)},{number % 5}\n" for number, row in enumerate(letters))
    (folder / "large.csv").write_text(table)
    chosen = values(folder, folder)
    chosen["corpora"]["stackoverflow"] = {"title": "Large", "path": str(folder / "large.csv")}
    return write(folder / "large.yaml", chosen)


def copy(folder, target):
    """A copy of a finished run, with all times; the language model's weights, half a gigabyte, are linked."""

    def copied(source, place):
        large = os.path.getsize(source) > 10_000_000
        return os.link(source, place) if large else shutil.copy2(source, place)

    return shutil.copytree(folder, target, copy_function=copied)
