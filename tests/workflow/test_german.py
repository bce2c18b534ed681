"""A corpus that is not English, through the workflow and into a table."""

import pandas as pd
import pytest
import yaml

from tests.support import ROOT
from tests.support.running import snakemake


@pytest.fixture
def german():
    """The German configuration without its language model, which is of no language in particular."""
    values = yaml.safe_load((ROOT / "config/german.yaml").read_text(encoding="utf-8"))
    return {**values, "methods": {"lda": values["methods"]["lda"]}, "slms": {}}


def test_german_words_become_topics_and_are_scored_over_german_text(tmp_path, german, configured):
    stop_words = tmp_path / "stop_words.txt"
    stop_words.write_text("der\ndie\ndas\nund\nzug\n", encoding="utf-8")
    german["corpora"]["german-notes"]["tokens"]["stop_words"] = str(stop_words)
    folder = tmp_path / "run"
    result = snakemake(folder, "results/table1.csv", configfile=configured(german))
    assert result.returncode == 0, result.stdout[-3000:]
    vocabulary = (folder / "results/corpora/german-notes/v100/vocabulary.txt").read_text(encoding="utf-8").split()
    assert {"mannschaft", "soße", "bahnhof", "wasser", "festplatte"} <= set(vocabulary)
    assert set(vocabulary).isdisjoint({"der", "und", "zug", "bahnsteige"})
    # spaCy's own stop words are no longer left out.
    assert {"für", "sich"} & set(vocabulary)
    table = pd.read_csv(folder / "results/table1.csv")
    table = table[table["method"] == "lda"].set_index("metric")
    # The words occur together in the notes themselves; over English text they would not occur at all.
    assert table.loc["c_v", "mean"] > 0.2
    assert table.loc["purity", "mean"] > 0.2
