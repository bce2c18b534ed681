"""Driving OCTIS: its corpus object, and the variational autoencoders ProdLDA, CombinedTM and ZeroshotTM have in common.

OCTIS is used without partitions: every document is trained on and gets its theta, as with all other methods.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from topicbench.core.errors import TopicbenchError
from topicbench.models._common import (
    finite_or_none,
    inference,
    record_calls,
    require_inputs,
    stdout_to_stderr,
    topic_model,
)
from topicbench.models.contract import Inputs, Method, TopicModel, batch_size_without_remainder_one, seed_everything


def corpus_of(inputs: Inputs) -> Any:
    """The documents as an `octis.dataset.dataset.Dataset`.

    Raises:
        TopicbenchError: on a word that OCTIS would split or change. It counts words anew, in lower-cased text and
            by the pattern ``\\w+``; for all other words its counts are those of `Inputs.bow`.
    """
    from octis.dataset.dataset import Dataset

    for word in inputs.vocabulary:
        if not re.fullmatch(r"\w\w*", word) or word.lower() != word:
            raise TopicbenchError(
                f"vocabulary: {word!r}", "OCTIS keeps only lower-case words of letters and digits", "leave it out"
            )
    return Dataset(corpus=[text.split(" ") if text else [] for text in inputs.texts], vocabulary=[*inputs.vocabulary])


@contextlib.contextmanager
def preserve_cudnn_settings() -> Iterator[None]:
    """Put back the process-wide cuDNN switches that OCTIS's CTM sets, lest they reach the next fit."""
    import torch

    cudnn = torch.backends.cudnn
    enabled, deterministic = cudnn.enabled, cudnn.deterministic
    try:
        yield
    finally:
        cudnn.enabled, cudnn.deterministic = enabled, deterministic


class Autoencoder(Method):
    """Hyperparameters of ProdLDA, CombinedTM and ZeroshotTM (Appendix C), and how each is trained.

    Two of OCTIS's habits are worth knowing. Its ``dropout`` reaches theta only; the encoder's own dropout is fixed at
    0.2, which is also Appendix C's value. Its default width is 100 neurons per layer; Appendix C states 200.
    """

    num_epochs: int = Field(100, ge=1, strict=True, description="Passes over the corpus.")
    batch_size: int = Field(
        64, ge=2, strict=True, description="Documents per step; raised where one document would be left over."
    )
    learning_rate: float = Field(2e-3, gt=0, description="Step size of Adam.")
    momentum: float = Field(0.99, gt=0, lt=1, description="First-moment decay (beta1) of Adam.")
    num_layers: int = Field(2, ge=1, strict=True, description="Hidden layers of the encoder.")
    num_neurons: int = Field(200, ge=1, strict=True, description="Neurons per hidden layer.")
    activation: Literal["softplus", "relu", "sigmoid", "tanh", "leakyrelu", "rrelu", "elu", "selu"] = Field(
        "softplus", description="Activation of the hidden layers."
    )
    dropout: float = Field(0.2, ge=0, lt=1, description="Dropout on theta while training.")
    learn_priors: bool = Field(True, description="Learn mean and variance of the prior.")
    num_samples: int = Field(10, ge=1, strict=True, description="Draws of theta averaged at inference.")

    def library_settings(self, documents: int, num_topics: int) -> dict[str, Any]:
        """Keyword arguments of the OCTIS constructor."""
        return {
            "num_topics": num_topics,
            "activation": self.activation,
            "dropout": self.dropout,
            "learn_priors": self.learn_priors,
            "batch_size": batch_size_without_remainder_one(documents, self.batch_size),
            "lr": self.learning_rate,
            "momentum": self.momentum,
            "solver": "adam",
            "num_epochs": self.num_epochs,
            "num_layers": self.num_layers,
            "num_neurons": self.num_neurons,
            "num_samples": self.num_samples,
            "use_partitions": False,
        }

    def train(
        self,
        inputs: Inputs,
        num_topics: int,
        seed: int,
        library: type,
        network: type,
        more: Mapping[str, Any] | None = None,
    ) -> TopicModel:
        """Fit ``library`` (an OCTIS model class), whose inner trainer is ``network``; ``more`` are
        further arguments of its constructor.

        Returns:
            theta: rows sum to one. beta: unnormalised weights, of either sign; a topic's word distribution is their
            softmax.
        """
        require_inputs(self, inputs, num_topics)
        corpus = corpus_of(inputs)
        settings = self.library_settings(len(inputs.texts), num_topics)
        seed_everything(seed)
        with (
            stdout_to_stderr(),
            preserve_cudnn_settings(),
            record_calls(network, "_train_epoch", lambda epoch: epoch[1]) as losses,
        ):
            model = library(**settings, **(more or {}))
            output = model.train_model(corpus)
        fitted = model.model
        return topic_model(
            self,
            output["topic-document-matrix"].T,
            output["topic-word-matrix"],
            {"library_settings": settings, "epochs_run": len(losses), "loss_per_epoch": finite_or_none(losses)},
            "lower learning_rate, or set learn_priors to false (a learned prior variance can turn negative)",
            infer=inference(self, inputs, lambda others: fitted.get_thetas(self.library_documents(others)), seed),
        )

    def library_documents(self, inputs: Inputs) -> Any:
        """Documents as the OCTIS network reads them."""
        raise NotImplementedError
