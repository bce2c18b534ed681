"""ETM (Dieng et al. 2020) with soft labels in the place of the bag of words, through OCTIS."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from topicbench.models._soft import SoftTarget, divergence
from topicbench.models.contract import Inputs, Need
from topicbench.models.etm import EmbeddedTopics


class SoftETM(SoftTarget, EmbeddedTopics):
    """OCTIS's ETM whose reconstruction is of soft labels, and whose encoder reads hidden states, or shares of words.

    The loss per document is λ KL(y ‖ p) + KL(q(z|x) ‖ N(0, I)) with p ∝ (θβ + 10⁻⁶)^(1/τ), where θβ is ETM's mixture of
    topics and the small constant OCTIS's; ETM's own has the negative log-likelihood of the words in the first's place.
    """

    name: ClassVar[str] = "softetm"
    title: ClassVar[str] = "ETM + soft labels"

    @property
    def needs(self) -> frozenset[Need]:
        return super().needs | self.soft_needs

    @property
    def _reads(self) -> tuple[str, ...]:
        return ("hidden_states" if self.input == "hidden_states" else "bow",)

    def _classes(self, inputs: Inputs) -> tuple[type, type]:
        read = self._read(inputs)
        return _classes(np.hstack([self.target(inputs), read]), read.shape[1], self.temperature, self.loss_weight)

    def _read(self, inputs: Inputs) -> np.ndarray:
        if self.input == "own":
            return self.shares_of_words(inputs)
        return np.array(inputs.hidden_states, dtype=np.float32)


def _classes(rows: np.ndarray, input_size: int, temperature: float, loss_weight: float) -> tuple[type, type]:
    """OCTIS's model and network, given ``rows`` (a document's target and input side by side) for the bags of words."""
    import torch
    from octis.models.ETM import ETM as Library
    from octis.models.ETM_model.etm import ETM as Network

    class SoftNetwork(Network):
        def __init__(self, *arguments: Any, **settings: Any) -> None:
            super().__init__(*arguments, **settings)
            self.q_theta[0] = torch.nn.Linear(input_size, self.t_hidden_size)

        def encode(self, bows: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return super().encode(bows[:, -input_size:])

        def forward(self, bows: torch.Tensor, normalized_bows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            theta, prior = self.get_theta(normalized_bows)
            log_p = torch.log_softmax(self.decode(theta, self.get_beta()) / temperature, dim=1)
            return loss_weight * divergence(bows[:, :-input_size], log_p), prior

    class SoftLibrary(Library):
        def set_model(self, dataset: Any, hyperparameters: dict) -> None:
            super().set_model(dataset, hyperparameters)
            # OCTIS fills a batch's row from a document's words and their counts: here one "word" is all columns.
            self.train_tokens = [[slice(None)]] * len(rows)
            self.train_counts = [[row] for row in rows]
            self.vocab = dict(enumerate([*self.vocab.values(), *[""] * input_size]))
            settings = self.hyperparameters
            self.model = SoftNetwork(
                num_topics=settings["num_topics"],
                vocab_size=rows.shape[1] - input_size,
                t_hidden_size=settings["t_hidden_size"],
                rho_size=settings["rho_size"],
                emb_size=settings["embedding_size"],
                theta_act=settings["activation"],
                embeddings=self.embeddings,
                train_embeddings=settings["train_embeddings"],
                enc_drop=settings["dropout"],
            ).to(self.device)
            self.optimizer = self.set_optimizer()

    return SoftLibrary, SoftNetwork
