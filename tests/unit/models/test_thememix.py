"""ThemeMix: what its parts compute, and that a document's topics are its own affair."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.models._topic_words import class_tf_idf, exclusive, standardised
from topicbench.models.contract import ControlInputs, Inputs, create
from topicbench.models.controls.label_oracle import LabelOracle
from topicbench.models.thememix import _temperature, effective_dimension
from topicbench.runs.documents import select


@pytest.fixture(scope="module")
def blobs() -> Inputs:
    """Four clusters of 150 documents in every signal, each with five words of its own; the last two have no word."""
    generator = np.random.default_rng(0)
    cluster = np.repeat(np.arange(4), 150)
    counts = np.zeros((600, 20), dtype=np.int32)
    for document, own in enumerate(cluster[:-2]):
        counts[document, own * 5 + generator.integers(0, 5, 4)] += 1
    vocabulary = [f"w{number:02}" for number in range(20)]
    logits = generator.normal(size=(600, 20))
    logits[np.arange(600)[:, None], cluster[:, None] * 5 + np.arange(5)] += 2
    return Inputs(
        vocabulary,
        csr_matrix(counts),
        [" ".join(np.repeat(vocabulary, row)) for row in counts],
        embeddings=(np.eye(4, 24)[cluster] + 0.2 * generator.normal(size=(600, 24))).astype(np.float32),
        hidden_states=(5 + np.eye(4, 16)[cluster] + 0.3 * generator.normal(size=(600, 16))).astype(np.float32),
        word_embeddings=(np.eye(4, 24)[np.arange(20) // 5] + 0.2 * generator.normal(size=(20, 24))).astype(np.float32),
        vocabulary_logits=logits.astype(np.float32),
    )


def found(theta: np.ndarray, cluster: np.ndarray) -> float:
    """Share of documents that lie where most of their cluster lies, distinct topics for distinct clusters."""
    topics = theta.argmax(axis=1)
    main = [np.bincount(topics[cluster == own]).argmax() for own in range(4)]
    return float((topics == np.array(main)[cluster]).mean()) if len(set(main)) == 4 else 0.0


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"calibrate": False, "concentration": 20},
        {"pull": 0},
        {"landmarks": 100},
        {"hidden_states_weight": 0, "tf_idf_weight": 0, "words": ["c_tf_idf"]},
        {"embeddings_weight": 0, "words": ["soft_labels"]},
        {"embeddings_weight": 0, "words": ["embeddings"]},
        {"words": ["c_tf_idf", "soft_labels"], "exclusivity": 0},
    ],
)
def test_clusters_and_their_words_are_found(settings, blobs):
    cluster = np.repeat(np.arange(4), 150)
    model = create("thememix", settings).fit(blobs, 4, 0)
    assert found(model.theta, cluster) > 0.99
    np.testing.assert_allclose(model.theta.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(model.beta.sum(axis=1), 1, atol=1e-5)
    for topic, words in enumerate(model.top_words(blobs.vocabulary, 5)):
        own = cluster[model.theta.argmax(axis=1) == topic][0]
        assert sorted(words) == blobs.vocabulary[own * 5 : own * 5 + 5]
    assert model.details["documents_per_topic"] == np.bincount(model.theta.argmax(axis=1)).tolist()


@pytest.mark.parametrize("landmarks", [10_000, 50])
def test_a_document_has_the_same_bytes_wherever_it_stands_and_after_restoring(landmarks, blobs, titles):
    for inputs in (blobs, titles):
        method = create("thememix", {"landmarks": landmarks})
        model = method.fit(inputs, 4, 0)
        assert model.infer(inputs).tobytes() == model.theta.tobytes()
        restored = method.restore({name: np.array(array) for name, array in model.state.items()})
        order = np.random.default_rng(1).permutation(len(model.theta))
        assert restored(select(inputs, order)).tobytes() == model.theta[order].tobytes()
        for rows in ([7], [3, 3, 90], np.arange(11, 130)):
            assert restored(select(inputs, np.array(rows))).tobytes() == model.theta[rows].tobytes()
        assert restored(select(inputs, np.array([], dtype=int))).shape == (0, 4)


def test_equal_documents_have_equal_topics_and_do_not_sway_the_temperature(blobs):
    rows = np.repeat(np.arange(600), 3)
    model = create("thememix", {"neighbours": 3}).fit(select(blobs, rows), 4, 0)
    assert np.array_equal(model.theta[::3], model.theta[1::3])
    assert np.array_equal(model.theta[::3], model.theta[2::3])
    # All three nearest are copies: there is nothing to calibrate on.
    assert model.details["temperature"] == 1


@pytest.mark.parametrize(("documents", "topics"), [(12, 11), (12, 12), (2, 2), (30, 25)])
def test_nearly_as_many_topics_as_documents(documents, topics, blobs):
    model = create("thememix", {}).fit(select(blobs, np.arange(0, 600, 600 // documents)[:documents]), topics, 0)
    assert model.theta.shape == (documents, topics)
    assert np.isfinite(model.theta).all()
    assert np.isfinite(model.beta).all()


def test_fewer_distinct_documents_than_topics(blobs):
    model = create("thememix", {}).fit(select(blobs, np.repeat([0, 200, 400], 5)), 6, 0)
    assert np.isfinite(model.beta).all()
    assert len(np.unique(model.theta, axis=0)) == 3
    assert len(np.unique(model.theta.argmax(axis=1))) == 3
    one = create("thememix", {}).fit(select(blobs, np.zeros(9, dtype=int)), 3, 0)
    np.testing.assert_allclose(one.theta.sum(axis=1), 1, atol=1e-6)


def test_documents_without_words(blobs):
    silent = replace(blobs, bow=csr_matrix(blobs.bow.shape, dtype=np.int32), texts=[""] * 600)
    model = create("thememix", {}).fit(silent, 4, 0)
    assert found(model.theta, np.repeat(np.arange(4), 150)) > 0.99
    assert create("thememix", {}).reads_bag_of_words is False


def test_what_it_reads_follows_from_its_settings():
    assert create("thememix", {}).needs == {"embeddings", "word_embeddings", "hidden_states", "vocabulary_logits"}
    assert create("thememix", {"words": ["soft_labels"], "embeddings_weight": 0}).needs == {
        "hidden_states",
        "vocabulary_logits",
    }
    assert create("thememix", {}).group == "ours"
    plain = create("thememix", {"hidden_states_weight": 0, "words": ["c_tf_idf"]})
    assert plain.needs == {"embeddings"}
    assert plain.group == "baseline"


@pytest.mark.parametrize(
    "settings",
    [
        {"embeddings_weight": 0, "hidden_states_weight": 0, "tf_idf_weight": 0},
        {"embeddings_weight": -1},
        {"words": []},
        {"words": ["c_tf_idf", "c_tf_idf"]},
        {"words": ["keywords"]},
        {"concentration": 0},
        {"concentration": "guessed"},
        {"exclusivity": 1},
        {"pull": 1.1},
    ],
)
def test_settings_that_make_no_sense_are_errors(settings):
    with pytest.raises(TopicbenchError, match=r"methods\.thememix"):
        create("thememix", settings)


def test_the_words_of_soft_labels_are_those_of_least_divergence(blobs):
    """Σ_n KL(β ‖ y_n), y of centred logits, over the documents of a topic is least at the words' mean log y."""
    settings = {"words": ["soft_labels"], "exclusivity": 0, "concentration": 1e4, "calibrate": False}
    model = create("thememix", settings).fit(blobs, 4, 0)
    logits = np.asarray(blobs.vocabulary_logits, dtype=np.float64)
    logits -= logits.mean(axis=0)
    log_y = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    generator = np.random.default_rng(0)
    for topic in range(4):
        mine = log_y[model.theta.argmax(axis=1) == topic]
        least = np.exp(mine.mean(axis=0))
        least /= least.sum()
        assert np.array_equal(np.argsort(-least), np.argsort(-model.beta[topic]))

        def divergence(beta, mine=mine):
            return float((beta * (np.log(beta) - mine)).sum())

        others = least * np.exp(0.1 * generator.normal(size=(200, 20)))
        assert min(divergence(other / other.sum()) for other in others) > divergence(least)


def test_estimated_concentration_is_that_of_points_drawn_around_their_themes():
    """Two themes in 40 dimensions, all of which the documents vary in: then it is the maximum likelihood's."""
    generator = np.random.default_rng(0)
    # Near its mean direction a von Mises-Fisher distribution is a normal one of precision κ on the tangent plane.
    points = generator.normal(size=(4000, 40)) / np.sqrt(300)
    points[:, 0] = np.repeat([1, -1], 2000)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    mixture = create("thememix", {"iterations": 5})._mixture(points, 2, 0)
    assert mixture["concentration"] == pytest.approx(300, rel=0.1)
    # The same documents in a larger space of which they use no more.
    wide = np.hstack([points, 1e-9 * generator.normal(size=(4000, 200))])
    again = create("thememix", {"iterations": 5})._mixture(wide, 2, 0)
    assert again["concentration"] == pytest.approx(mixture["concentration"], rel=1e-3)


def test_effective_dimension():
    generator = np.random.default_rng(0)
    assert effective_dimension(generator.normal(size=(20000, 30))) == pytest.approx(30, abs=0.1)
    assert effective_dimension(np.outer(np.arange(10.0), np.ones(5))) == pytest.approx(1)
    assert effective_dimension(np.zeros((10, 5))) == 1


def test_temperature_lowers_what_is_too_sure_of_itself():
    """Documents of two themes whose neighbours are of the other theme in a fifth of the pairs."""
    generator = np.random.default_rng(0)
    theme = np.repeat([0, 1], 500)
    nearest = np.array([[own if generator.random() < 0.8 else 1 - own for _ in range(10)] for own in theme])
    nearest = nearest * 500 + generator.integers(0, 500, nearest.shape)
    scores = 100 * np.eye(2)[theme]
    temperature = _temperature(scores, nearest, np.zeros(nearest.shape))
    theta = 1 / (1 + np.exp(-100 * temperature))
    # Two documents share a theme with probability θ² + (1 − θ)², which is to be four fifths.
    assert theta**2 + (1 - theta) ** 2 == pytest.approx(0.8, abs=0.01)
    assert _temperature(scores, nearest, np.ones(nearest.shape)) == 1


def test_class_based_tf_idf_is_bertopics_and_the_label_oracles(titles):
    from bertopic.vectorizers import ClassTfidfTransformer

    groups = np.random.default_rng(0).integers(0, 5, len(titles.texts))
    mine = class_tf_idf(titles.bow, groups)
    counts = csr_matrix(np.eye(5)[groups].T) @ titles.bow
    transformer = ClassTfidfTransformer().fit(counts)
    np.testing.assert_allclose(mine, transformer.transform(counts).toarray(), rtol=0.02, atol=1e-4)
    oracle = LabelOracle().fit(ControlInputs(titles.vocabulary, titles.bow, titles.texts, labels=groups), 5, 0).beta
    np.testing.assert_allclose(mine, np.maximum(oracle, 0), rtol=1e-5)
    np.testing.assert_allclose(class_tf_idf(titles.bow, np.eye(5)[groups]), mine)
    assert not class_tf_idf(titles.bow, np.eye(7)[groups])[5:].any()


def test_scores_of_words():
    scores = np.array([[1.0, 2.0, 3.0], [5.0, 5.0, 5.0]])
    np.testing.assert_allclose(standardised(scores), [[-np.sqrt(1.5), 0, np.sqrt(1.5)], [0, 0, 0]])
    shared = np.array([[2.0, 1.9], [2.0, 0.0]])
    assert np.array_equal(exclusive(shared, 0), shared)
    # The first word is as typical of the other topic.
    assert exclusive(shared, 0.5)[0].argmax() == 1
    np.testing.assert_allclose(exclusive(shared, 1), np.log(np.exp(shared) / np.exp(shared).sum(axis=0)))
