"""Soft labels on other backbones: each library's own model with another target, against losses computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax

from topicbench.core.code import closure
from topicbench.core.errors import TopicbenchError
from topicbench.models._topmost import import_topmost
from topicbench.models.contract import Inputs, create, methods
from topicbench.runs.identity import READING

pytestmark = pytest.mark.library

BACKBONES = {"softetm": "etm", "softecrtm": "ecrtm", "softfastopic": "fastopic"}
LONG_ENOUGH = {
    # So few documents leave ETM in local optima at higher temperatures.
    "softetm": {"num_epochs": 60, "batch_size": 30, "num_neurons": 40, "dropout": 0, "temperature": 1},
    "softecrtm": {"num_epochs": 15, "num_neurons": 40, "sinkhorn_max_iter": 50},
    "softfastopic": {"num_epochs": 100},
}


@pytest.fixture(scope="module")
def planted() -> Inputs:
    """90 documents of three classes; soft labels favour the class's ten words, the bags of words are noise."""
    generator = np.random.default_rng(0)
    label = np.repeat(np.arange(3), 30)
    words = np.repeat(np.arange(3), 10)
    vocabulary = [f"w{word:02}" for word in range(30)]
    bow = generator.integers(0, 2, (90, 30)).astype(np.int32)
    bow[:, 0] = 1
    logits = 8.0 * (label[:, None] == words) + generator.normal(size=(90, 30))
    hidden = np.eye(3)[label] @ generator.normal(size=(3, 12)) + 0.1 * generator.normal(size=(90, 12))
    return Inputs(
        vocabulary,
        csr_matrix(bow),
        [" ".join(np.repeat(vocabulary, row)) for row in bow],
        vocabulary_logits=logits.astype(np.float32),
        hidden_states=hidden.astype(np.float32),
        word_vectors=(2 * np.eye(3)[words] + 0.1 * generator.normal(size=(30, 3))).astype(np.float32),
    )


@pytest.mark.parametrize("name", BACKBONES)
def test_topics_planted_in_the_soft_labels_are_found(name, planted):
    model = create(name, LONG_ENOUGH[name]).fit(planted, 3, 0)
    topic = model.theta.argmax(axis=1)
    assert sorted(len(set(topic[30 * label : 30 * label + 30])) for label in range(3)) == [1] * 3
    assert len(set(topic)) == 3
    for label in range(3):
        words = np.argsort(-model.beta[topic[30 * label]])[:8]
        assert set(words // 10) == {label}
    assert np.array_equal(model.infer(planted).argmax(axis=1), topic)


@pytest.mark.parametrize("name", BACKBONES)
def test_the_bag_of_words_is_not_looked_at(name, planted):
    method = create(name, {"num_epochs": 2})
    model = method.fit(planted, 3, 0)
    other = method.fit(replace(planted, bow=planted.bow[::-1], texts=planted.texts[::-1]), 3, 0)
    assert model.theta.tobytes() == other.theta.tobytes()
    assert model.beta.tobytes() == other.beta.tobytes()
    assert model.infer(replace(planted, vocabulary_logits=None)).tobytes() == model.infer(planted).tobytes()


@pytest.mark.parametrize("name", BACKBONES)
def test_the_backbones_own_input_is_read_where_that_is_asked_for(name, titles):
    method = create(name, {"num_epochs": 2, "input": "own"})
    assert method.needs == create(BACKBONES[name], {}).needs | {"vocabulary_logits"}
    model = method.fit(replace(titles, hidden_states=None), 3, 0)
    read = {"embeddings": titles.embeddings[::-1]} if name == "softfastopic" else {"bow": titles.bow[::-1]}
    turned = model.infer(replace(titles, **read, vocabulary_logits=None, hidden_states=None))
    np.testing.assert_allclose(turned, model.infer(titles)[::-1], atol=1e-5)
    assert not np.array_equal(turned, model.infer(titles))


@pytest.mark.parametrize("name", BACKBONES)
def test_missing_features_and_impossible_settings_are_errors(name, planted):
    for need in create(name, {}).needs:
        with pytest.raises(TopicbenchError, match=f"methods.{name}.*needs {need}"):
            create(name, {}).fit(replace(planted, **{need: None}), 3, 0)
    with pytest.raises(TopicbenchError, match=f"methods.{name}.temperature"):
        create(name, {"temperature": 0})


@pytest.mark.parametrize(("name", "backbone"), BACKBONES.items())
def test_all_but_target_and_input_is_the_backbones(name, backbone):
    own, shared = methods()[name].model_fields, methods()[backbone].model_fields
    changed = {"normalise_bow"} if backbone == "etm" else {"normalise_embeddings"}
    for key in set(shared) - changed:
        assert own[key].default == shared[key].default, key
    assert set(own) - set(shared) == {"temperature", "loss_weight", "input"}


def kl(logits: np.ndarray, log_p: np.ndarray, temperature: float) -> float:
    target = softmax(logits / temperature, axis=1)
    return float((target * (np.log(target) - log_p)).sum(axis=1).mean())


def captured(owner: type, monkeypatch) -> list:
    """Instances of ``owner`` made from here on, in order."""
    made, original = [], owner.__init__

    def init(self, *arguments, **settings):
        original(self, *arguments, **settings)
        made.append(self)

    monkeypatch.setattr(owner, "__init__", init)
    return made


def test_etms_loss_is_its_mixture_tempered_against_the_target(planted, monkeypatch):
    from octis.models.ETM_model.etm import ETM as Network

    made = captured(Network, monkeypatch)
    create("softetm", {"num_epochs": 1, "temperature": 2.0, "loss_weight": 50.0, "dropout": 0}).fit(planted, 3, 0)
    network = made[-1].eval()
    assert isinstance(network, Network)
    row = np.hstack([softmax(planted.vocabulary_logits / 2, axis=1), planted.hidden_states]).astype(np.float32)
    with torch.no_grad():
        loss, prior = network(torch.from_numpy(row), torch.from_numpy(row))
        theta = network.get_theta(torch.from_numpy(row))[0].numpy().astype(np.float64)
        beta = network.get_beta().numpy().astype(np.float64)
        mean, log_variance, _ = network.encode(torch.from_numpy(row))
    log_p = log_softmax(np.log(theta @ beta + 1e-6) / 2, axis=1)
    assert float(loss) == pytest.approx(50 * kl(planted.vocabulary_logits, log_p, 2), rel=1e-4)
    gaussian = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
    assert float(prior) == pytest.approx(float(gaussian), rel=1e-4)


def test_ecrtms_loss_is_its_decoder_tempered_against_the_target(planted, monkeypatch):
    library = import_topmost().ECRTM
    made = captured(library, monkeypatch)
    settings = {"num_epochs": 1, "temperature": 2.0, "loss_weight": 50.0}
    create("softecrtm", settings).fit(planted, 3, 0)
    network = made[-1].eval()
    assert isinstance(network, library)
    row = torch.from_numpy(np.hstack([softmax(planted.vocabulary_logits / 2, axis=1), planted.hidden_states]))
    with torch.no_grad():
        loss = network(row)["loss"]
        theta, prior = network.encode(row)
        mixture = network.decoder_bn(theta @ network.get_beta()).numpy().astype(np.float64)
        regularisation = network.get_loss_ECR()
    expected = 50 * kl(planted.vocabulary_logits, log_softmax(mixture / 2, axis=1), 2) + float(prior + regularisation)
    assert float(loss) == pytest.approx(expected, rel=1e-4)


def test_fastopics_loss_is_its_mixture_tempered_against_the_target(planted, monkeypatch):
    from fastopic._fastopic import fastopic

    made = captured(fastopic, monkeypatch)
    create("softfastopic", {"num_epochs": 1, "temperature": 2.0, "loss_weight": 50.0}).fit(planted, 3, 0)
    network = made[-1].eval()
    hidden = planted.hidden_states / np.linalg.norm(planted.hidden_states, axis=1, keepdims=True)
    with torch.no_grad():
        loss = network(torch.from_numpy(softmax(planted.vocabulary_logits / 2, axis=1)), torch.from_numpy(hidden))[
            "loss"
        ]
        costs, plan = network.DT_ETP(torch.from_numpy(hidden), network.topic_embeddings)
        theta = plan.numpy().astype(np.float64) * len(hidden)
        beta = network.get_beta().numpy().astype(np.float64)
        costs = costs + network.TW_ETP(network.topic_embeddings, network.word_embeddings)[0]
    log_p = log_softmax(np.log(theta @ beta) / 2, axis=1)
    assert float(loss) == pytest.approx(50 * kl(planted.vocabulary_logits, log_p, 2) + float(costs), rel=1e-4)


@pytest.mark.parametrize(("name", "backbone"), BACKBONES.items())
def test_a_variant_is_fitted_again_when_its_backbone_changes(name, backbone):
    assert methods()[backbone].__module__ in closure(methods()[name].__module__, *READING)
