"""The rivals: what they make of clusters that anything should find, and of inputs that libraries stumble over."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.models.contract import Inputs, create, methods
from topicbench.runs.documents import select

pytestmark = pytest.mark.library

RIVALS = sorted(name for name, method in methods().items() if method.rival)
CLUSTER = np.repeat(np.arange(4), 40)


@pytest.fixture(scope="module")
def blobs() -> Inputs:
    """Four far-apart clusters of 40 documents in every feature, each with ten words of its own; one is not ASCII."""
    generator = np.random.default_rng(0)
    vocabulary = sorted(["été", *(f"w{number:02}" for number in range(39))])
    counts = np.zeros((160, 40), dtype=np.int32)
    for document, own in enumerate(CLUSTER):
        np.add.at(counts[document], own * 10 + generator.integers(0, 10, 8), 1)
    words = np.arange(40) // 10

    def around(centres: np.ndarray, noise: float) -> np.ndarray:
        return (centres + noise * generator.normal(size=centres.shape)).astype(np.float32)

    return Inputs(
        vocabulary,
        csr_matrix(counts),
        [" ".join(np.repeat(vocabulary, row)) for row in counts],
        embeddings=around(np.eye(4, 20)[CLUSTER], 0.05),
        word_embeddings=around(np.eye(4, 20)[words], 0.05),
        hidden_states=around(np.eye(4, 24)[CLUSTER] * 10 + 100, 0.5),
    )


@pytest.fixture(scope="module")
def fitted(blobs):
    cache = {}

    def fit(name: str):
        if name not in cache:
            cache[name] = create(name, {}).fit(blobs, 4, 0)
        return cache[name]

    return fit


def test_all_of_them_are_rivals():
    assert len(RIVALS) >= 9
    assert {create(name, {}).group for name in RIVALS} == {"rival"}


# Independent components are axes with two sides, and no clusters.
@pytest.mark.parametrize("name", sorted({*RIVALS} - {"s3"}))
def test_clusters_that_anything_should_find(name, fitted, blobs):
    model = fitted(name)
    found = model.theta.argmax(axis=1)
    main = [np.bincount(found[own == CLUSTER], minlength=4).argmax() for own in range(4)]
    assert len(set(main)) == 4
    assert (found == np.array(main)[CLUSTER]).mean() > 0.97
    for own, words in enumerate(np.array_split(blobs.vocabulary, 4)):
        assert set(model.top_words(blobs.vocabulary, 5)[main[own]]) <= set(words)


@pytest.mark.parametrize("name", RIVALS)
def test_new_documents_of_a_cluster_go_to_its_topic(name, fitted, blobs):
    model = fitted(name)
    theta = model.infer(select(blobs, np.arange(0, 160, 7)))
    assert (theta.argmax(axis=1) == model.theta.argmax(axis=1)[::7]).mean() > 0.9


@pytest.mark.parametrize("name", RIVALS)
def test_documents_without_a_word_are_refused_or_inferred(name, fitted, blobs):
    model = fitted(name)
    silent = replace(blobs, bow=csr_matrix(blobs.bow.shape, dtype=np.int32), texts=[""] * 160)
    theta = model.infer(silent)
    assert theta.shape == (160, 4)
    np.testing.assert_allclose(theta.sum(axis=1), 1, atol=1e-5)


def test_gibbs_sampling_gives_documents_without_known_words_the_prior(blobs):
    some = replace(select(blobs, np.arange(80)), vocabulary=blobs.vocabulary)
    model = create("gibbs-lda", {"iterations": 50}).fit(some, 3, 0)
    # The words of the last two clusters were in no document.
    assert not model.beta[:, 20:].any()
    prior = np.array(model.details["alpha"]) / np.sum(model.details["alpha"])
    np.testing.assert_allclose(model.infer(select(blobs, np.array([120, 159]))), [prior, prior], rtol=1e-5)
    empty = replace(some, bow=csr_matrix(some.bow.shape, dtype=np.int32))
    with pytest.raises(TopicbenchError, match=r"methods\.gibbs-lda: document in row 0 has no vocabulary word"):
        create("gibbs-lda", {}).fit(empty, 3, 0)


@pytest.mark.parametrize("name", ["kmeans-embeddings", "kmeans-hidden-states"])
def test_k_means_puts_documents_where_scikit_learn_does(name, titles):
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler, normalize

    model = create(name, {}).fit(titles, 5, 3)
    read = titles.embeddings if name == "kmeans-embeddings" else StandardScaler().fit_transform(titles.hidden_states)
    points = normalize(read.astype(np.float64))
    reference = KMeans(5, n_init=10, random_state=3).fit(points)
    sizes = np.bincount(model.theta.argmax(axis=1), minlength=5)
    assert sizes.tolist() == model.details["documents_per_topic"]
    inertia = sum(
        ((points[mine] - points[mine].mean(axis=0)) ** 2).sum()
        for mine in (model.theta.argmax(axis=1) == topic for topic in range(5))
    )
    assert inertia == pytest.approx(reference.inertia_, rel=1e-3)


def test_nmf_reconstructs_tf_idf(titles):
    from sklearn.feature_extraction.text import TfidfTransformer

    model = create("nmf", {}).fit(titles, 20, 0)
    weighted = TfidfTransformer(sublinear_tf=True).fit_transform(titles.bow)
    assert model.details["error"] < 0.85 * np.sqrt(weighted.multiply(weighted).sum())
    assert (model.beta >= 0).all()


def test_keynmf_reads_the_embeddings_given_and_loads_no_model(blobs, fitted):
    """Words embedded at random are no keywords of anything in particular."""
    shuffled = replace(blobs, word_embeddings=np.random.default_rng(0).normal(size=(40, 20)).astype(np.float32))
    other = create("keynmf", {}).fit(shuffled, 4, 0)
    assert not np.allclose(other.beta, fitted("keynmf").beta)
    single = replace(blobs, bow=csr_matrix(blobs.bow.minimum(1)), texts=[text.split()[0] for text in blobs.texts])
    theta = fitted("keynmf").infer(single)
    # The library leaves out the farthest of a document's keywords, here the only one.
    np.testing.assert_allclose(theta, 0.25)


def test_semantic_signals_are_the_positive_sides_of_independent_components(titles):
    from sklearn.decomposition import FastICA

    model = create("s3", {}).fit(titles, 5, 1)
    ica = FastICA(5, random_state=1).fit(titles.embeddings.astype(np.float64))
    signals = np.maximum(ica.transform(titles.embeddings.astype(np.float64)), 0)
    there = signals.sum(axis=1) > 0
    np.testing.assert_allclose(
        model.theta[there], (signals / np.maximum(signals.sum(axis=1, keepdims=True), 1e-9))[there], atol=1e-4
    )
    axes = ica.transform(titles.word_embeddings.astype(np.float64))
    assert (axes[model.beta.argmax(axis=1), np.arange(5)] > 0).all()


def test_semantic_signals_are_at_most_the_dimensions(blobs):
    with pytest.raises(TopicbenchError, match=r"methods\.s3: K = 21 topics, but the embeddings have 20 dimensions"):
        create("s3", {}).fit(blobs, 21, 0)


def test_top2vec_without_a_dense_area(blobs):
    with pytest.raises(TopicbenchError, match=r"methods\.top2vec: found no dense area of 150 or more"):
        create("top2vec", {"min_cluster_size": 150}).fit(blobs, 4, 0)


def test_top2vec_merges_down_to_k_and_leaves_fewer_as_they_are(blobs):
    fewer = create("top2vec", {"min_cluster_size": 5, "merge_distance": 1e-6}).fit(blobs, 2, 0)
    assert fewer.details["topics_found"] > 2
    assert len(fewer.beta) == 2
    model = create("top2vec", {}).fit(blobs, 30, 0)
    assert len(model.beta) == model.details["topics_found"] < 30


def test_bertopic_with_k_means_has_every_document_in_a_topic(titles):
    model = create("bertopic-kmeans", {}).fit(titles, 7, 0)
    assert model.theta.shape == (193, 7)
    sizes = np.bincount(model.theta.argmax(axis=1), minlength=7)
    assert sizes.tolist() == model.details["documents_per_topic"] == sorted(sizes, reverse=True)
