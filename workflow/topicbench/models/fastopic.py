"""FASTopic (Wu et al. 2024), by the package that TopMost itself uses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from pydantic import Field
from scipy.sparse import csr_matrix

from topicbench.models._common import (
    inference,
    loss_curve,
    record_batches,
    require_inputs,
    stdout_to_stderr,
    topic_model,
)
from topicbench.models.contract import Inputs, Method, Need, TopicModel, seed_everything


class FASTopic(Method):
    """Document, topic and word embeddings joined by optimal transport.

    On short texts the method can collapse to a near-uniform theta and nearly the same words in every topic; the paper,
    too, finds its topics alike there (I-RBO 0.687 on StackOverflow, against 0.999 on 20 Newsgroups).
    """

    name: ClassVar[str] = "fastopic"
    title: ClassVar[str] = "FASTopic"
    environment: ClassVar[str] = "topmost"

    num_epochs: int = Field(200, ge=1, strict=True, description="Passes over the corpus.")
    batch_size: int | None = Field(
        None, ge=1, strict=True, description="Documents per step; null: all at once, the library's default."
    )
    learning_rate: float = Field(2e-3, gt=0, description="Step size of Adam.")
    dt_alpha: float = Field(3.0, gt=0, description="Sinkhorn alpha between documents and topics.")
    tw_alpha: float = Field(2.0, gt=0, description="Sinkhorn alpha between topics and words.")
    theta_temperature: float = Field(1.0, gt=0, description="Temperature of theta's softmax; the library's default.")
    normalise_embeddings: bool = Field(False, description="Scale document embeddings to unit length first.")

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"embeddings"})

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """theta and beta hold probability distributions in their rows."""
        import torch
        from fastopic import FASTopic as Library

        require_inputs(self, inputs, num_topics)
        documents = len(inputs.texts)
        embeddings = self._read(inputs)
        settings = {
            "num_topics": num_topics,
            "DT_alpha": self.dt_alpha,
            "TW_alpha": self.tw_alpha,
            "theta_temp": self.theta_temperature,
            "low_memory": self.batch_size is not None,
            "low_memory_batch_size": self.batch_size,
        }
        training = {"epochs": self.num_epochs, "learning_rate": self.learning_rate}
        ours = {"train_bow": self._counts(inputs), "vocab": [*inputs.vocabulary]}
        seed_everything(seed)
        with stdout_to_stderr():
            model = Library(
                **settings,
                preprocess=SimpleNamespace(preprocess=lambda texts: ours),
                # Anything but a name, so that no sentence encoder is loaded; it is never called.
                doc_embed_model=SimpleNamespace(),
            )
            self._adapt(model)
            batches = record_batches(model.model)
            _, theta = model.fit_transform([*inputs.texts], preset_doc_embeddings=embeddings, **training)
            beta = model.get_beta()

        def theta_of(others: Inputs) -> np.ndarray:
            read = torch.from_numpy(self._read(others))
            return model.transform(doc_embeddings=read if model.low_memory else read.to(model.device))

        return topic_model(
            self,
            theta,
            beta,
            {
                "library_settings": {**settings, **training},
                "batch_size": self.batch_size or documents,
                "epochs_run": self.num_epochs,
                "loss_per_epoch": loss_curve(batches, self.num_epochs),
            },
            "set normalise_embeddings to true (distances to long embeddings underflow), or lower learning_rate",
            infer=inference(self, inputs, theta_of, seed, self._reads),
        )

    # What a variant of the method changes: the network, what is reconstructed, and what a document's embedding is.

    @property
    def _reads(self) -> tuple[str, ...]:
        return ("embeddings",)

    def _adapt(self, library: Any) -> None:
        """Change the library's untrained model."""

    def _counts(self, inputs: Inputs) -> csr_matrix:
        return inputs.bow

    def _read(self, inputs: Inputs) -> np.ndarray:
        embeddings = np.array(getattr(inputs, self._reads[0]), dtype=np.float32)
        if self.normalise_embeddings:
            embeddings /= np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-12)
        return embeddings
