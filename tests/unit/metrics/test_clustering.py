from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicbench.core.errors import TopicbenchError
from topicbench.metrics import clustering
from topicbench.metrics.clustering import assigned_topics

NAMES = ("purity", "purity_direct", "inverse_purity", "f_measure", "nmi", "ari")
PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), min_size=2, max_size=40)

# Topic 0: a a a b; topic 1: b b c; topic 2: a.
TOPICS = np.array([0, 0, 0, 0, 1, 1, 1, 2])
LABELS = np.array(list("aaabbbca"))


def test_by_hand():
    assert clustering.purity_direct(TOPICS, LABELS) == (3 + 2 + 1) / 8
    assert clustering.inverse_purity(TOPICS, LABELS) == (3 + 2 + 1) / 8
    assert clustering.purity(TOPICS, LABELS) == 6 / 8
    # a: topic 0, 2·3/(4+4); b: topic 1, 2·2/(3+3); c: topic 1, 2·1/(3+1).
    assert clustering.f_measure(TOPICS, LABELS) == pytest.approx((4 * 0.75 + 3 * 2 / 3 + 1 * 0.5) / 8, abs=1e-15)
    # Pairs of documents: 4 together in both, 9 by topic, 9 by label, 28 in all.
    expected = 9 * 9 / 28
    assert clustering.ari(TOPICS, LABELS) == pytest.approx((4 - expected) / (9 - expected), abs=1e-12)


def test_one_topic_for_all_has_poor_purity_and_full_inverse_purity():
    topics, labels = np.zeros(6), [0, 0, 0, 1, 1, 2]
    assert clustering.purity_direct(topics, labels) == 0.5
    assert clustering.inverse_purity(topics, labels) == 1
    assert clustering.purity(topics, labels) == pytest.approx(2 / 3)
    assert clustering.nmi(topics, labels) == clustering.ari(topics, labels) == 0


def slow(pairs):
    topics, labels, cells = (Counter(column) for column in (*zip(*pairs, strict=True), pairs))
    n = len(pairs)
    direct = sum(max(cells[t, c] for c in labels) for t in topics) / n
    inverse = sum(max(cells[t, c] for t in topics) for c in labels) / n

    def f1(topic, label):
        precision, recall = cells[topic, label] / topics[topic], cells[topic, label] / labels[label]
        return 2 * precision * recall / (precision + recall) if precision else 0

    def entropy(counts):
        return -sum(count / n * math.log(count / n) for count in counts.values())

    both = entropy(topics) + entropy(labels)
    together, by_topic, by_label = (
        sum(math.comb(count, 2) for count in counts.values()) for counts in (cells, topics, labels)
    )
    chance = by_topic * by_label / math.comb(n, 2)
    room = (by_topic + by_label) / 2 - chance
    return {
        "purity_direct": direct,
        "inverse_purity": inverse,
        "purity": 2 / (1 / direct + 1 / inverse),
        "f_measure": sum(labels[c] / n * max(f1(t, c) for t in topics) for c in labels),
        "nmi": 2 * (both - entropy(cells)) / both if both else 1.0,
        "ari": (together - chance) / room if room else 1.0,
    }


@given(PAIRS)
@settings(max_examples=200, deadline=None)
def test_equal_to_definitions(pairs):
    topics, labels = zip(*pairs, strict=True)
    for name, expected in slow(pairs).items():
        assert getattr(clustering, name)(np.array(topics), labels) == pytest.approx(expected, abs=1e-9), name


def test_nmi_and_ari_are_scikit_learns():
    from sklearn import metrics

    rng = np.random.default_rng(0)
    for topics, labels in ((1, 1), (1, 3), (4, 1), (5, 5), (50, 20), (300, 300)):
        assigned, given_labels = rng.integers(topics, size=300), rng.integers(labels, size=300)
        nmi, ari = metrics.normalized_mutual_info_score, metrics.adjusted_rand_score
        assert clustering.nmi(assigned, given_labels) == pytest.approx(nmi(given_labels, assigned), abs=1e-12)
        assert clustering.ari(assigned, given_labels) == pytest.approx(ari(given_labels, assigned), abs=1e-12)


@given(PAIRS, st.permutations(range(6)))
@settings(max_examples=50, deadline=None)
def test_numbering_of_topics_and_order_of_documents_do_not_matter(pairs, numbers):
    topics, labels = map(np.array, zip(*pairs, strict=True))
    renumbered = np.array(numbers)[topics][::-1]
    for name in NAMES:
        function = getattr(clustering, name)
        assert function(renumbered, labels[::-1]) == pytest.approx(function(topics, labels), abs=1e-9)


def test_topics_that_are_the_labels_score_1():
    labels = np.array([3, 1, 1, 7, 3])
    for name in NAMES:
        assert getattr(clustering, name)(labels * 10, labels) == pytest.approx(1), name


def test_argmax_takes_rows_as_they_are():
    theta = np.array([[0.2, 0.8, 0.0], [0.0, 0.0, 1e-9], [0.0, 0.0, 0.0], [0.5, 0.5, 0.0]], dtype=np.float32)
    assert assigned_topics(theta).tolist() == [1, 2, 0, 0]


@pytest.mark.parametrize("name", NAMES)
def test_documents_without_labels_are_refused(name):
    with pytest.raises(TopicbenchError, match="labels: 2 labels for 3 documents"):
        getattr(clustering, name)(np.zeros(3), [0, 1])
    with pytest.raises(TopicbenchError, match="labels: there are no documents"):
        getattr(clustering, name)(np.zeros(0), [])
