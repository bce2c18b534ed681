"""Rank agreement of the identities of coherence."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.support.synthetic import CONTROLS, about, scores, uncomputed
from topicbench.views import render
from topicbench.views.contract import views
from topicbench.views.frame import SECOND_METRICS


def counted(c_v, *missing):
    """What is written with scores where C_V is counted as ``c_v`` says, or by Palmetto."""
    metrics = uncomputed(*missing)
    metrics["c_v"] = metrics["c_v"].model_copy(update={"parameters": {"counting": c_v} if c_v else {}})
    return about(metrics=metrics)


GENSIM = counted("gensim")


def make(given):
    return views()["coherence_agreement"].make(given)


def by_definition(left, right):
    """Kendall's τ-b from its definition, pair by pair."""
    signs = [(np.sign(left[i] - left[j]), np.sign(right[i] - right[j])) for i in range(len(left)) for j in range(i)]
    joint = sum(a * b for a, b in signs)
    return joint / np.sqrt(sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs))


def test_taus_are_of_the_methods_means_and_ranks_stand_beside_them():
    given = scores(GENSIM)
    frame, table = given.rows, make(given)
    assert [column.text for column in table.columns[1:6]] == [
        *("C_V", "C_V, boolean counting", "C_NPMI", "C_V, second corpus", "C_NPMI, second corpus")
    ]
    records = pd.read_csv(io.StringIO(render.to_csv(table)))
    taus = records[records["tau"].notna()]
    assert len(taus) == 2 * 10
    means = frame.groupby(["corpus", "metric", "method", "variant"], sort=False)["value"].mean().sort_index()
    for row in taus.itertuples():
        left, right = (means[row.corpus, metric].to_numpy() for metric in (row.metric, row.other_metric))
        assert row.n == len(left) == 4
        assert row.tau == pytest.approx(by_definition(left, right))
    ranked = records[(records["corpus"] == "20newsgroups") & (records["metric"] == "c_npmi") & records["rank"].notna()]
    np.testing.assert_array_equal(ranked["rank"], stats.rankdata(-ranked["mean"]))
    assert table.sections[0].rows[0][1].text.endswith(")")


def test_the_caption_names_corpus_counting_and_window_of_each():
    table = make(scores(GENSIM))
    for words in (
        "window of 110 tokens (gensim counting) over a sample of Wikipedia",
        "C_V, boolean counting: as C_V, with boolean counting over a sample of Wikipedia",
        "C_NPMI, second corpus: as C_NPMI, with gensim counting over posts",
        "n = 4 methods",
    ):
        assert words in table.caption


def test_without_a_second_corpus_three_identities_are_left():
    table = make(scores(counted("boolean", *SECOND_METRICS)))
    assert len(table.columns) == 1 + 2 * 3
    assert [row[0].text for row in table.sections[1].rows] == ["C_V", "C_V, gensim counting"]


def test_where_c_v_is_palmettos_both_countings_are_shown():
    table = make(scores(counted(None)))
    assert [column.text for column in table.columns[1:4]] == ["C_V", "C_V, gensim counting", "C_V, boolean counting"]


def test_controls_take_no_part():
    facts = GENSIM.model_copy(update={"controls": CONTROLS})
    assert make(scores(facts)).sections[0].rows[-1][0].text == "ERNIE-4.5-0.3B"
