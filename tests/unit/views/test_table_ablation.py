"""Table 3."""

import numpy as np
import pytest
from scipy import stats

from tests.support.synthetic import ROWS, about, scores
from topicbench.views.contract import views

SHIFTS = {("softlabel", "smollm2-nll"): -0.2, ("softlabel", "ernie-nll"): 0.2, ("softlabel", "smollm2"): 0.001}


def make(given):
    return views()["table3"].make(given)


@pytest.fixture(scope="module")
def shown():
    given = scores(about("ablation"), shifts=SHIFTS)
    return given.rows, make(given)


def values(frame, variant, metric="c_v", corpus="stackoverflow"):
    chosen = (frame["variant"] == variant) & (frame["metric"] == metric) & (frame["corpus"] == corpus)
    return frame.loc[chosen, "value"].to_numpy()


def test_a_block_per_language_model_with_the_original_first(shown):
    _, table = shown
    assert [section.title for section in table.sections] == ["SmolLM2-135M", "", "ERNIE-4.5-0.3B", ""]
    assert [row[0].text for row in table.sections[1].rows] == [
        *("Original", "NLL", "NLL + BoW", "Embeddings", "NLL + BoW + Embeddings")
    ]


def test_the_original_is_a_level_and_the_others_are_signed_differences(shown):
    frame, table = shown
    original, nll = (row[1] for row in table.sections[1].rows[:2])
    level = values(frame, "smollm2").mean()
    assert original.text == f"{level:.3f}"[1:]
    assert original.mark == ""
    change = values(frame, "smollm2-nll").mean() - level
    assert change < -0.1
    assert nll.text == "−" + f"{-change:.3f}"[1:]
    assert nll.record["difference"] == pytest.approx(change)
    assert table.sections[3].rows[1][1].text.startswith("+.")


def test_green_and_red_follow_welch_and_direction(shown):
    frame, table = shown
    for body, slm in ((table.sections[1], "smollm2"), (table.sections[3], "ernie")):
        for row, suffix in zip(body.rows[1:4], ("-nll", "-nll-bow", "-embeddings"), strict=True):
            own, original = values(frame, slm + suffix), values(frame, slm)
            p = stats.ttest_ind(own, original, equal_var=False).pvalue
            expected = "" if p >= 0.05 else ("better" if own.mean() > original.mean() else "worse")
            assert row[1].mark == expected
            assert row[1].record["p"] == pytest.approx(p)
    assert table.sections[1].rows[1][1].mark == "worse"
    assert table.sections[3].rows[1][1].mark == "better"


def test_the_ablation_without_language_model_is_one_model_under_each(shown):
    _, table = shown
    means = [body.rows[-1][1].record["mean"] for body in (table.sections[1], table.sections[3])]
    assert means[0] == means[1]
    assert "repeated under each" in table.caption


def test_one_value_per_variant_highlights_nothing():
    facts = about("ablation", num_topics=[5], seeds=[0])
    table = make(scores(facts, shifts={("softlabel", "ernie"): 0.5}))
    assert {cell.mark for section in table.sections for row in section.rows for cell in row} == {""}
    assert "nothing is highlighted" in table.caption


def test_the_experiments_own_grid_and_models_are_used():
    rows = [row for row in ROWS["ablation"] if row.block == "ernie"]
    table = make(scores(about("ablation", num_topics=[10], seeds=[0, 1]), rows))
    assert [section.title for section in table.sections] == ["ERNIE-4.5-0.3B", ""]
    assert table.sections[1].rows[0][1].record["n"] == 2
    assert "K = 10; mean over 2 random seeds (0, 1): n = 2." in table.caption
    assert np.isfinite(table.sections[1].rows[1][1].record["p"])
