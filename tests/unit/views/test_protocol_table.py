"""The table of protocols: what is compared, and what becomes of a conclusion."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support.synthetic import about, protocol_rows, scores
from topicbench.views import render
from topicbench.views.contract import views
from topicbench.views.protocol import Claim, decide


def make(given):
    return views()["protocol"].make(given)


def test_rows_are_methods_under_whatever_concerns_them():
    table = make(scores(about("protocol")))
    rows = [(row[0].text, row[1].text) for section in table.sections[:2] for row in section.rows]
    assert rows == [
        *(("LDA", "paper"), ("", "corrected")),
        *(("ZeroshotTM", "paper"), ("", "duplicates: drop"), ("", "encoder_text: raw"), ("", "corrected")),
        *(("SmolLM2-135M", "paper"), ("", "duplicates: drop"), ("", "documents: same"), ("", "corrected")),
        *(("NLL", "paper"), ("", "corrected"), ("NLL + BoW", "paper"), ("", "corrected")),
        *(("Embeddings", "paper"), ("", "corrected")),
    ]
    alone = about("protocol", section={"switches": ["encoder_text"]})
    table = make(scores(alone, protocol_rows(["encoder_text"])))
    assert [(row[0].text, row[1].text) for row in table.sections[0].rows] == [
        *(("LDA", "both"), ("ZeroshotTM", "paper"), ("", "corrected"), ("SmolLM2-135M", "both"))
    ]


def test_cells_are_means_and_marks_are_welchs_against_the_papers_protocol():
    given = scores(about("protocol"), shifts={("lda", "default+duplicates"): -0.2})
    frame, records = given.rows, pd.read_csv(io.StringIO(render.to_csv(make(given))))
    values = frame[(frame["corpus"] == "20newsgroups") & (frame["metric"] == "purity") & (frame["method"] == "lda")]
    paper, corrected = (values[values["block"] == setting]["value"] for setting in ("paper", "corrected"))
    row = records[
        (records["corpus"] == "20newsgroups") & (records["metric"] == "purity") & (records["method"] == "lda")
    ]
    row = row[row["protocol"] == "corrected"].iloc[0]
    assert row["mean"] == pytest.approx(corrected.mean())
    assert row["difference"] == pytest.approx(corrected.mean() - paper.mean())
    assert row["p"] == pytest.approx(stats.ttest_ind(corrected, paper, equal_var=False).pvalue)
    assert row["mark"] == "worse"
    assert row["switches"] == "duplicates"


SAMPLE = np.array([-1.0, -0.6, -0.2, 0.2, 0.6, 1.0])


@pytest.mark.parametrize(
    ("shifts", "verdict", "compared_with"),
    [
        ({"ours": 5, "a": 0, "b": 3}, "holds", "b"),
        ({"ours": 3.2, "a": 0, "b": 3}, "not significant", "b"),
        ({"ours": 3, "a": 0, "b": 3.2}, "not significant", "b"),
        ({"ours": 3, "a": 0, "b": 5}, "fails", "b"),
    ],
)
def test_ours_above_every_baseline(shifts, verdict, compared_with):
    values = {name: SAMPLE + shift for name, shift in shifts.items()}
    found, record = decide(Claim("x", "baselines", ("purity",)), values, "ours", True, False)
    assert (found, record["compared_with"]) == (verdict, compared_with)
    assert record["difference"] == pytest.approx(shifts["ours"] - shifts["b"])
    worse = {name: -sample for name, sample in values.items()}
    assert decide(Claim("x", "baselines", ("purity",)), worse, "ours", False, False)[0] == verdict


def test_a_conclusion_can_hold_for_the_paper_and_not_survive_holm():
    # p = 0.03 of one of three comparisons.
    values = {"ours": SAMPLE, "nll": SAMPLE - 1.2, "nll-bow": SAMPLE - 0.1, "embeddings": SAMPLE + 0.1}
    claim = Claim("x", "nll", ("purity",))
    assert decide(claim, values, "ours", True, False)[0] == "holds"
    assert decide(claim, values, "ours", True, True)[0] == "not significant"
    assert decide(Claim("x", "nll", ("purity",), reversed=True), values, "ours", True, False)[0] == "fails"


def test_conclusions_stand_below_with_a_verdict_for_either_protocol():
    table = make(scores(about("protocol"), shifts={("softlabel", "smollm2"): 0.3}))
    rows = table.sections[2].rows
    assert [row[1].text for row in rows] == ["paper", "corrected"] * 5
    assert rows[0][4].text == "holds"
    # Corrected, ours is no better than the others.
    assert rows[1][4].text != "holds"
    assert rows[0][3].text == render.NOT_AVAILABLE
    assert "Holm" in table.caption
