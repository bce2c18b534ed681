"""TSCTM (Wu et al. 2022), through TopMost."""

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
    TopicModel,
    batch_size_without_remainder_one,
    seed_everything,
)


class TSCTM(Method):
    """Made for short texts: each document's topics are rounded to a prototype, documents of one prototype are drawn
    together and others pushed apart. TopMost's version has no augmented texts.
    """

    name: ClassVar[str] = "tsctm"
    title: ClassVar[str] = "TSCTM"
    environment: ClassVar[str] = "topmost"
    rival: ClassVar[bool] = True

    num_epochs: int = Field(200, ge=1, strict=True, description="Passes over the corpus.")
    batch_size: int = Field(
        200, ge=2, strict=True, description="Documents per step; raised where one document would be left over."
    )
    learning_rate: float = Field(2e-3, gt=0, description="Step size of Adam.")
    num_neurons: int = Field(200, ge=1, strict=True, description="Neurons in each of the encoder's two hidden layers.")
    temperature: float = Field(0.5, gt=0, description="Temperature of the contrast.")
    weight_contrast: float = Field(1.0, ge=0, description="Weight of the contrast.")

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """Rows of theta sum to one; beta is unnormalised, of either sign."""
        import torch

        topmost = import_topmost()
        require_inputs(self, inputs, num_topics)
        documents, words = inputs.bow.shape
        device = "cuda" if torch.cuda.is_available() else "cpu"
        batch_size = batch_size_without_remainder_one(documents, self.batch_size)
        settings = {
            "vocab_size": words,
            "num_topics": num_topics,
            "en_units": self.num_neurons,
            "temperature": self.temperature,
            "weight_contrast": self.weight_contrast,
        }
        training = {"epochs": self.num_epochs, "learning_rate": self.learning_rate, "batch_size": batch_size}

        def rows_of(inputs: Inputs) -> torch.Tensor:
            return torch.from_numpy(inputs.bow.toarray().astype(np.float32)).to(device)

        seed_everything(seed)
        with stdout_to_stderr():
            rows = rows_of(inputs)
            model = topmost.TSCTM(**settings).to(device)
            trainer, theta, beta, batches = train(model, rows, inputs.vocabulary, training)

        def theta_of(others: Inputs) -> np.ndarray:
            return trainer.test(rows_of(others))

        return topic_model(
            self,
            theta,
            beta,
            {
                "library_settings": {**settings, **training},
                "epochs_run": self.num_epochs,
                "loss_per_epoch": loss_curve(batches, self.num_epochs),
            },
            "lower learning_rate or weight_contrast",
            infer=inference(self, inputs, theta_of, seed),
        )
