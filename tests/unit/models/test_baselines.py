"""The eight baselines against independent computations, and the errors they promise."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.models import contract as base
from topicbench.models.contract import Inputs, create
from topicbench.runs.documents import select

pytestmark = pytest.mark.library

BASELINES = ["lda", "prodlda", "combinedtm", "zeroshottm", "etm", "bertopic", "ecrtm", "fastopic"]
AUTOENCODER = {
    "num_epochs": 100,
    "batch_size": 64,
    "learning_rate": 2e-3,
    "momentum": 0.99,
    "num_layers": 2,
    "num_neurons": 200,
    "activation": "softplus",
    "dropout": 0.2,
    "learn_priors": True,
    "num_samples": 10,
}
APPENDIX_C = {
    "lda": {"passes": 1, "chunksize": 2000, "decay": 0.5, "offset": 1.0, "gamma_threshold": 0.001},
    "prodlda": AUTOENCODER,
    "combinedtm": AUTOENCODER,
    "zeroshottm": AUTOENCODER,
    "etm": {
        "num_neurons": 800,
        "activation": "relu",
        "dropout": 0.5,
        "learning_rate": 5e-3,
        "weight_decay": 1.2e-6,
        "normalise_bow": True,
        "word_vectors": "word2vec-google-news-300",
    },
    "bertopic": {"umap_components": 5, "cluster_metric": "euclidean"},
    "ecrtm": {
        "num_neurons": 200,
        "beta_temperature": 0.2,
        "sinkhorn_alpha": 20.0,
        "sinkhorn_max_iter": 1000,
        "weight_loss_ecr": 100.0,
        "num_epochs": 200,
        "learning_rate": 0.002,
        "batch_size": 64,
        "word_vectors": "glove-wiki-gigaword-200",
    },
    "fastopic": {"dt_alpha": 3.0, "tw_alpha": 2.0, "num_epochs": 200, "learning_rate": 0.002},
}


@pytest.fixture(scope="module")
def blobs() -> Inputs:
    """Five far-apart clusters of 30 documents, each with ten words of its own, one of them not ASCII; no outliers."""
    generator = np.random.default_rng(0)
    vocabulary = sorted(["été", *(f"w{number:02}" for number in range(49))])
    cluster = np.repeat(np.arange(5), 30)
    counts = np.zeros((150, 50), dtype=np.int32)
    for document in range(150):
        counts[document, cluster[document] * 10 + generator.integers(0, 10, 6)] += 1
    counts[-1, 49] = 1
    texts = [" ".join(np.repeat(vocabulary, row)) for row in counts]
    centres = np.eye(5, 20)
    embeddings = (centres[cluster] + 0.02 * generator.normal(size=(150, 20))).astype(np.float32)
    return Inputs(vocabulary, csr_matrix(counts), texts, embeddings=embeddings)


@pytest.mark.parametrize("name", BASELINES)
def test_defaults_are_those_of_appendix_c(name):
    defaults = create(name, {}).model_dump()
    assert {key: defaults[key] for key in APPENDIX_C[name]} == APPENDIX_C[name]


@pytest.mark.parametrize("name", BASELINES)
def test_impossible_numbers_of_topics_and_missing_features_are_errors(name, titles):
    method = create(name, {})
    with pytest.raises(TopicbenchError, match="at least 2"):
        method.fit(titles, 1, 0)
    with pytest.raises(TopicbenchError, match="only 193 documents"):
        method.fit(titles, 194, 0)
    for need in method.needs:
        with pytest.raises(TopicbenchError, match=f"needs {need}"):
            method.fit(replace(titles, **{need: None}), 4, 0)
        with pytest.raises(TopicbenchError, match=f"{need} have shape"):
            method.fit(replace(titles, **{need: getattr(titles, need)[1:]}), 4, 0)
        broken = getattr(titles, need).copy()
        broken[3, 2] = np.nan
        with pytest.raises(TopicbenchError, match="NaN or infinity"):
            method.fit(replace(titles, **{need: broken}), 4, 0)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("prodlda", {"learning_rate": 0}), ("lda", {"decay": 0.4}), ("etm", {"dropout": 1}), ("ecrtm", {"batchsize": 1})],
)
def test_settings_out_of_bounds_are_errors(name, settings):
    with pytest.raises(TopicbenchError, match=f"methods.{name}.{next(iter(settings))}"):
        create(name, settings)


def test_lda_is_gensims(titles):
    from gensim.matutils import Sparse2Corpus
    from gensim.models import LdaModel

    model = create("lda", {"passes": 2, "chunksize": 100}).fit(titles, 4, 7)
    counts = list(Sparse2Corpus(titles.bow.T))
    reference = LdaModel(
        counts, 4, dict(enumerate(titles.vocabulary)), passes=2, chunksize=100, decay=0.5, random_state=7
    )
    np.testing.assert_allclose(model.beta, reference.get_topics(), rtol=1e-5)
    theta = reference.get_document_topics(counts, minimum_probability=0)
    np.testing.assert_allclose(model.theta, [[share for _, share in row] for row in theta], rtol=1e-4, atol=1e-6)


def test_octis_counts_the_bag_of_words_that_we_do(titles):
    from octis.models.CTM import CTM
    from octis.models.ETM import ETM
    from octis.models.ProdLDA import ProdLDA

    expected, texts = titles.bow.toarray(), [*titles.texts]
    counted, size = ProdLDA.preprocess(titles.vocabulary, texts)
    np.testing.assert_array_equal(counted.X, expected)
    assert size == len(titles.vocabulary)
    vectorised = CTM.preprocess.__globals__["CountVectorizer"](
        vocabulary={word: column for column, word in enumerate(titles.vocabulary)}, token_pattern=r"(?u)\b[\w+|\-]+\b"
    ).transform(texts)
    np.testing.assert_array_equal(vectorised.toarray(), expected)
    words, counts = ETM.preprocess({word: column for column, word in enumerate(titles.vocabulary)}, texts)
    for row, (columns, values) in enumerate(zip(words, counts, strict=True)):
        np.testing.assert_array_equal(expected[row, columns], values)
        assert expected[row].sum() == sum(values)


@pytest.mark.parametrize("name", ["etm", "ecrtm", "fastopic"])
def test_what_draws_nothing_infers_the_theta_of_the_fit_for_its_own_documents(name, titles):
    model = create(name, {"num_epochs": 3}).fit(titles, 4, 0)
    np.testing.assert_allclose(model.infer(titles), model.theta, atol=1e-6)


@pytest.mark.parametrize(("name", "settings"), [("lda", {"passes": 10}), ("prodlda", {"num_epochs": 60})])
def test_planted_topics_of_documents_left_out_are_inferred(name, settings, blobs):
    seen = np.arange(150) % 3 > 0
    model = create(name, settings).fit(select(blobs, np.flatnonzero(seen)), 5, 0)
    topic = np.empty(150, dtype=int)
    topic[seen] = model.theta.argmax(axis=1)
    topic[~seen] = model.infer(select(blobs, np.flatnonzero(~seen))).argmax(axis=1)
    cluster = np.repeat(np.arange(5), 30)
    usual = [np.bincount(topic[seen & (cluster == number)]).argmax() for number in range(5)]
    assert np.mean(topic[~seen] == np.array(usual)[cluster[~seen]]) > 0.9


def test_contextual_models_infer_from_the_embeddings_given(titles):
    model = create("zeroshottm", {"num_epochs": 2}).fit(titles, 4, 0)
    other = replace(titles, bow=titles.bow[::-1])
    assert model.infer(other).tobytes() == model.infer(titles).tobytes()
    turned = replace(titles, embeddings=titles.embeddings[::-1].copy())
    assert model.infer(turned).tobytes() != model.infer(titles).tobytes()


def test_bertopic_places_documents_left_out_in_the_clusters_they_come_from(blobs):
    seen = np.arange(150) % 3 > 0
    model = create("bertopic", {}).fit(select(blobs, np.flatnonzero(seen)), 3, 0)
    cluster = np.repeat(np.arange(5), 30)
    topic_of = dict(zip(cluster[seen], model.theta.argmax(axis=1), strict=True))
    inferred = model.infer(select(blobs, np.flatnonzero(~seen)))
    assert inferred.argmax(axis=1).tolist() == [topic_of[number] for number in cluster[~seen]]


def test_a_document_without_any_membership_is_wholly_an_outlier_to_bertopic(blobs, monkeypatch):
    from bertopic import BERTopic

    transform = BERTopic.transform

    def without_first(self, *arguments, **settings):
        topics, theta = transform(self, *arguments, **settings)
        theta[0] = np.nan
        return topics, theta

    model = create("bertopic", {}).fit(blobs, 3, 0)
    monkeypatch.setattr(BERTopic, "transform", without_first)
    inferred = model.infer(blobs)
    assert inferred[0].tolist() == [0, 0, 0]
    assert (inferred[1:].sum(axis=1) > 0).all()


@pytest.mark.parametrize("word", ["two-part", "Upper", "a b", ""])
def test_words_octis_would_change_are_errors(word, titles):
    with pytest.raises(TopicbenchError, match="OCTIS keeps only"):
        create("prodlda", {}).fit(replace(titles, vocabulary=[word, *titles.vocabulary[1:]]), 4, 0)


@pytest.mark.parametrize("name", ["prodlda", "ecrtm"])
def test_batch_size_as_used_leaves_no_document_alone(name, titles):
    model = create(name, {"num_epochs": 1, "batch_size": 64}).fit(titles, 4, 0)
    assert model.details["library_settings"]["batch_size"] == 65


@pytest.mark.parametrize("name", ["prodlda", "zeroshottm", "etm", "ecrtm", "fastopic"])
def test_loss_falls_and_every_epoch_is_recorded(name, titles):
    model = create(name, {"num_epochs": 12}).fit(titles, 4, 0)
    losses = model.details["loss_per_epoch"]
    assert len(losses) == model.details["epochs_run"] == 12
    assert np.mean(losses[-3:]) < np.mean(losses[:3])


def test_fields_reach_the_library(titles):
    network = {"num_layers": 1, "num_neurons": 7, "num_epochs": 1}
    deep = create("prodlda", {**network, "num_layers": 2}).fit(titles, 4, 0)
    for changed in ({}, {"activation": "relu"}, {"dropout": 0.5}, {"momentum": 0.5}, {"learn_priors": False}):
        model = create("prodlda", {**network, "num_layers": 2, **changed}).fit(titles, 4, 0)
        assert np.array_equal(model.theta, deep.theta) == (not changed)
    noisy = [create("prodlda", {**network, "num_samples": count}).fit(titles, 4, 0) for count in (1, 50)]
    # One draw of theta scatters more than the mean of fifty.
    assert noisy[0].theta.std(axis=0).mean() > noisy[1].theta.std(axis=0).mean()


def test_libraries_are_left_as_they_were(titles):
    import torch
    from octis.models.pytorchavitm.avitm.avitm_model import AVITM_model

    before = AVITM_model._train_epoch
    cudnn = torch.backends.cudnn.enabled, torch.backends.cudnn.deterministic
    create("prodlda", {"num_epochs": 1}).fit(titles, 4, 0)
    with pytest.raises(TopicbenchError, match="rows of theta hold NaN"):
        create("prodlda", {"num_epochs": 3, "learning_rate": 1e30}).fit(titles, 4, 0)
    create("zeroshottm", {"num_epochs": 1}).fit(titles, 4, 0)
    assert AVITM_model._train_epoch is before
    assert (torch.backends.cudnn.enabled, torch.backends.cudnn.deterministic) == cudnn


@pytest.mark.parametrize("name", ["combinedtm", "zeroshottm"])
def test_contextual_models_read_this_fits_embeddings(name, titles, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    method = create(name, {"num_epochs": 1})
    model = method.fit(titles, 4, 0)
    turned = method.fit(replace(titles, embeddings=titles.embeddings[::-1].copy()), 4, 0)
    assert not np.array_equal(model.theta, turned.theta)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(("name", "reads"), [("zeroshottm", False), ("combinedtm", True)])
def test_only_combinedtm_infers_theta_from_the_bag_of_words(name, reads, titles):
    # Steps this small leave the networks as the seed made them; what differs then comes from the documents.
    method = create(name, {"num_epochs": 1, "learning_rate": 1e-12})
    other = replace(titles, bow=titles.bow[::-1], texts=titles.texts[::-1])
    same = np.allclose(method.fit(titles, 4, 0).theta, method.fit(other, 4, 0).theta, atol=1e-4)
    assert same != reads


def test_etm_topics_lie_in_the_span_of_the_word_vectors_given(titles):
    model = create("etm", {"num_epochs": 3}).fit(titles, 4, 0)
    logits = np.log(model.beta.T.astype(np.float64))
    space = np.column_stack([titles.word_vectors, np.ones(len(titles.vocabulary))])
    solution = np.linalg.lstsq(space, logits, rcond=None)[0]
    np.testing.assert_allclose(space @ solution, logits, atol=1e-4)
    shuffled = space[np.random.default_rng(0).permutation(len(space))]
    misfit = logits - shuffled @ np.linalg.lstsq(shuffled, logits, rcond=None)[0]
    assert np.abs(misfit).max() > 1e-2


def test_etm_refuses_a_document_without_words(titles):
    bow = titles.bow.copy().tolil()
    bow[5] = 0
    texts = [*titles.texts[:5], "", *titles.texts[6:]]
    with pytest.raises(TopicbenchError, match="row 5 has no vocabulary word"):
        create("etm", {}).fit(replace(titles, bow=bow.tocsr(), texts=texts), 4, 0)


def test_ecrtm_places_word_vectors_by_column(titles):
    vectors = titles.word_vectors.copy()
    vectors[7] = vectors[3]
    settings = {"num_epochs": 1, "learning_rate": 1e-12}
    beta = create("ecrtm", settings).fit(replace(titles, word_vectors=vectors), 4, 0).beta
    np.testing.assert_allclose(beta[:, 7], beta[:, 3], rtol=1e-5)
    assert np.abs(beta[:, 7] - beta[:, 4]).max() > 1e-3
    np.testing.assert_allclose(beta.sum(axis=0), 1, rtol=1e-5)


def test_fastopic_of_long_embeddings_says_what_to_do(titles):
    long = replace(titles, embeddings=titles.embeddings * 100)
    with pytest.raises(TopicbenchError, match="normalise_embeddings"):
        create("fastopic", {"num_epochs": 2}).fit(long, 4, 0)
    mended = create("fastopic", {"num_epochs": 2, "normalise_embeddings": True}).fit(long, 4, 0)
    plain = create("fastopic", {"num_epochs": 2}).fit(titles, 4, 0)
    np.testing.assert_allclose(mended.theta, plain.theta, atol=1e-4)


def test_fastopic_is_the_librarys(titles):
    import random
    from types import SimpleNamespace

    import torch
    from fastopic import FASTopic

    for seed in (random.seed, np.random.seed, torch.manual_seed):
        seed(3)
    counted = {"train_bow": titles.bow, "vocab": titles.vocabulary}
    library = FASTopic(4, SimpleNamespace(preprocess=lambda texts: counted), doc_embed_model=SimpleNamespace())
    _, theta = library.fit_transform([*titles.texts], epochs=5, preset_doc_embeddings=titles.embeddings)
    model = create("fastopic", {"num_epochs": 5}).fit(titles, 4, 3)
    np.testing.assert_array_equal(model.theta, theta)
    np.testing.assert_array_equal(model.beta, library.get_beta())


def test_fastopic_in_batches_records_whole_epochs(titles):
    model = create("fastopic", {"num_epochs": 3, "batch_size": 50}).fit(titles, 4, 0)
    assert len(model.details["loss_per_epoch"]) == 3
    assert model.details["batch_size"] == 50


def test_bertopic_finds_planted_clusters_and_weights_words_by_class_tf_idf(blobs):
    model = create("bertopic", {}).fit(blobs, 5, 0)
    assert model.details["documents_per_topic"] == [30] * 5
    assert (model.details["outliers"], model.details["topics_obtained"]) == (0, 5)
    topic = model.theta.argmax(axis=1)
    assert [len(set(topic[30 * cluster : 30 * cluster + 30])) for cluster in range(5)] == [1] * 5
    # Grootendorst (2022), equation 2; the library scales a class's counts to sum to one and truncates their mean.
    counts = np.stack([blobs.bow.toarray()[topic == number].sum(axis=0) for number in range(5)])
    mean = int(counts.sum(axis=1).mean())
    expected = counts / counts.sum(axis=1, keepdims=True) * np.log1p(mean / counts.sum(axis=0))
    np.testing.assert_allclose(model.beta, expected, rtol=1e-5)
    assert model.beta[:, blobs.vocabulary.index("été")].max() > 0
    assert all(len(words) <= 11 for words in model.top_words(blobs.vocabulary, 15))


@pytest.mark.parametrize("num_topics", [2, 3, 4])
def test_bertopic_without_outliers_gives_k_topics_and_not_k_plus_one(num_topics, blobs):
    model = create("bertopic", {}).fit(blobs, num_topics, 0)
    assert model.beta.shape == (num_topics, 50)
    assert model.theta.shape == (150, num_topics)
    topic = model.theta.argmax(axis=1)
    assert sorted(np.bincount(topic).tolist(), reverse=True) == model.details["documents_per_topic"]


def test_bertopic_without_a_cluster_is_an_error(blobs):
    with pytest.raises(TopicbenchError, match="found no cluster of at least 100 among 150"):
        create("bertopic", {"min_cluster_size": 100}).fit(blobs, 3, 0)


def test_bertopic_leaves_the_number_of_threads(blobs):
    import torch

    before = torch.get_num_threads()
    create("bertopic", {}).fit(blobs, 3, 0)
    assert torch.get_num_threads() == before


TOPMOST = """
import sys
from topicbench.models._topmost import import_topmost
import transformers, sentence_transformers
sys.path.insert(0, sys.argv[1])
topmost = import_topmost()
{expected}
from transformers import AutoModel, AutoTokenizer, PreTrainedModel
assert import_topmost() is topmost and topmost.ECRTM and topmost.BasicTrainer
"""
BROKEN = (
    "raise RuntimeError('operator torchvision::nms does not exist')",
    "assert [name for name in sys.modules if name.startswith('torchvision')] == []",
)
WORKING = (
    "",
    "from torchvision.datasets.utils import download_url\n"
    "assert topmost.data.download.download_url is download_url and download_url() == 'real'",
)


@pytest.mark.parametrize(("init", "expected"), [BROKEN, WORKING], ids=["broken", "working"])
def test_topmost_is_imported_with_or_without_torchvision(init, expected, tmp_path):
    package = tmp_path / "site" / "torchvision"
    (package / "datasets").mkdir(parents=True)
    (package / "__init__.py").write_text(init)
    (package / "datasets" / "__init__.py").write_text("")
    (package / "datasets" / "utils.py").write_text("def download_url(*_): return 'real'\n")
    child = subprocess.run(
        [sys.executable, "-c", TOPMOST.format(expected=expected), str(package.parent)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(base.__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2000:]
