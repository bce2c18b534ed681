"""Calibrated soft labels: what each correction does to the target and the input, and that the model uses it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from scipy.special import softmax
from scipy.stats import entropy

from topicbench.models._logit_correction import centred, column_moments, temperature_for_perplexity
from topicbench.models.contract import Inputs, create

N, V, D, K = 96, 40, 12, 4


@pytest.fixture(scope="module")
def habitual():
    """Inputs of K planted topics, whose logits and hidden states have large parts that are alike in every document."""
    rng = np.random.default_rng(0)
    topic = np.arange(N) % K
    logits = rng.normal(0, 0.5, (N, V)) + rng.normal(0, 4, V)
    for document, number in enumerate(topic):
        logits[document, number * 10 : number * 10 + 10] += 3
    hidden = rng.normal(size=(K, D))[topic] + rng.normal(0, 0.3, (N, D)) + rng.normal(0, 30, D)
    words = [f"w{number:02d}" for number in range(V)]
    bow = csr_matrix(np.ones((N, V), np.int32))
    logits, hidden = logits.astype(np.float32), hidden.astype(np.float32)
    return Inputs(
        words, bow, [""] * N, vocabulary_logits=logits, surface_forms=logits[::-1], hidden_states=hidden
    ), topic


def test_centred_logits_are_pointwise_mutual_information(habitual):
    """Against its definition: log p(v|x) minus the mean of log p(v|·), up to a constant of the document."""
    logits = habitual[0].vocabulary_logits.astype(np.float64)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    pmi = log_p - log_p.mean(axis=0)
    difference = centred(habitual[0].vocabulary_logits) - pmi
    np.testing.assert_allclose(difference, np.broadcast_to(difference[:, :1], difference.shape), atol=1e-4)


@given(st.integers(0, 10_000), st.floats(-50, 50))
def test_centring_forgets_what_is_added_to_a_word_in_every_document(seed, habit):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(7, 5)).astype(np.float32)
    moved = logits + (np.eye(5, dtype=np.float32)[seed % 5] * np.float32(habit))
    np.testing.assert_allclose(centred(moved), centred(logits), atol=2e-5)
    np.testing.assert_allclose(centred(logits).mean(axis=0), 0, atol=1e-6)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.85, 0.99])
def test_temperature_gives_the_perplexity_asked_for(habitual, share):
    logits = habitual[0].vocabulary_logits
    temperature = temperature_for_perplexity(logits, share)
    reached = np.exp(entropy(softmax(logits.astype(np.float64) / temperature, axis=1), axis=1)).mean() / V
    assert reached == pytest.approx(share, abs=1e-4)


def test_a_constant_dimension_is_not_divided_by_zero():
    x = np.array([[1.0, 5.0], [3.0, 5.0]], np.float32)
    mean, deviation = column_moments(x)
    assert mean.tolist() == [2, 5]
    assert deviation.tolist() == [1, 1]


def fit(inputs, **settings):
    return create("softlabel", {"num_epochs": 3, **settings}).fit(inputs, K, seed=0)


def test_the_model_reads_the_corrected_logits_and_states(habitual):
    """Each setting gives the very model that the same correction made beforehand gives."""
    inputs = habitual[0]
    x = inputs.hidden_states
    mean, deviation = column_moments(x)
    beforehand = {
        "centre": replace(inputs, vocabulary_logits=centred(inputs.vocabulary_logits)),
        "surface_forms": replace(inputs, vocabulary_logits=inputs.surface_forms),
        "standardise": replace(inputs, hidden_states=(x - mean) / deviation),
    }
    plain = fit(inputs).beta.tobytes()
    for setting, corrected in beforehand.items():
        model = fit(inputs, **{setting: True})
        assert model.beta.tobytes() == fit(corrected).beta.tobytes() != plain
    by_perplexity = fit(inputs, target_perplexity=0.5)
    temperature = temperature_for_perplexity(inputs.vocabulary_logits, 0.5)
    assert by_perplexity.details["temperature"] == temperature
    assert by_perplexity.beta.tobytes() == fit(inputs, temperature=temperature).beta.tobytes()


def test_softlabel_plus_is_the_model_with_all_corrections_kept(habitual):
    settings = {"num_epochs": 3, "centre": True, "standardise": True, "target_perplexity": 0.85}
    plus = create("softlabel+", {"num_epochs": 3}).fit(habitual[0], K, seed=0)
    assert plus.theta.tobytes() == create("softlabel", settings).fit(habitual[0], K, seed=0).theta.tobytes()


def test_new_documents_are_standardised_as_the_training_documents_were(habitual):
    inputs, _ = habitual
    method = create("softlabel+", {"num_epochs": 30, "learning_rate": 0.01})
    model = method.fit(inputs, K, seed=0)
    assert (model.infer(inputs).argmax(axis=1) == model.theta.argmax(axis=1)).mean() > 0.9
    one = replace(inputs, hidden_states=inputs.hidden_states[:1])
    np.testing.assert_allclose(method.restore(model.state)(one), model.infer(inputs)[:1], atol=1e-6)


def test_needs_follow_the_target():
    assert create("softlabel", {"surface_forms": True}).needs == {"surface_forms", "hidden_states"}
    assert create("softlabel+", {}).needs == {"vocabulary_logits", "hidden_states"}
    assert create("softlabel", {"surface_forms": True, "target": "bow"}).needs == {"hidden_states"}
