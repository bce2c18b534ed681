"""Table 9."""

import pytest

from tests.support.synthetic import about, scores
from topicbench.statistics.anova import two_way
from topicbench.views.contract import views


def test_table_9_is_the_analysis_of_variance_of_each_metric():
    given = scores(about("prompts", num_topics=[10]))
    frame = given.rows
    frame.loc[(frame["metric"] == "purity") & (frame["prompt"] == "prompt3"), "value"] += 0.5
    frame.loc[frame["metric"] == "i_rbo", "value"] = 0.25
    table = views()["table9"].make(given)
    rows = {row[0].text: row for row in table.sections[0].rows}
    assert list(rows) == ["C_V", "LLM", "I-RBO", "Purity"]
    chosen = frame[(frame["metric"] == "purity")]
    expected = two_way(chosen["value"], list(chosen["prompt"]), list(chosen["seed"]))
    assert rows["Purity"][1].text == f"{expected.prompt.f:.2f}"
    assert rows["Purity"][2].text == "<.001"
    assert rows["Purity"][3].record["F"] == pytest.approx(expected.seed.f)
    assert rows["Purity"][1].record["residual_df"] == 4 * 2
    assert [cell.text for cell in rows["I-RBO"][1:]] == ["–"] * 4
    assert "5 prompts (prompt1, prompt2, prompt3, prompt4, prompt5; see Table 8) × 3 random seeds" in table.caption


def test_table_9_with_one_seed_shows_dashes_and_says_why():
    table = views()["table9"].make(scores(about("prompts", seeds=[0])))
    assert [section.title for section in table.sections] == ["K = 5", "", "K = 10", ""]
    assert {cell.text for row in table.sections[1].rows for cell in row[1:]} == {"–"}
    assert "nothing to test" in table.caption
