"""Training of the soft-label model against the same objective in the training loop of contextualised topic models.

The loop is modelled on OCTIS's ``CTM`` and its ``CTMDataset``: a Dataset that turns one document at a time into two
float tensors, a DataLoader of shuffled batches of 64, the network and the losses written as there, the target's softmax
per batch, PyTorch's Adam as it comes, and ``loss.item()`` after every batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import inputs
import numpy as np
import torch
from measure import Row, compared, growth, timed
from scipy.sparse import csr_matrix
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from topicbench.metrics import clustering
from topicbench.models.contract import Inputs
from topicbench.models.softlabel import SoftLabel, _network

TOPICS = 50
EPOCHS = 5


class Documents(Dataset):
    """As OCTIS's CTMDataset, with logits in the place of word counts."""

    def __init__(self, logits: np.ndarray, hidden: np.ndarray) -> None:
        self.logits, self.hidden = logits, hidden

    def __len__(self) -> int:
        return len(self.logits)

    def __getitem__(self, row: int) -> dict[str, Tensor]:
        return {"X": torch.FloatTensor(self.logits[row]), "X_bert": torch.FloatTensor(self.hidden[row])}


class Network(nn.Module):
    """As OCTIS's DecoderNetwork and ContextualInferenceNetwork with their ProdLDA settings."""

    def __init__(self, input_size: int, vocabulary_size: int, method: SoftLabel) -> None:
        super().__init__()
        first, second = method.hidden_sizes
        self.input_layer = nn.Linear(input_size, first)
        self.hidden = nn.Linear(first, second)
        self.dropout_enc = nn.Dropout(method.dropout)
        self.f_mu, self.f_sigma = nn.Linear(second, TOPICS), nn.Linear(second, TOPICS)
        self.f_mu_batchnorm, self.f_sigma_batchnorm = (nn.BatchNorm1d(TOPICS, affine=False) for _ in range(2))
        self.prior_mean = nn.Parameter(torch.zeros(TOPICS))
        self.prior_variance = nn.Parameter(torch.full((TOPICS,), 1 - 1 / TOPICS))
        self.beta = nn.Parameter(nn.init.xavier_uniform_(torch.empty(TOPICS, vocabulary_size)))
        self.beta_batchnorm = nn.BatchNorm1d(vocabulary_size, affine=False)
        self.drop_theta = nn.Dropout(method.dropout)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        hidden = functional.softplus(self.hidden(functional.softplus(self.input_layer(x))))
        hidden = self.dropout_enc(hidden)
        return self.f_mu_batchnorm(self.f_mu(hidden)), self.f_sigma_batchnorm(self.f_sigma(hidden))

    def forward(self, x: Tensor, temperature: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        mean, log_variance = self.posterior(x)
        theta = functional.softmax(torch.randn_like(mean).mul(torch.exp(0.5 * log_variance)).add_(mean), dim=1)
        words = self.beta_batchnorm(torch.matmul(self.drop_theta(theta), self.beta))
        return mean, torch.exp(log_variance), log_variance, functional.log_softmax(words / temperature, dim=1)


class DataLoaderTraining:
    """The loop, epoch by epoch."""

    def __init__(self, features: inputs.Features, method: SoftLabel, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.method, self.features = method, features
        self.loader = DataLoader(Documents(features.logits, features.hidden), method.batch_size, shuffle=True)
        self.model = Network(features.hidden.shape[1], features.logits.shape[1], method)
        betas = (method.momentum, 0.99)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=method.learning_rate, betas=betas)

    def epoch(self) -> float:
        """One pass; mean loss per document."""
        model, method = self.model, self.method
        model.train()
        train_loss, samples_processed = 0.0, 0
        for batch in self.loader:
            X, X_bert = batch["X"], batch["X_bert"]
            target = functional.softmax(X / method.temperature, dim=1)
            model.zero_grad()
            mean, variance, log_variance, log_words = model(X_bert, method.temperature)
            difference = model.prior_mean - mean
            divergence = 0.5 * (
                torch.sum(variance / model.prior_variance, dim=1)
                + torch.sum(difference * difference / model.prior_variance, dim=1)
                - TOPICS
                + model.prior_variance.log().sum()
                - log_variance.sum(dim=1)
            )
            reconstruction = functional.kl_div(log_words, target, reduction="none").sum(dim=1)
            loss = (divergence + method.loss_weight * reconstruction).sum()
            loss.backward()
            self.optimizer.step()
            samples_processed += len(X)
            train_loss += loss.item()
        return train_loss / samples_processed

    def theta(self) -> np.ndarray:
        self.model.eval()
        with torch.no_grad():
            mean, log_variance = self.model.posterior(torch.from_numpy(self.features.hidden))
            deviation = torch.exp(0.5 * log_variance)
            draws = [torch.softmax(mean + deviation * torch.randn_like(mean), dim=1) for _ in range(10)]
        return (sum(draws) / len(draws)).numpy()


def as_inputs(features: inputs.Features) -> Inputs:
    documents, words = features.logits.shape
    empty = csr_matrix((documents, words), dtype=np.int32)
    names = [f"w{word}" for word in range(words)]
    return Inputs(names, empty, [""] * documents, vocabulary_logits=features.logits, hidden_states=features.hidden)


def epoch_of_ours(features: inputs.Features, method: SoftLabel) -> Any:
    """A function that trains for one epoch; targets and tensors are prepared outside of it, as the loop's are."""
    x = torch.from_numpy(features.hidden)
    reconstruction = method._reconstruction(as_inputs(features), "cpu")
    network = _network(x.shape[1], features.logits.shape[1], TOPICS, method.hidden_sizes, method.dropout)
    return lambda: method._train(network, x, reconstruction, method.batch_size)


def run(sizes: Sequence[int], pairs: int) -> tuple[list[Row], list[dict[str, Any]], list[str]]:
    """Rows, growth and remarks."""
    features = inputs.features(inputs.TITLES)
    one = SoftLabel(num_epochs=1, device="cpu")
    loop = DataLoaderTraining(features, one)
    mine = epoch_of_ours(features, one)
    timed(mine)
    loop.epoch()
    documents, words = features.logits.shape
    row = compared(
        f"training, one epoch, N = {documents}, |V| = {words}, K = {TOPICS}, float32",
        mine,
        loop.epoch,
        pairs,
        goal=4.0,
    )
    remarks = [_equal_results(features), _floor(features, row)]
    growing = growth(
        "training, one epoch (above 20,000 resampled)",
        sizes,
        lambda size: epoch_of_ours(inputs.features(size) if size > documents else _first(features, size), one),
    )
    return [row], [growing], remarks


def _first(features: inputs.Features, size: int) -> inputs.Features:
    return inputs.Features(features.hidden[:size], features.logits[:size], features.labels[:size], False)


def _equal_results(features: inputs.Features) -> str:
    """Final loss and scores of both after the same number of epochs."""
    method = SoftLabel(num_epochs=EPOCHS, device="cpu")
    found: dict[str, list[str]] = {"ours": [], "loop": []}
    for seed in range(2):
        fitted = method.fit(as_inputs(features), TOPICS, seed)
        details = fitted.details
        loss = method.loss_weight * details["reconstruction_per_epoch"][-1] + details["prior_per_epoch"][-1]
        loop = DataLoaderTraining(features, method, seed)
        last = [loop.epoch() for _ in range(EPOCHS)][-1]
        for name, value, theta in (("ours", loss, fitted.theta), ("loop", last, loop.theta())):
            assigned = clustering.assigned_topics(theta)
            purity, nmi = (function(assigned, features.labels) for function in (clustering.purity, clustering.nmi))
            found[name].append(f"{value:.2f} / {purity:.3f} / {nmi:.3f}")
    return (
        f"Training, loss of the last of {EPOCHS} epochs / purity / NMI, seeds 0 and 1: ours "
        f"{', '.join(found['ours'])}; DataLoader {', '.join(found['loop'])}."
    )


def _floor(features: inputs.Features, row: Row) -> str:
    """Seconds of an epoch's matrix products and of Adam alone."""
    size, width, words = 64, features.hidden.shape[1], features.logits.shape[1]
    pairs = [(width, 200), (200, 200), (200, 2 * TOPICS), (TOPICS, words)]
    step = 0.0
    for number, (size_in, size_out) in enumerate(pairs):
        x, weight, gradient = torch.randn(size, size_in), torch.randn(size_in, size_out), torch.randn(size, size_out)
        products = [lambda x=x, w=weight: x @ w, lambda x=x, g=gradient: x.T @ g]
        if number:
            products.append(lambda g=gradient, w=weight: g @ w.T)
        for product in products:
            step += min(timed(lambda p=product: [p() for _ in range(50)]).cpu for _ in range(5)) / 50
    parameters = [torch.randn(size) for size in (sum(a * b for a, b in pairs),)]
    others = [[torch.randn_like(p) for p in parameters] for _ in range(3)]
    others[2] = [p.abs() for p in others[2]]
    steps = [torch.ones(())]

    def adam() -> None:
        from torch.optim.adam import adam

        options = {"amsgrad": False, "beta1": 0.99, "beta2": 0.99, "lr": 1e-6, "weight_decay": 0.0, "eps": 1e-8}
        adam(parameters, *others, [], steps, fused=True, maximize=False, **options)

    update = min(timed(lambda: [adam() for _ in range(50)]).cpu for _ in range(5)) / 50
    count = -(-len(features.logits) // size)
    return (
        f"Arithmetic floor of an epoch: matrix products {count * step:.2f} s, Adam's pass over the parameters "
        f"{count * update:.2f} s of processor time."
    )
