"""Tables 5, 6 and 8."""

import numpy as np
import pandas as pd
import pytest

from tests.support import synthetic
from topicbench.core.errors import TopicbenchError
from topicbench.metrics.judges.prompt import SYSTEM_PROMPT
from topicbench.views import render
from topicbench.views.contract import Scores
from topicbench.views.table5 import Table5, count
from topicbench.views.table6 import Table6
from topicbench.views.table8 import Table8

CORPUS = pd.DataFrame({"text": ["one two", "", "one two", " three\tfour five \n", "  "], "label": [0, 1, 0, 2, 1]})


def table_6(**changes):
    return Table6().make(Scores(synthetic.about("", **changes)))


def test_table_5_counts():
    assert count(CORPUS, np.array([True, False, True, True, False])) == {
        "documents": 5,
        "labels": 3,
        "mean_words": 7 / 5,
        "empty": 2,
        "distinct": 4,
        "kept": 3,
    }


def test_table_5_has_a_row_per_corpus_and_a_dash_without_labels(tmp_path):
    files = {"documents": [tmp_path / "a.parquet", tmp_path / "b.parquet"], "kept": [tmp_path / "kept.npy"] * 2}
    CORPUS.to_parquet(files["documents"][0])
    CORPUS.drop(columns="label").to_parquet(files["documents"][1])
    np.save(files["kept"][0], np.ones(5, bool))
    table = Table5().make(Scores(synthetic.about(""), files=files))
    texts = [[cell.text for cell in row] for row in table.sections[0].rows]
    assert texts == [["StackOverflow", "5", "3", "1.4", "2", "4", "5"], ["20NewsGroup", "5", "–", "1.4", "2", "4", "5"]]
    assert "stackoverflow,mean_words,1.4" in render.to_csv(table)
    files["kept"][1].unlink()
    with pytest.raises(TopicbenchError, match="file not found"):
        Table5().make(Scores(synthetic.about(""), files=files))


def test_table_6_is_the_prompt_that_the_judge_gets():
    assert table_6().sections[0].rows[0][0].text == SYSTEM_PROMPT
    assert "gpt-4o" in table_6().caption
    local = table_6(judge={"title": "SmolLM2", "local": True}).caption
    assert "SmolLM2 rates" in local
    assert "expected value over the next token" in local
    assert "none is configured" in table_6(judge=None).caption


def test_table_8_lists_the_default_and_the_variants_compared():
    compared = {name: synthetic.PROMPTS[name] for name in ("default", "prompt2", "prompt5")}
    rows = Table8().make(Scores(synthetic.about("", prompts=compared))).sections[0].rows
    assert [row[0].text for row in rows] == ["default", "prompt2", "prompt5"]
    assert rows[2][1].text == "Generate a tag that captures the primary theme running through the entire document."
