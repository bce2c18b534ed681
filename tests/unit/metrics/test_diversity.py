from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from octis.evaluation_metrics.diversity_metrics import InvertedRBO, TopicDiversity

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.diversity import i_rbo, topic_diversity

RANKINGS = st.permutations([f"w{i}" for i in range(20)])


def webber_equation_32(first, second, p):
    """Extrapolated RBO of two lists, term by term."""
    short, long = sorted((first, second), key=len)
    s, l = len(short), len(long)  # noqa: E741 - the equation's names

    def overlap(depth):
        return len(set(short[:depth]) & set(long[:depth]))

    first_sum = sum(overlap(d) / d * p**d for d in range(1, l + 1))
    second_sum = sum(overlap(s) * (d - s) / (s * d) * p**d for d in range(s + 1, l + 1))
    return (1 - p) / p * (first_sum + second_sum) + ((overlap(l) - overlap(s)) / l + overlap(s) / s) * p**l


@given(st.lists(RANKINGS, min_size=2, max_size=6), st.integers(1, 15), st.sampled_from([0.5, 0.9, 0.98]))
@settings(max_examples=100, deadline=None)
def test_i_rbo_equals_octis_for_lists_of_one_length(rankings, length, p):
    topics = [ranking[:length] for ranking in rankings]
    octis = InvertedRBO(topk=length, weight=p).score({"topics": topics})
    assert i_rbo(topics, p) == pytest.approx(octis, abs=1e-9)


@given(st.lists(st.tuples(RANKINGS, st.integers(1, 15)), min_size=2, max_size=6), st.sampled_from([0.5, 0.9]))
@settings(max_examples=100, deadline=None)
def test_i_rbo_follows_the_equation_for_lists_of_any_length(rankings, p):
    topics = [ranking[:length] for ranking, length in rankings]
    pairs = itertools.combinations(topics, 2)
    assert i_rbo(topics, p) == pytest.approx(1 - np.mean([webber_equation_32(*pair, p) for pair in pairs]), abs=1e-12)
    assert -1e-12 <= i_rbo(topics, p) <= 1 + 1e-12


def test_i_rbo_of_equal_disjoint_and_truncated_lists():
    assert i_rbo([list("abc"), list("abc")]) == pytest.approx(0, abs=1e-12)
    assert i_rbo([list("abc"), list("def")]) == 1
    assert i_rbo([list("abcdefghij"), list("abcdefg")]) == pytest.approx(0, abs=1e-12)


def test_i_rbo_by_hand():
    # a b | b a: overlap 0 at depth 1 and 2 at depth 2, so 0.1/0.9 · 0.81 + 0.81 = 0.9.
    assert i_rbo([["a", "b"], ["b", "a"]]) == pytest.approx(0.1, abs=1e-12)


@given(st.lists(RANKINGS, min_size=1, max_size=6), st.integers(1, 15))
@settings(max_examples=50, deadline=None)
def test_topic_diversity_equals_octis_for_lists_of_one_length(rankings, length):
    topics = [ranking[:length] for ranking in rankings]
    assert topic_diversity(topics) == TopicDiversity(topk=length).score({"topics": topics})


def test_topic_diversity_of_lists_of_unequal_length():
    assert topic_diversity([["a", "b", "c"], ["a"]]) == 3 / 4


@pytest.mark.parametrize("function", [i_rbo, topic_diversity])
@pytest.mark.parametrize(
    ("topics", "message"),
    [
        ([], "topics: the list of topics is empty"),
        ([["a"], []], "topic 1: has 0 words"),
        ([["a"], ["b", "b"]], "topic 1: lists the word 'b' 2 times"),
    ],
)
def test_topics_without_words_are_named(function, topics, message):
    with pytest.raises(TopicbenchError, match=message):
        function(topics)


def test_i_rbo_needs_two_topics_and_a_weight():
    with pytest.raises(TopicbenchError, match="topics: one topic has no pairs"):
        i_rbo([["a", "b"]])
    with pytest.raises(TopicbenchError, match=r"p: 1\.0 is not between"):
        i_rbo([["a"], ["b"]], p=1.0)
