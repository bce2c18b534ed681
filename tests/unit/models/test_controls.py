"""The controls: chance is chance, the oracle is perfect, and nothing else is."""

import numpy as np
import pytest
from bertopic.vectorizers import ClassTfidfTransformer
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.metrics import clustering, retrieval
from topicbench.models.contract import ControlInputs, TopicModel, create
from topicbench.runs.fit import check


def fit(name, bow, num_topics=2, seed=0, **further):
    """A control of ``bow``, or of no words in documents × words."""
    bow = csr_matrix(bow)
    documents, words = bow.shape
    inputs = ControlInputs([f"w{word}" for word in range(words)], bow, [""] * documents, **further)
    return create(name, {}).fit(inputs, num_topics, seed)


@pytest.fixture
def labels():
    return np.repeat(np.arange(4), 100)


def test_random_topics_know_nothing_of_the_labels(labels):
    model = fit("random-topics", (400, 300), 10)
    check(model, "control", (400, 300), 10, create("random-topics", {}))
    precision = retrieval.precision_at(model.theta, labels, [5])[5]
    assert precision == pytest.approx(99 / 399, abs=0.04)
    assert abs(clustering.ari(clustering.assigned_topics(model.theta), labels)) < 0.02


def test_every_word_is_as_likely_as_another_to_be_a_random_topics_word():
    words = fit("random-topics", (2, 60), 2000, seed=1).top_words([str(i) for i in range(60)], 15)
    assert all(len(set(topic)) == 15 for topic in words)
    counts = np.bincount([int(word) for topic in words for word in topic], minlength=60)
    # 2,000 draws with a chance of a quarter each: five standard deviations are 97.
    assert np.abs(counts - 500).max() < 97


def test_random_topics_go_by_seed_and_those_of_a_smaller_k_are_the_first_of_a_larger():
    first, again, other = (fit("random-topics", (50, 40), 6, seed) for seed in (0, 0, 1))
    assert first.theta.tobytes() == again.theta.tobytes()
    assert first.beta.tobytes() == again.beta.tobytes()
    assert not np.allclose(first.beta, other.beta)
    np.testing.assert_array_equal(fit("random-topics", (50, 40), 3).beta, first.beta[:3])


def test_shuffling_keeps_topics_and_rows_and_nothing_of_who_has_which(labels):
    theta = np.eye(4)[labels] * 0.9 + 0.025
    model = fit("shuffled-documents", (400, 4), 4, seed=3, fitted=TopicModel(theta, np.eye(4)))
    np.testing.assert_array_equal(model.beta, np.eye(4))
    np.testing.assert_array_equal(np.sort(model.theta, axis=0), np.sort(theta, axis=0))
    assert retrieval.precision_at(theta, labels, [5])[5] == 1
    assert retrieval.precision_at(model.theta, labels, [5])[5] < 0.4


def test_the_oracle_is_perfect_and_its_words_are_bertopics(labels):
    generator = np.random.default_rng(0)
    # Every class the same number of words, so that BERTopic's rounded mean is the mean.
    bow = np.concatenate([generator.multinomial(8, generator.dirichlet(np.full(50, 0.6)), 100) for _ in range(4)])
    model = fit("label-oracle", bow, labels=labels)
    assert clustering.purity(clustering.assigned_topics(model.theta), labels) == 1
    assert set(retrieval.precision_at(model.theta, labels, [1, 5, 10]).values()) == {1}
    by_class = csr_matrix(np.stack([bow[labels == label].sum(axis=0) for label in range(4)]))
    expected = ClassTfidfTransformer().fit_transform(by_class).toarray()
    used = by_class.toarray() > 0
    np.testing.assert_allclose(model.beta[used], expected[used], rtol=1e-5)
    assert (model.beta[~used] < 0).all()


def test_the_oracle_lists_words_of_a_label_that_has_but_one():
    bow = csr_matrix([[5, 0, 1, 3], [0, 2, 0, 0], [4, 0, 0, 1]])
    words = fit("label-oracle", bow, labels=np.array(["a", "b", "a"])).top_words(["w", "x", "y", "z"], 3)
    assert words[1] == ["x", "w", "z"]


def test_the_oracle_wants_a_label_per_document():
    with pytest.raises(TopicbenchError, match="3 labels for 2 documents"):
        fit("label-oracle", (2, 5), labels=np.arange(3))
