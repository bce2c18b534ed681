"""Tables 5, 6 and 8."""

import numpy as np
import pandas as pd
from table_scores import configuration

from topicbench.views import render, table5, table6, table8


def corpus_frame():
    return pd.DataFrame({"text": ["one two", "", "one two", " three\tfour five \n", "  "], "label": [0, 1, 0, 2, 1]})


def test_table_5_counts():
    assert table5.count(corpus_frame(), np.array([True, False, True, True, False])) == {
        "documents": 5,
        "labels": 3,
        "mean_words": 7 / 5,
        "empty": 2,
        "distinct": 4,
        "kept": 3,
    }


def test_table_5_has_a_row_per_corpus_and_a_dash_without_labels():
    config = configuration()
    frames = {"stackoverflow": corpus_frame(), "20newsgroups": corpus_frame().drop(columns="label")}
    table = table5.make(config, frames, dict.fromkeys(frames, np.ones(5, bool)))
    texts = [[cell.text for cell in row] for row in table.sections[0].rows]
    assert texts == [["StackOverflow", "5", "3", "1.4", "2", "4", "5"], ["20NewsGroup", "5", "–", "1.4", "2", "4", "5"]]
    assert "stackoverflow,mean_words,1.4" in render.to_csv(table)


def test_table_6_is_the_prompt_that_the_judge_gets():
    from topicbench.metrics.judges.prompt import SYSTEM_PROMPT

    table = table6.make(configuration())
    assert table.sections[0].rows[0][0].text == SYSTEM_PROMPT
    assert "gpt-4o" in table.caption
    local = table6.make(configuration(judge={"title": "SmolLM2", "slm": "smollm2"}))
    assert "SmolLM2 rates" in local.caption
    assert "expected value over the next token" in local.caption
    assert "none is configured" in table6.make(configuration(judge=None)).caption


def test_table_8_lists_the_default_and_the_variants_compared():
    assert [row[0].text for row in table8.make(configuration()).sections[0].rows] == [
        *("default", "prompt1", "prompt2", "prompt3", "prompt4", "prompt5")
    ]
    config = configuration(experiments={"prompts": {"prompts": ["prompt2", "prompt5"]}})
    rows = table8.make(config).sections[0].rows
    assert [row[0].text for row in rows] == ["default", "prompt2", "prompt5"]
    assert rows[2][1].text == "Generate a tag that captures the primary theme running through the entire document."
