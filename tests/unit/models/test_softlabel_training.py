"""The fast training step against the plain one: PyTorch's automatic differentiation, Adam and schedule."""

import copy

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicbench.models.contract import Inputs
from topicbench.models.softlabel import SoftLabel, _adam, _network

N, V, K, D, B = 96, 40, 5, 12, 32


@pytest.fixture(scope="module")
def inputs():
    rng = np.random.default_rng(1)
    bow = csr_matrix(rng.poisson(0.2, (N, V)).astype(np.int32))
    hidden, logits = (rng.normal(size=(N, size)).astype(np.float32) * 2 for size in (D, V))
    return Inputs([f"w{word}" for word in range(V)], bow, [""] * N, vocabulary_logits=logits, hidden_states=hidden)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"student_temperature": 0.7},
        {"loss": "nll"},
        {"loss": "nll", "nll_weights": "raw_logits"},
        {"target": "bow"},
        {"target": "bow", "loss": "nll"},
    ],
    ids=str,
)
def test_loss_gradients_and_statistics_are_those_of_automatic_differentiation(inputs, settings):
    method = SoftLabel(**settings)
    reconstruction = method._reconstruction(inputs, "cpu")
    temperature = method.student_temperature or method.temperature
    torch.manual_seed(0)
    plain = _network(D, V, K, (8,), 0.2)
    plain.beta.data.normal_()
    fast = copy.deepcopy(plain)
    rows = torch.randperm(N)[:B]
    theta = torch.softmax(torch.randn(B, K), dim=1)
    leaves = [theta.clone().requires_grad_() for _ in range(2)]
    expected = reconstruction(plain.log_words(leaves[0], temperature), rows).sum()
    found = reconstruction.of_topics(leaves[1], fast.beta, fast.beta_norm, temperature, rows)
    (3 * expected).backward()
    (3 * found).backward()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4)
    for ours, theirs in ((leaves[1].grad, leaves[0].grad), (fast.beta.grad, plain.beta.grad)):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=2e-5 * theirs.abs().max().item())
    for name, value in plain.beta_norm.named_buffers():
        if name != "num_batches_tracked":
            torch.testing.assert_close(getattr(fast.beta_norm, name), value)


def test_the_gradient_is_that_of_finite_differences():
    """In float64, independent of PyTorch's own derivatives."""
    torch.manual_seed(3)
    reconstruction = SoftLabel()._reconstruction(
        Inputs([""] * 6, None, [""] * 9, vocabulary_logits=np.random.default_rng(0).normal(size=(9, 6))), "cpu"
    )
    double = type(reconstruction)(reconstruction.weights.double(), reconstruction.constant.double())
    norm = torch.nn.BatchNorm1d(6, affine=False).double()
    theta = torch.softmax(torch.randn(7, 3, dtype=torch.float64), dim=1).requires_grad_()
    beta = torch.randn(3, 6, dtype=torch.float64, requires_grad=True)
    rows = torch.arange(7)
    assert torch.autograd.gradcheck(lambda t, b: double.of_topics(t, b, norm, 3.0, rows), (theta, beta))


def test_a_training_run_ends_where_the_plain_step_ends(inputs):
    """Same seed, same shuffles and dropout; only rounding may differ."""
    method = SoftLabel(num_epochs=4, hidden_sizes=(8,))
    x = torch.from_numpy(inputs.hidden_states)
    results = []
    reconstruction = method._reconstruction(inputs, "cpu")
    for each in (reconstruction, lambda log_p, rows: reconstruction(log_p, rows)):
        torch.manual_seed(0)
        network = _network(D, V, K, (8,), 0.2)
        losses = method._train(network, x, each, B)
        results.append((np.array(losses), network.beta.detach().numpy()))
    (losses, beta), (plain_losses, plain_beta) = results
    np.testing.assert_allclose(losses, plain_losses, rtol=1e-4)
    np.testing.assert_allclose(beta, plain_beta, atol=1e-3 * np.abs(plain_beta).max())


def test_adam_and_cosine_decay_are_pytorchs():
    method = SoftLabel(schedule="cosine", num_epochs=6)
    torch.manual_seed(0)
    ours, theirs = [torch.nn.Parameter(torch.ones(7)) for _ in range(2)]
    optimiser = torch.optim.Adam([theirs], lr=method.learning_rate, betas=(method.momentum, 0.99))
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, method.num_epochs)
    step = _adam([ours], method.momentum)
    for epoch in range(1, method.num_epochs + 1):
        gradient = torch.randn(7)
        theirs.grad = gradient.clone()
        optimiser.step()
        scheduler.step()
        step([gradient], method._learning_rate(epoch))
    torch.testing.assert_close(ours, theirs)


def test_dropout_leaves_the_mean_and_drops_its_share():
    network = _network(D, V, K, (8,), 0.25)
    torch.manual_seed(0)
    dropped = network.theta_dropout(torch.ones(20000))
    assert sorted(set(dropped.tolist())) == [0.0, pytest.approx(4 / 3)]
    assert dropped.mean().item() == pytest.approx(1, abs=0.02)
    network.eval()
    assert torch.equal(network.theta_dropout(torch.ones(5)), torch.ones(5))
