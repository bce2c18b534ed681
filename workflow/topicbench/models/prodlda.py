"""ProdLDA (Srivastava and Sutton 2017), through OCTIS."""

from __future__ import annotations

from typing import Any, ClassVar

from topicbench.models._octis import Autoencoder
from topicbench.models.contract import Inputs, TopicModel


class ProdLDA(Autoencoder):
    """The bag of words is the encoder's input and the reconstruction's target."""

    name: ClassVar[str] = "prodlda"
    title: ClassVar[str] = "ProdLDA"
    environment: ClassVar[str] = "octis"

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        from octis.models.ProdLDA import ProdLDA as OctisProdLDA
        from octis.models.pytorchavitm.avitm.avitm_model import AVITM_model

        return self.train(inputs, num_topics, seed, OctisProdLDA, AVITM_model)

    def library_documents(self, inputs: Inputs) -> Any:
        from octis.models.pytorchavitm.datasets import BOWDataset

        return BOWDataset(inputs.bow.toarray(), dict(enumerate(inputs.vocabulary)))
