"""What the soft-label variants of other methods share: the target and its loss (paper sections 3.1 and 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import BaseModel, Field, PositiveFloat

from topicbench.features.soft_labels import soft_target
from topicbench.models.contract import Inputs, Need

if TYPE_CHECKING:
    from torch import Tensor


class SoftTarget(BaseModel):
    """Fields of a method whose bag of words is replaced by soft labels, with the values of the soft-label model.

    The loss is λ KL(y ‖ p) beside whatever else the backbone minimises, with y = softmax(logits / τ) and p the
    backbone's word distribution at temperature τ, which is p^(1/τ), renormalised: of a softmax's logits this is
    softmax(logits / τ), and of a mixture of topics it asks that the mixture itself be softmax(logits). The variants
    are fitted to the documents that their backbones are fitted to, those with a vocabulary word.
    """

    temperature: PositiveFloat = Field(3.0, description="τ of the soft target and of the model's word distribution.")
    loss_weight: PositiveFloat = Field(1e3, description="λ, weight of the reconstruction.")
    input: Literal["hidden_states", "own"] = Field(
        "hidden_states", description="What documents are read as: hidden states, or what the backbone itself reads."
    )

    @property
    def soft_needs(self) -> frozenset[Need]:
        """What the target and the input read of the language model."""
        return frozenset(
            {"vocabulary_logits", "hidden_states"} if self.input == "hidden_states" else {"vocabulary_logits"}
        )

    def target(self, inputs: Inputs) -> np.ndarray:
        """N×V float32 soft labels, rows summing to one."""
        return soft_target(inputs.vocabulary_logits, self.temperature)


def divergence(target: Tensor, log_p: Tensor) -> Tensor:
    """Mean over the documents of KL(target ‖ p), from B×V rows."""
    import torch

    return (torch.xlogy(target, target) - target * log_p).sum(dim=1).mean()
