"""ECRTM (Wu et al. 2023), through TopMost."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from topicbench.models._common import (
    inference,
    loss_curve,
    require_inputs,
    stdout_to_stderr,
    topic_model,
)
from topicbench.models._topmost import import_topmost, train
from topicbench.models.contract import (
    Inputs,
    Method,
    Need,
    TopicModel,
    batch_size_without_remainder_one,
    seed_everything,
)


class ECRTM(Method):
    """Topics are embeddings that word embeddings are made to cluster around.

    The dimension of the embeddings is that of the word vectors (Appendix C: 200), which are scaled to unit length and
    trained on. The encoder has two softplus layers, as Appendix C states; TopMost fixes number and activation.
    """

    name: ClassVar[str] = "ecrtm"
    title: ClassVar[str] = "ECRTM"
    environment: ClassVar[str] = "topmost"

    word_vectors: str = Field("glove-wiki-gigaword-200", description="Name of the word vectors, one of word_vectors.")
    num_epochs: int = Field(200, ge=1, strict=True, description="Passes over the corpus.")
    batch_size: int = Field(
        64, ge=2, strict=True, description="Documents per step; raised where one document would be left over."
    )
    learning_rate: float = Field(2e-3, gt=0, description="Step size of Adam.")
    num_neurons: int = Field(200, ge=1, strict=True, description="Neurons in each of the encoder's two hidden layers.")
    dropout: float = Field(0.0, ge=0, lt=1, description="Dropout after the hidden layers; TopMost's default.")
    beta_temperature: float = Field(0.2, gt=0, description="Temperature of beta's softmax.")
    weight_loss_ecr: float = Field(100.0, ge=0, description="Weight of the embedding clustering regularisation.")
    sinkhorn_alpha: float = Field(20.0, gt=0, description="Inverse of the transport's entropic regularisation.")
    sinkhorn_max_iter: int = Field(1000, ge=1, strict=True, description="Most Sinkhorn iterations per step.")

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"word_vectors"})

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """Rows of theta sum to one; beta is a softmax over topics, so that its *columns* sum to one."""
        import torch

        # Before the generators are seeded: an import may draw from them.
        import_topmost()
        require_inputs(self, inputs, num_topics)
        documents, words = inputs.bow.shape
        device = "cuda" if torch.cuda.is_available() else "cpu"
        batch_size = batch_size_without_remainder_one(documents, self.batch_size)
        settings = {
            "vocab_size": words,
            "num_topics": num_topics,
            "en_units": self.num_neurons,
            "dropout": self.dropout,
            "embed_size": inputs.word_vectors.shape[1],
            "beta_temp": self.beta_temperature,
            "weight_loss_ECR": self.weight_loss_ecr,
            "sinkhorn_alpha": self.sinkhorn_alpha,
            "sinkhorn_max_iter": self.sinkhorn_max_iter,
        }
        training = {"epochs": self.num_epochs, "learning_rate": self.learning_rate, "batch_size": batch_size}
        seed_everything(seed)
        with stdout_to_stderr():
            rows = torch.from_numpy(self._documents(inputs)).to(device)
            vectors = np.array(inputs.word_vectors, dtype=np.float32)
            model = self._network(inputs)(**settings, pretrained_WE=vectors).to(device)
            trainer, theta, beta, batches = train(model, rows, inputs.vocabulary, training)

        def theta_of(others: Inputs) -> np.ndarray:
            return trainer.test(torch.from_numpy(self._read(others)).to(device))

        return topic_model(
            self,
            theta,
            beta,
            {
                "library_settings": {**settings, **training},
                "word_vectors": self.word_vectors,
                "epochs_run": self.num_epochs,
                "loss_per_epoch": loss_curve(batches, self.num_epochs),
            },
            "lower learning_rate or sinkhorn_alpha",
            infer=inference(self, inputs, theta_of, seed, self._reads),
        )

    # What a variant of the method changes: the network's class, the rows it is trained on, and what it infers from.

    @property
    def _reads(self) -> tuple[str, ...]:
        return ("bow",)

    def _network(self, inputs: Inputs) -> type:
        return import_topmost().ECRTM

    def _documents(self, inputs: Inputs) -> np.ndarray:
        return self._read(inputs)

    def _read(self, inputs: Inputs) -> np.ndarray:
        return inputs.bow.toarray().astype(np.float32)
