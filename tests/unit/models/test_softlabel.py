"""The soft-label topic model against OCTIS's losses, PyTorch's divergences, and topics planted in the data."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.metrics import normalized_mutual_info_score
from torch.nn import functional

from topicbench.core.errors import TopicbenchError
from topicbench.models.contract import Inputs, create
from topicbench.models.softlabel import SoftLabel, _network

V, K, D, N = 60, 4, 16, 256


@pytest.fixture(scope="module")
def planted():
    """Inputs whose documents belong to one of K topics, each with words of its own; and which."""
    rng = np.random.default_rng(0)
    topic = np.arange(N) % K
    logits = rng.normal(0, 0.5, (N, V)).astype(np.float32)
    for document, number in enumerate(topic):
        logits[document, number * 15 : number * 15 + 15] += 6
    centres = rng.normal(size=(K, D))
    hidden = (centres[topic] + rng.normal(0, 0.3, (N, D))).astype(np.float32)
    bow = csr_matrix((rng.random((N, V)) < np.where(logits > 3, 0.4, 0.02)).astype(np.int32))
    words = [f"w{number:02d}" for number in range(V)]
    return Inputs(words, bow, [""] * N, embeddings=hidden, vocabulary_logits=logits, hidden_states=hidden), topic


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"kl_direction": "model_target"},
        {"loss": "nll", "student_temperature": 1.0},
        {"target": "bow", "loss": "nll", "loss_weight": 1.0, "student_temperature": 1.0},
        {"target": "bow", "loss_weight": 100.0},
        {"input": "embeddings"},
        {"schedule": "cosine"},
        {"top_k": 15},
        {"sparsity_ratio": 0.25},
    ],
    ids=str,
)
def test_planted_topics_are_found_by_every_form_of_the_model(planted, settings):
    inputs, topic = planted
    model = create("softlabel", {"num_epochs": 60, "learning_rate": 0.01, **settings}).fit(inputs, K, seed=0)
    assert normalized_mutual_info_score(topic, model.theta.argmax(axis=1)) > 0.8
    found = [{int(word[1:]) // 15 for word in words[:10]} for words in model.top_words(inputs.vocabulary, 15)]
    assert sorted(found, key=sorted) == [{0}, {1}, {2}, {3}]
    assert np.allclose(model.theta.sum(axis=1), 1, atol=1e-5)
    reconstruction = model.details["reconstruction_per_epoch"]
    assert len(reconstruction) == 60
    assert reconstruction[-1] < reconstruction[0]


def log_distribution(seed, rows=N):
    return torch.log_softmax(torch.randn(rows, V, generator=torch.Generator().manual_seed(seed)), dim=1)


def test_kl_is_pytorchs_in_both_directions(planted):
    inputs, _ = planted
    log_p, rows = log_distribution(1), torch.arange(N)
    target = torch.softmax(torch.tensor(inputs.vocabulary_logits) / 3, dim=1)
    forward = SoftLabel()._reconstruction(inputs, "cpu")(log_p, rows)
    expected = functional.kl_div(log_p, target, reduction="none").sum(dim=1)
    torch.testing.assert_close(forward, expected, atol=1e-5, rtol=1e-5)
    reverse = SoftLabel(kl_direction="model_target")._reconstruction(inputs, "cpu")(log_p, rows)
    expected = functional.kl_div(target.log(), log_p.exp(), reduction="none").sum(dim=1)
    torch.testing.assert_close(reverse, expected, atol=1e-5, rtol=1e-5)


def test_rows_of_a_batch_get_their_own_targets(planted):
    inputs, _ = planted
    rows = torch.tensor([7, 3, 200])
    for settings in ({}, {"kl_direction": "model_target"}, {"target": "bow", "loss": "nll"}):
        loss = SoftLabel(**settings)._reconstruction(inputs, "cpu")
        whole = loss(log_distribution(2), torch.arange(N))
        torch.testing.assert_close(loss(log_distribution(2)[rows], rows), whole[rows])


def test_raw_logits_weigh_the_likelihood_as_they_are(planted):
    inputs, _ = planted
    log_p = log_distribution(3)
    loss = SoftLabel(loss="nll", nll_weights="raw_logits")._reconstruction(inputs, "cpu")(log_p, torch.arange(N))
    torch.testing.assert_close(loss, -(torch.tensor(inputs.vocabulary_logits) * log_p).sum(dim=1))


def test_prior_and_likelihood_are_those_of_octis(planted):
    """OCTIS computes both terms in CTM._loss; ours must be equal on the same posterior and word distribution."""
    from octis.models.contextualized_topic_models.models.ctm import CTM

    inputs, _ = planted
    torch.manual_seed(0)
    network = _network(D, V, K, (20, 20), 0.2)
    with torch.no_grad():
        network.prior_mean.normal_()
        network.prior_variance.uniform_(0.3, 2)
        x = torch.tensor(inputs.hidden_states)
        network.eval()
        mean, log_variance = network.posterior(x)
        torch.manual_seed(5)
        log_p, divergence = network(x, 1.0)
    bow = torch.tensor(inputs.bow.toarray()).float()
    ours = SoftLabel(target="bow", loss="nll")._reconstruction(inputs, "cpu")(log_p, torch.arange(N))
    octis = CTM(input_size=V, bert_input_size=D, inference_type="zeroshot", num_topics=K)
    theirs = octis._loss(
        bow, log_p.exp(), network.prior_mean, network.prior_variance, mean, log_variance.exp(), log_variance
    )
    torch.testing.assert_close((ours + divergence).sum(), theirs.sum().detach(), rtol=1e-4, atol=1e-2)


def test_the_prior_is_the_laplace_approximation_of_a_dirichlet():
    network = _network(D, V, 50, (200, 200), 0.2)
    assert network.prior_mean.tolist() == [0.0] * 50
    assert np.allclose(network.prior_variance.detach(), 1 - 1 / 50)


@pytest.mark.parametrize(("settings", "kept"), [({"top_k": 7}, 7), ({"sparsity_ratio": 0.11}, 7), ({"top_k": 99}, V)])
def test_sparse_soft_labels_are_of_the_likeliest_words(planted, settings, kept):
    inputs, _ = planted
    method, corrected = create("softlabel", settings)._corrected(inputs)
    target = torch.softmax(torch.from_numpy(corrected.vocabulary_logits) / method.temperature, dim=1).numpy()
    dense = torch.softmax(torch.from_numpy(inputs.vocabulary_logits) / method.temperature, dim=1).numpy()
    assert ((target > 0).sum(axis=1) == kept).all()
    for row in range(0, N, 50):
        words = np.argsort(-dense[row])[:kept]
        np.testing.assert_allclose(target[row, words], dense[row, words] / dense[row, words].sum(), rtol=1e-5)
    everything = create("softlabel", {"num_epochs": 2, "sparsity_ratio": 1.0}).fit(inputs, K, 0)
    assert everything.theta.tobytes() == create("softlabel", {"num_epochs": 2}).fit(inputs, K, 0).theta.tobytes()


@pytest.mark.parametrize(
    "more",
    [
        {"sparsity_ratio": 0.5},
        {"target_perplexity": 0.8},
        {"target": "bow"},
        {"loss": "nll", "nll_weights": "raw_logits"},
    ],
)
def test_sparse_soft_labels_that_make_no_sense_are_errors(more):
    with pytest.raises(TopicbenchError, match=r"methods\.softlabel.*sparse soft labels do not go with"):
        create("softlabel", {"top_k": 5, **more})


def test_what_each_ablation_reads():
    assert SoftLabel().needs == {"vocabulary_logits", "hidden_states"}
    assert SoftLabel(target="bow").needs == {"hidden_states"}
    assert SoftLabel(input="embeddings").needs == {"vocabulary_logits", "embeddings"}
    assert SoftLabel(target="bow", input="embeddings").needs == {"embeddings"}


def test_a_loss_that_is_no_number_stops_the_run(planted):
    inputs, _ = planted
    broken = inputs.hidden_states.copy()
    # Finite itself, but its products are not.
    broken[5] = np.finfo(np.float32).max
    broken = Inputs(
        inputs.vocabulary, inputs.bow, inputs.texts, vocabulary_logits=inputs.vocabulary_logits, hidden_states=broken
    )
    with pytest.raises(TopicbenchError, match="softlabel, epoch 1: the loss is NaN or infinite"):
        SoftLabel(num_epochs=3).fit(broken, K, 0)


def test_one_document_is_refused(planted):
    inputs, _ = planted
    one = Inputs(
        inputs.vocabulary,
        inputs.bow[:1],
        [""],
        vocabulary_logits=inputs.vocabulary_logits[:1],
        hidden_states=inputs.hidden_states[:1],
    )
    with pytest.raises(TopicbenchError, match="at least two documents"):
        SoftLabel().fit(one, K, 0)


def test_bow_likelihood_and_encoder_input_make_it_zeroshottm(titles):
    """With all three parts ablated: clusters agree between the two implementations as between seeds of either."""
    settings = {"num_epochs": 40, "num_samples": 10, "batch_size": 64}
    ablated = {"target": "bow", "loss": "nll", "loss_weight": 1.0, "student_temperature": 1.0, "input": "embeddings"}
    seeds = range(4)
    ours = [create("softlabel", {**settings, **ablated}).fit(titles, 6, seed).theta.argmax(axis=1) for seed in seeds]
    octis = [create("zeroshottm", settings).fit(titles, 6, seed).theta.argmax(axis=1) for seed in seeds]

    def agreement(first, second, same):
        pairs = [(i, j) for i in seeds for j in seeds if not same or i < j]
        return np.array([normalized_mutual_info_score(first[i], second[j]) for i, j in pairs])

    within = np.concatenate([agreement(ours, ours, True), agreement(octis, octis, True)])
    between = agreement(ours, octis, False)
    print(f"NMI within {within.mean():.3f} ± {within.std():.3f}, between {between.mean():.3f}")
    assert abs(between.mean() - within.mean()) < within.std()


@pytest.fixture(scope="module")
def fitted(planted):
    method = create("softlabel", {"num_epochs": 30, "learning_rate": 0.01})
    return method, method.fit(planted[0], K, seed=0)


def rows_of(inputs, rows):
    return Inputs(inputs.vocabulary, inputs.bow[rows], [], hidden_states=inputs.hidden_states[rows])


def test_topics_of_other_documents_follow_the_training_documents(planted, fitted):
    inferred = fitted[1].infer(planted[0])
    assert (inferred.argmax(axis=1) == fitted[1].theta.argmax(axis=1)).mean() > 0.99
    np.testing.assert_allclose(inferred.sum(axis=1), 1, atol=1e-5)


def test_what_is_inferred_for_a_document_does_not_depend_on_its_companions(planted, fitted):
    together = fitted[1].infer(planted[0])
    for rows in ([3], [200, 7]):
        np.testing.assert_allclose(fitted[1].infer(rows_of(planted[0], rows)), together[rows], atol=1e-6)


def test_a_model_restored_from_its_arrays_infers_the_same(planted, fitted):
    method, model = fitted
    restored = method.restore({name: array.copy() for name, array in model.state.items()})
    assert restored(planted[0]).tobytes() == model.infer(planted[0]).tobytes()


def test_hidden_states_of_another_width_are_refused(planted, fitted):
    other = Inputs(planted[0].vocabulary, planted[0].bow, [], hidden_states=np.zeros((2, D + 1), np.float32))
    with pytest.raises(TopicbenchError, match="reads documents × 16"):
        fitted[1].infer(other)
