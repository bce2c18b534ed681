"""The proposed model: ProdLDA that reads a language model's hidden states and reconstructs its soft labels.

Paper sections 3.1–3.3 and appendix D. The architecture is ProdLDA's without modification (Srivastava & Sutton 2017;
encoder and prior as in the contextualised topic models of OCTIS); what is new is the target, the loss and the input,
and each of the three has a field below, so that the ablations of Table 3 are settings of this one model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from topicbench.core.errors import TopicbenchError
from topicbench.models._common import require_inputs
from topicbench.models.contract import Inputs, Method, Need, TopicModel, batch_size_without_remainder_one

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class SoftLabel(Method):
    """ProdLDA trained on soft labels."""

    name: ClassVar[str] = "softlabel"
    title: ClassVar[str] = "Soft labels"
    environment: ClassVar[str] = "slm"
    # Even a document without a vocabulary word has a soft label; the paper's code keeps such documents for this model.
    reads_bag_of_words: ClassVar[bool] = False

    target: Literal["soft_labels", "bow"] = Field("soft_labels", description="What is reconstructed.")
    input: Literal["hidden_states", "embeddings"] = Field("hidden_states", description="What the encoder reads.")
    standardise: bool = Field(
        False, description="Shift and scale each dimension of the input to mean 0 and variance 1 over the corpus."
    )
    loss: Literal["kl", "nll"] = Field("kl", description="Reconstruction loss.")
    kl_direction: Literal["target_model", "model_target"] = Field(
        "target_model", description="KL(y ‖ p) as the released code, or KL(p ‖ y) as the paper's Equation 3."
    )
    nll_weights: Literal["softmax", "raw_logits"] = Field(
        "softmax", description="What weights log p when soft labels meet the NLL; raw_logits as the paper's numbers."
    )
    surface_forms: bool = Field(
        False, description="A word's probability is the sum of its surface forms' (word, Word, WORD), not of one token."
    )
    centre: bool = Field(
        False, description="Subtract each word's mean logit over the corpus before the softmax (see calibration.md)."
    )
    temperature: PositiveFloat = Field(3.0, description="τ of the soft target (Equation 1).")
    target_perplexity: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Instead of temperature: choose τ so that the soft labels' mean perplexity is this share of |V|.",
    )
    top_k: PositiveInt | None = Field(None, description="Soft labels of a document's k likeliest words; null: of all.")
    sparsity_ratio: float | None = Field(
        None, gt=0, le=1, description="The same as a share of |V|, rounded up; 1 keeps every word."
    )
    student_temperature: PositiveFloat | None = Field(
        None, description="τ_s of the model's word distribution; null: the target's."
    )
    loss_weight: PositiveFloat = Field(1e3, description="λ, weight of the reconstruction against the prior.")
    hidden_sizes: tuple[PositiveInt, ...] = Field((200, 200), min_length=1, description="Encoder layers.")
    dropout: float = Field(0.2, ge=0, lt=1, description="Dropout in the encoder and on θ.")
    learning_rate: PositiveFloat = Field(2e-3, description="Of Adam.")
    momentum: float = Field(0.99, ge=0, lt=1, description="β1 of Adam; β2 is 0.99 as in OCTIS.")
    schedule: Literal["constant", "cosine"] = Field(
        "constant", description="Learning rate: constant as the released code, cosine decay as the paper's text."
    )
    batch_size: int = Field(64, ge=2, description="Documents per step.")
    num_epochs: PositiveInt = Field(100, description="Passes over the documents.")
    num_samples: PositiveInt = Field(10, description="Samples of θ averaged at inference.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto takes CUDA where there is one.")

    @model_validator(mode="after")
    def _one_way_to_make_soft_labels_sparse(self) -> SoftLabel:
        excluded = {
            "both of top_k and sparsity_ratio": self.top_k and self.sparsity_ratio,
            "target_perplexity, which is of dense soft labels": self.target_perplexity,
            "target: bow": self.target == "bow",
            "nll_weights: raw_logits": self.loss == "nll" and self.nll_weights == "raw_logits",
        }
        for what in [what for what, given in excluded.items() if given and (self.top_k or self.sparsity_ratio)]:
            raise ValueError(f"sparse soft labels do not go with {what}")
        return self

    @property
    def needs(self) -> frozenset[Need]:
        needs: set[Need] = {self.input}
        if self.target == "soft_labels":
            needs.add(self._logits)
        return frozenset(needs)

    @property
    def _logits(self) -> Literal["vocabulary_logits", "surface_forms"]:
        return "surface_forms" if self.surface_forms else "vocabulary_logits"

    def row_label(self, reads: str) -> str:
        """As in the paper's tables, where a row is a language model."""
        return reads

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """Train and infer θ for the training documents.

        Raises:
            TopicbenchError: fewer than two documents, or a loss that is NaN or infinite.
        """
        import torch

        from topicbench.models._logit_correction import column_moments

        documents = len(self._encoder_input(inputs))
        if documents < 2:
            raise TopicbenchError("softlabel", f"needs at least two documents, got {documents}")
        require_inputs(self, inputs, num_topics)
        corrected, inputs = self._corrected(inputs)
        cuda = self.device == "cuda" or (self.device == "auto" and torch.cuda.is_available())
        device = torch.device("cuda" if cuda else "cpu")
        # Forking keeps the seed from leaking into whatever else runs in this process.
        with torch.random.fork_rng(devices=[device] if cuda else []):
            torch.manual_seed(seed)
            source = np.array(self._encoder_input(inputs), dtype=np.float32)
            shift, scale = np.zeros(1, np.float32), np.ones(1, np.float32)
            if self.standardise:
                shift, scale = column_moments(source)
                source = (source - shift) / scale
            x = torch.from_numpy(source).to(device)
            reconstruction = corrected._reconstruction(inputs, device)
            network = _network(x.shape[1], len(inputs.vocabulary), num_topics, self.hidden_sizes, self.dropout)
            network.to(device)
            batch_size = batch_size_without_remainder_one(documents, self.batch_size)
            reconstruction_losses, prior_losses = corrected._train(network, x, reconstruction, batch_size)
            theta = self._infer(network, x)
            # One draw of noise for all documents: what is inferred for one does not depend on its companions.
            noise = torch.randn(self.num_samples, num_topics, device=device)
        state = {f"network.{name}": tensor.cpu().numpy() for name, tensor in network.state_dict().items()}
        state |= {"noise": noise.cpu().numpy(), "shift": shift, "scale": scale}
        return TopicModel(
            theta=theta,
            beta=network.beta.detach().cpu().numpy(),
            infer=self.restore(state),
            state=state,
            details={
                "batch_size": batch_size,
                "device": device.type,
                "temperature": corrected.temperature,
                "epochs_run": self.num_epochs,
                # Means over the documents; the loss that is minimised weighs the first by loss_weight.
                "reconstruction_per_epoch": reconstruction_losses,
                "prior_per_epoch": prior_losses,
            },
        )

    def restore(self, state: Mapping[str, np.ndarray]) -> Callable[[Inputs], np.ndarray]:
        """Inference on the processor from the arrays of a fitted model: θ is the mean over its stored noise."""
        import torch

        tensors = {name: torch.from_numpy(np.array(array)) for name, array in state.items()}
        noise, shift, scale = (tensors.pop(name) for name in ("noise", "shift", "scale"))
        weights = {name.removeprefix("network."): tensor for name, tensor in tensors.items()}
        num_topics, vocabulary_size = weights["beta"].shape
        input_size = weights["encoder.0.weight"].shape[1]
        with torch.random.fork_rng(devices=[]):
            network = _network(input_size, vocabulary_size, num_topics, self.hidden_sizes, self.dropout)
        network.load_state_dict(weights)
        network.eval()

        def infer(inputs: Inputs) -> np.ndarray:
            source = self._encoder_input(inputs)
            if source is None or source.ndim != 2 or source.shape[1] != input_size:
                shape = None if source is None else source.shape
                raise TopicbenchError(
                    f"methods.{self.name}", f"{self.input} of shape {shape}; the model reads documents × {input_size}"
                )
            with torch.no_grad():
                x = (torch.from_numpy(np.array(source, dtype=np.float32)) - shift) / scale
                return torch.cat([network.theta(block, noise) for block in x.split(8192)]).numpy()

        return infer

    def _encoder_input(self, inputs: Inputs) -> np.ndarray:
        return inputs.hidden_states if self.input == "hidden_states" else inputs.embeddings

    def _corrected(self, inputs: Inputs) -> tuple[SoftLabel, Inputs]:
        """This method with the τ it uses, and inputs whose ``vocabulary_logits`` are corrected as the settings say."""
        from topicbench.models._logit_correction import centred, likeliest, temperature_for_perplexity

        kept = self._words_kept(len(inputs.vocabulary))
        if self.target == "bow" or not (self.centre or self.target_perplexity or self.surface_forms or kept):
            return self, inputs
        logits = np.asarray(getattr(inputs, self._logits))
        if self.centre:
            logits = centred(logits)
        if kept:
            logits = likeliest(logits, kept)
        if self.target_perplexity is None:
            return self, replace(inputs, vocabulary_logits=logits)
        temperature = temperature_for_perplexity(logits, self.target_perplexity)
        return self.model_copy(update={"temperature": temperature}), replace(inputs, vocabulary_logits=logits)

    def _words_kept(self, words: int) -> int | None:
        """Of how many words a soft label is; None: of all."""
        return math.ceil(self.sparsity_ratio * words) if self.sparsity_ratio else self.top_k and min(self.top_k, words)

    def _reconstruction(self, inputs: Inputs, device: torch.device | str) -> Callable[[Tensor, Tensor], Tensor]:
        """The reconstruction loss as a function of (log p of a batch, the batch's rows); prepared once.

        KL(y ‖ p) and the negative log-likelihood are a `WeightedLikelihood`, for which a step is cheap.
        """
        import torch

        from topicbench.models._weighted_likelihood import WeightedLikelihood

        if self.target == "bow":
            if self.loss == "kl":
                counts = np.asarray(inputs.bow.todense(), dtype=np.float32)
                weights = torch.from_numpy(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))
            else:
                weights = torch.from_numpy(np.asarray(inputs.bow.todense(), dtype=np.float32))
        else:
            logits = torch.from_numpy(np.array(inputs.vocabulary_logits, dtype=np.float32))
            if self.loss == "nll" and self.nll_weights == "raw_logits":
                weights = logits
            else:
                weights = torch.softmax(logits / self.temperature, dim=1)
        weights = weights.to(device)
        if self.loss == "kl" and self.kl_direction == "model_target":
            log_target = weights.clamp_min(1e-9).log()
            return lambda log_p, rows: (log_p.exp() * (log_p - log_target[rows])).sum(dim=1)
        constant = torch.xlogy(weights, weights).sum(dim=1) if self.loss == "kl" else weights.new_zeros(len(weights))
        mass = None if self.loss == "kl" and self.target == "soft_labels" else weights.sum(dim=1)
        return WeightedLikelihood(weights, constant, mass)

    def _train(
        self, network: Any, x: Tensor, reconstruction: Callable[[Tensor, Tensor], Tensor], batch_size: int
    ) -> tuple[list[float], list[float]]:
        """Train ``network`` in place; mean reconstruction and prior loss of each epoch."""
        import torch

        from topicbench.models._weighted_likelihood import WeightedLikelihood

        parameters = list(network.parameters())
        step = _adam(parameters, self.momentum)
        temperature = self.student_temperature or self.temperature
        losses: tuple[list[float], list[float]] = ([], [])
        network.train()
        for epoch in range(1, self.num_epochs + 1):
            total = torch.zeros(2, device=x.device)
            learning_rate = self._learning_rate(epoch)
            for rows in torch.randperm(len(x), device=x.device).split(batch_size):
                theta, prior_loss = network.topics(x.index_select(0, rows))
                if isinstance(reconstruction, WeightedLikelihood):
                    loss = reconstruction.of_topics(theta, network.beta, network.beta_norm, temperature, rows)
                else:
                    loss = reconstruction(network.log_words(theta, temperature), rows).sum()
                prior_loss = prior_loss.sum()
                objective = torch.add(prior_loss, loss, alpha=self.loss_weight)
                step(torch.autograd.grad(objective, parameters), learning_rate)
                total += torch.stack([loss.detach(), prior_loss.detach()])
            means = (total / len(x)).tolist()
            if not np.isfinite(means).all():
                raise TopicbenchError(
                    f"softlabel, epoch {epoch}",
                    f"the loss is NaN or infinite: {means}",
                    "lower learning_rate or loss_weight",
                )
            for values, mean in zip(losses, means, strict=True):
                values.append(mean)
        return losses

    def _learning_rate(self, epoch: int) -> float:
        """Learning rate of ``epoch``, counted from 1."""
        if self.schedule == "constant":
            return self.learning_rate
        return self.learning_rate * (1 + math.cos(math.pi * (epoch - 1) / self.num_epochs)) / 2

    def _infer(self, network: Any, x: Tensor) -> np.ndarray:
        import torch

        network.eval()
        with torch.no_grad():
            blocks = [network.theta(block, self._noise(network, block)) for block in x.split(8192)]
        return torch.cat(blocks).cpu().numpy()

    def _noise(self, network: Any, block: Tensor) -> Iterator[Tensor]:
        import torch

        shape = (len(block), len(network.beta))
        return (torch.randn(shape, device=block.device) for _ in range(self.num_samples))


def _adam(parameters: Sequence[Tensor], momentum: float) -> Callable[[Sequence[Tensor], float], None]:
    """Adam as a function of gradients and learning rate, which changes ``parameters`` in place.

    PyTorch's functional form: the class imports PyTorch's compiler, a second that a fit does not need.
    """
    import torch
    from torch.optim.adam import adam

    first, second = ([torch.zeros_like(parameter) for parameter in parameters] for _ in range(2))
    steps = [torch.zeros((), device=parameter.device) for parameter in parameters]

    def step(gradients: Sequence[Tensor], learning_rate: float) -> None:
        with torch.no_grad():
            adam(
                list(parameters),
                list(gradients),
                first,
                second,
                [],
                steps,
                fused=True,
                amsgrad=False,
                beta1=momentum,
                beta2=0.99,
                lr=learning_rate,
                weight_decay=0.0,
                eps=1e-8,
                maximize=False,
            )

    return step


def _network(
    input_size: int, vocabulary_size: int, num_topics: int, hidden_sizes: tuple[int, ...], dropout: float
) -> Any:
    """ProdLDA's `torch.nn.Module`, defined in a function: importing this module does not import PyTorch."""
    import torch
    from torch import nn

    class Dropout(nn.Module):
        """As PyTorch's; half its time on the CPU, where Bernoulli variates cost more than uniform ones."""

        def forward(self, x: Tensor) -> Tensor:
            if not self.training or not dropout:
                return x
            return x * torch.rand_like(x).lt_(1 - dropout).mul_(1 / (1 - dropout))

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            sizes = (input_size, *hidden_sizes)
            layers = [
                layer
                for size_in, size_out in pairwise(sizes)
                for layer in (nn.Linear(size_in, size_out), nn.Softplus())
            ]
            self.encoder = nn.Sequential(*layers, Dropout())
            # Mean and log variance side by side: one product for both.
            self.moments = nn.Sequential(
                nn.Linear(sizes[-1], 2 * num_topics), nn.BatchNorm1d(2 * num_topics, affine=False)
            )
            # Laplace approximation of a symmetric Dirichlet(1) in the softmax basis; learned from there.
            self.prior_mean = nn.Parameter(torch.zeros(num_topics))
            self.prior_variance = nn.Parameter(torch.full((num_topics,), 1 - 1 / num_topics))
            self.beta = nn.Parameter(nn.init.xavier_uniform_(torch.empty(num_topics, vocabulary_size)))
            self.beta_norm = nn.BatchNorm1d(vocabulary_size, affine=False)
            self.theta_dropout = Dropout()

        def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
            mean, log_variance = self.moments(self.encoder(x)).chunk(2, dim=1)
            return mean, log_variance

        def topics(self, x: Tensor) -> tuple[Tensor, Tensor]:
            """A draw of θ, B×K, after dropout, and KL(q(z|x) ‖ p(z)) per document."""
            mean, log_variance = self.posterior(x)
            z = torch.addcmul(mean, torch.exp(0.5 * log_variance), torch.randn_like(mean))
            divergence = 0.5 * (
                (log_variance.exp() + (self.prior_mean - mean).square()) / self.prior_variance
                + self.prior_variance.log()
                - log_variance
                - 1
            ).sum(dim=1)
            return self.theta_dropout(torch.softmax(z, dim=1)), divergence

        def log_words(self, theta: Tensor, temperature: float) -> Tensor:
            """Log word distributions B×V."""
            return torch.log_softmax(self.beta_norm(theta @ self.beta) / temperature, dim=1)

        def forward(self, x: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
            """Log word distributions B×V and KL(q(z|x) ‖ p(z)) per document."""
            theta, divergence = self.topics(x)
            return self.log_words(theta, temperature), divergence

        def theta(self, x: Tensor, noise: Iterable[Tensor]) -> Tensor:
            """Mean of softmax(z) over draws of standard normal ``noise``, each B×K, or K for all documents alike."""
            mean, log_variance = self.posterior(x)
            deviation = torch.exp(0.5 * log_variance)
            draws: Any = [torch.softmax(mean + deviation * epsilon, dim=1) for epsilon in noise]
            return sum(draws) / len(draws)

    return Network()
