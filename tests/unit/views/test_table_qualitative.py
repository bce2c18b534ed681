"""Table 4."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix
from table_scores import configuration

from topicbench.core.errors import TopicbenchError
from topicbench.experiments.all import experiment_runs
from topicbench.views import render, table4
from topicbench.views.table4 import Fitted, class_rates, style_of, topic_of_class

CONFIG = configuration(experiments={"main": {}, "qualitative": {"classes": ["a", "c"], "num_topics": 2, "seed": 1}})
NAMES = ["a", "a", "b", "b", "c", "c"]
VOCABULARY = ["everywhere", "mostly_a", "only_c"]
BOW = csr_matrix([[1, 2, 0], [3, 1, 0], [1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 0, 4]])
KEPT = np.array([True, True, True, True, True, False])


def fitted():
    """Topic 1 holds class a, topic 0 class c; the baselines were given the kept documents only."""
    theta = np.array([[0.1, 0.9], [0.2, 0.8], [0.9, 0.1], [0.3, 0.7], [0.9, 0.1], [0.6, 0.4]], dtype=np.float32)
    topics = [["only_c", "everywhere"], ["mostly_a", "everywhere", "only_c"]]
    return [
        Fitted(run, theta, topics, "all") if run.variant.slm else Fitted(run, theta[KEPT], topics, "kept")
        for run in experiment_runs(CONFIG, "qualitative")
    ]


def make(results=None, names=NAMES, config=CONFIG):
    return table4.make(config, fitted() if results is None else results, names, VOCABULARY, BOW, KEPT)


def test_the_topic_that_holds_most_of_the_class_with_its_words_styled():
    table = make()
    assert [s.title for s in table.sections] == ["Class a", "", "Ours", "Class c", "", "Ours"]
    assert [row[0].text for row in table.sections[1].rows] == ["LDA", "ZeroshotTM"]
    assert [row[0].text for row in table.sections[2].rows] == ["SmolLM2-135M", "ERNIE-4.5-0.3B"]
    cell = table.sections[1].rows[0][1]
    assert [(part.text, part.style) for part in cell.parts] == [
        ("mostly_a", ""),
        ("everywhere", "vague"),
        ("only_c", "tangential"),
    ]
    assert (cell.record["topic"], cell.record["held"], cell.record["documents_of_class"]) == (1, 2, 2)
    assert cell.record["vague"] == "everywhere"


def test_rows_of_theta_are_matched_to_documents_kept_or_all():
    table = make()
    kept, everything = table.sections[4].rows[0][1].record, table.sections[5].rows[0][1].record
    assert (kept["documents_of_class"], everything["documents_of_class"]) == (1, 2)
    assert (kept["topic"], everything["topic"]) == (0, 0)


def test_renders_and_states_the_rule():
    table = make()
    assert r"\uline{everywhere}, \textit{only\_c}" in render.to_tex(table)
    assert r"<u>everywhere</u>, *only\_c*" in render.to_md(table)
    assert "entropy at least 0.92" in table.caption
    assert "K = 2, seed 1" in table.caption


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"results": fitted()[1:]}, "lda/default/K2/seed1: is missing"),
        ({"names": ["a", "a", "b", "b", "d", "d"]}, "there is no class 'c'"),
        ({"results": [Fitted(r.run, r.theta, r.topics, "all") for r in fitted()]}, "theta has 5 rows for 6 documents"),
    ],
)
def test_errors_name_the_culprit(arguments, message):
    with pytest.raises(TopicbenchError, match=message):
        make(**arguments)


def test_documents_without_topic_do_not_count():
    theta = np.array([[0, 0], [0, 0], [0, 0], [0.2, 0.8]])
    assert topic_of_class(theta, np.array([True] * 4)) == (1, 1)
    assert topic_of_class(theta, np.array([True, True, False, False])) is None
    outliers = [Fitted(r.run, np.zeros_like(r.theta), r.topics, r.documents) for r in fitted()]
    assert make(outliers).sections[1].rows[0][1].text == "–"


def test_ties_go_to_the_first_topic():
    assert topic_of_class(np.array([[0.0, 1], [1, 0]]), np.array([True, True])) == (0, 1)


def test_rates_count_documents_not_occurrences_and_forgive_class_size():
    names = np.array(["b", "a", "b", "b"])
    rates, classes = class_rates(csr_matrix([[9], [1], [0], [1]]), names)
    assert classes == ["a", "b"]
    np.testing.assert_allclose(rates, [[1], [2 / 3]])


@pytest.mark.parametrize(
    ("rates", "shown", "style"),
    [
        ([0.2] * 20, 0, "vague"),
        ([0.2] * 19 + [0.5], 19, ""),  # spread evenly, yet the class's own
        ([0.01] * 19 + [0.5], 19, ""),
        ([0.01] * 19 + [0.5], 0, "tangential"),
        ([0.3, 0.2] + [0] * 18, 1, ""),  # another class uses it more, but not twice as often
        ([0.5, 0.2] + [0] * 18, 1, "tangential"),
        ([0.0] * 20, 3, ""),
    ],
)
def test_rule(rates, shown, style):
    assert style_of(np.array(rates), shown) == style


@given(arrays(float, 12, elements=st.floats(0, 1)), st.integers(0, 11), st.permutations(range(12)))
def test_the_rule_does_not_depend_on_the_order_of_the_other_classes(rates, shown, order):
    assert style_of(rates, shown) == style_of(rates[list(order)], order.index(shown))


@given(arrays(float, 8, elements=st.floats(0.001, 1)), st.integers(0, 7))
def test_the_class_of_highest_rate_never_finds_a_word_tangential(rates, shown):
    rates[shown] = rates.max()
    assert style_of(rates, shown) != "tangential"
