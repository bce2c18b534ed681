"""Rank agreement of the identities of coherence."""

import io

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from table_scores import configuration, scores

from topicbench.config.schema import resolve
from topicbench.core.errors import TopicbenchError
from topicbench.views import coherence_agreement, render

SECOND = {"name": "posts", "title": "posts of newsgroups", "path": "posts.tsv"}


def by_definition(left, right):
    """Kendall's τ-b from its definition, pair by pair."""
    signs = [(np.sign(left[i] - left[j]), np.sign(right[i] - right[j])) for i in range(len(left)) for j in range(i)]
    joint = sum(a * b for a, b in signs)
    return joint / np.sqrt(sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs))


def test_taus_are_of_the_methods_means_and_ranks_stand_beside_them():
    config = configuration(second_reference=SECOND)
    frame = scores(config)
    table = coherence_agreement.make(config, frame)
    assert [column.text for column in table.columns[1:6]] == [
        *("C_V", "C_V, other counting", "C_NPMI", "C_V, second corpus", "C_NPMI, second corpus")
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
    table = coherence_agreement.make(*(lambda c: (c, scores(c)))(configuration(second_reference=SECOND)))
    for words in (
        "window of 110 tokens (gensim counting) over a sample of Wikipedia",
        "C_V, other counting: as C_V, with boolean counting over a sample of Wikipedia",
        "C_NPMI, second corpus: as C_NPMI, with gensim counting over posts of newsgroups",
        "n = 4 methods",
    ):
        assert words in table.caption


def test_without_a_second_corpus_three_identities_are_left():
    config = configuration()
    table = coherence_agreement.make(config, scores(config))
    assert len(table.columns) == 1 + 2 * 3
    assert [row[0].text for row in table.sections[1].rows] == ["C_V", "C_V, other counting"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "wiki"}, "second_reference.name: 'wiki' is the name of the first one"),
        (
            {"palmetto": {"title": "x", "jar": "y", "index": "z"}},
            "second_reference.palmetto: only reference can have it",
        ),
    ],
)
def test_a_second_corpus_that_does_not_fit_is_refused(changes, message):
    with pytest.raises(TopicbenchError, match=message):
        resolve(configuration(second_reference=SECOND | changes))
