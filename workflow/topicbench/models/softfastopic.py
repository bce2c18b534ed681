"""FASTopic (Wu et al. 2024) with soft labels in the place of the bag of words, by the package's own model."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field
from scipy.sparse import csr_matrix

from topicbench.models._soft import SoftTarget, divergence
from topicbench.models.contract import Inputs, Need
from topicbench.models.fastopic import FASTopic


class SoftFASTopic(SoftTarget, FASTopic):
    """FASTopic whose reconstruction is of soft labels, and whose documents are embedded by hidden states, or as usual.

    The loss is λ KL(y ‖ p) per document plus the costs of the two transports, with p ∝ (θβ + 10⁻¹²)^(1/τ), where θβ
    is FASTopic's mixture of topics and the small constant the library's; FASTopic's own loss has the negative
    log-likelihood of the words in the first's place.
    """

    name: ClassVar[str] = "softfastopic"
    title: ClassVar[str] = "FASTopic + soft labels"

    normalise_embeddings: bool = Field(True, description="Scale a document's embedding to unit length first.")

    @property
    def needs(self) -> frozenset[Need]:
        return self.soft_needs if self.input == "hidden_states" else super().needs | self.soft_needs

    @property
    def _reads(self) -> tuple[str, ...]:
        return ("hidden_states",) if self.input == "hidden_states" else super()._reads

    def _counts(self, inputs: Inputs) -> csr_matrix:
        return csr_matrix(self.target(inputs))

    def _adapt(self, library: Any) -> None:
        import torch
        from fastopic._fastopic import fastopic

        temperature, loss_weight = self.temperature, self.loss_weight

        class SoftNetwork(fastopic):
            def forward(self, train_bow: torch.Tensor, doc_embeddings: torch.Tensor) -> dict[str, torch.Tensor]:
                cost_documents, plan_documents = self.DT_ETP(doc_embeddings, self.topic_embeddings)
                cost_words, plan_words = self.TW_ETP(self.topic_embeddings, self.word_embeddings)
                mixture = (plan_documents * len(plan_documents)) @ (plan_words * len(plan_words))
                log_p = torch.log_softmax((mixture + self.epsilon).log() / temperature, dim=1)
                return {"loss": loss_weight * divergence(train_bow, log_p) + cost_documents + cost_words}

        network = library.model
        library.model = SoftNetwork(network.num_topics, network.theta_temp, network.DT_alpha, network.TW_alpha)
