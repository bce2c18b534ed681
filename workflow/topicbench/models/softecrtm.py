"""ECRTM (Wu et al. 2023) with soft labels in the place of the bag of words, through TopMost."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from topicbench.models._soft import SoftTarget, divergence
from topicbench.models._topmost import import_topmost
from topicbench.models.contract import Inputs, Need
from topicbench.models.ecrtm import ECRTM


class SoftECRTM(SoftTarget, ECRTM):
    """TopMost's ECRTM whose reconstruction is of soft labels, and whose encoder reads hidden states, or bags of words.

    The loss per document is λ KL(y ‖ p) + KL(q(z|x) ‖ p(z)), to which a step adds ECRTM's regularisation of the
    embeddings, with p = softmax(BN(θβ) / τ), where BN is ECRTM's batch normalisation; ECRTM's own loss has the negative
    log-likelihood of the words under softmax(BN(θβ)) in the first's place.
    """

    name: ClassVar[str] = "softecrtm"
    title: ClassVar[str] = "ECRTM + soft labels"

    @property
    def needs(self) -> frozenset[Need]:
        return super().needs | self.soft_needs

    @property
    def _reads(self) -> tuple[str, ...]:
        return ("hidden_states",) if self.input == "hidden_states" else super()._reads

    def _documents(self, inputs: Inputs) -> np.ndarray:
        return np.hstack([self.target(inputs), self._read(inputs)])

    def _read(self, inputs: Inputs) -> np.ndarray:
        if self.input == "own":
            return super()._read(inputs)
        return np.array(inputs.hidden_states, dtype=np.float32)

    def _network(self, inputs: Inputs) -> type:
        import torch

        size, temperature, loss_weight = self._read(inputs).shape[1], self.temperature, self.loss_weight

        network: Any = import_topmost().ECRTM

        class SoftNetwork(network):
            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                self.fc11 = torch.nn.Linear(size, settings["en_units"])

            def encode(self, input: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
                return super().encode(input[:, -size:])

            def forward(self, input: torch.Tensor) -> dict[str, torch.Tensor]:
                theta, prior = self.encode(input)
                log_p = torch.log_softmax(self.decoder_bn(theta @ self.get_beta()) / temperature, dim=1)
                return {
                    "loss": loss_weight * divergence(input[:, :-size], log_p) + prior + self.get_loss_ECR(),
                }

        return SoftNetwork
