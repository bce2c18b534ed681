from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.retrieval import precision_at, smoothed


def slow_precision(theta, labels, k):
    """One query and one document at a time, divergences summed exactly and sorted with their position."""
    rows = []
    for row in np.asarray(theta, dtype=float).tolist():
        total = math.fsum(row)
        row = [(value / total if total else 0.0) + 1e-12 for value in row]
        rows.append([value / math.fsum(row) for value in row])
    hits = 0
    for query, p in enumerate(rows):
        divergences = [
            (round(math.fsum(a * (math.log(a) - math.log(b)) for a, b in zip(p, q, strict=True)) * 1e10), document)
            for document, q in enumerate(rows)
            if document != query
        ]
        hits += sum(labels[document] == labels[query] for _, document in sorted(divergences)[:k])
    return hits / (len(rows) * k)


@pytest.mark.parametrize("concentration", [0.02, 0.3, 5.0])
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_the_exact_ranking_with_repeated_rows(concentration, seed):
    random = np.random.default_rng(seed)
    theta = random.dirichlet(np.full(8, concentration), 60).astype(np.float32)
    theta = theta[random.integers(0, 60, 150)]
    labels = random.integers(0, 4, 150)
    found = precision_at(theta, labels, block=37)
    assert found == pytest.approx({k: slow_precision(theta, labels, k) for k in (1, 5, 10)}, abs=1e-12)


def test_equal_to_scipys_divergence():
    random = np.random.default_rng(5)
    theta, labels = random.dirichlet(np.ones(6), 80), random.integers(0, 3, 80)
    divergence = entropy(theta[:, None], theta[None], axis=2)
    np.fill_diagonal(divergence, np.inf)
    nearest = np.argsort(divergence, axis=1)[:, :5]
    expected = (labels[nearest] == labels[:, None]).mean()
    assert precision_at(theta, labels, ks=[5])[5] == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4), min_size=4, max_size=30), st.data())
@settings(max_examples=100, deadline=None)
def test_ties_of_rows_with_zeros_go_by_document_order(rows, data):
    theta = np.array(rows, dtype=np.float32)
    labels = data.draw(st.lists(st.integers(0, 2), min_size=len(rows), max_size=len(rows)))
    block = data.draw(st.integers(1, 40))
    expected = {k: slow_precision(theta, labels, k) for k in (1, 3)}
    assert precision_at(theta, labels, ks=(1, 3), block=block) == pytest.approx(expected, abs=1e-12)


def test_by_hand():
    # Nearest of 0 is 1 and the other way round; of 2, both others are equally far, and 0 comes first.
    theta = [[0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.0, 0.0, 1.0]]
    assert precision_at(theta, ["x", "x", "x"], ks=[1, 2]) == {1: 1.0, 2: 1.0}
    assert precision_at(theta, ["x", "y", "x"], ks=[1]) == {1: 1 / 3}
    assert precision_at(theta, ["y", "x", "x"], ks=[1]) == {1: 0.0}


def test_the_divergence_is_from_the_query():
    # KL(q ‖ a) = 0.58 < KL(q ‖ b) = 7.7, but KL(a ‖ q) = 0.53 > KL(b ‖ q) = 0.36; nearest to a and to b is q.
    q, a, b = [0.7, 0.3], [0.2, 0.8], [1.0, 0.0]
    assert entropy(a, q) > entropy(b, q)
    assert precision_at([q, a, b], ["x", "x", "y"], ks=[1]) == {1: 2 / 3}


def test_scale_of_rows_does_not_matter_and_an_empty_row_is_uniform():
    random = np.random.default_rng(1)
    theta, labels = random.dirichlet(np.ones(5), 40), random.integers(0, 3, 40)
    scaled = theta * random.uniform(1e-3, 1, (40, 1))
    assert precision_at(scaled, labels) == precision_at(theta, labels)
    np.testing.assert_allclose(smoothed(np.array([[0.0, 0.0], [0.0, 1e-30]])), [[0.5, 0.5], [0, 1]], atol=2e-12)
    assert (smoothed(np.array([[0.0, 1.0]])) > 0).all()


def test_float32_and_float64_of_the_same_numbers_agree():
    random = np.random.default_rng(2)
    theta, labels = random.dirichlet(np.ones(5), 60).astype(np.float32), random.integers(0, 3, 60)
    assert precision_at(theta, labels) == precision_at(theta.astype(np.float64), labels)


@pytest.mark.parametrize(
    ("documents", "labels", "ks", "message"),
    [
        (10, 10, (1, 10), "theta: precision at 10 needs 10 documents beside the query; there are 10"),
        (10, 9, (1,), "labels: 9 labels for 10 documents"),
        (10, 10, (0,), r"ks: \[0\] are not"),
        (10, 10, (), "ks: "),
    ],
)
def test_what_cannot_be_retrieved_is_named(documents, labels, ks, message):
    with pytest.raises(TopicbenchError, match=message):
        precision_at(np.ones((documents, 2)), np.zeros(labels), ks=ks)
