"""The embedded topic model (Dieng et al. 2020), through OCTIS."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from topicbench.models._common import (
    inference,
    loss_curve,
    record_calls,
    require_inputs,
    require_words_in_documents,
    stdout_to_stderr,
    topic_model,
)
from topicbench.models._octis import corpus_of
from topicbench.models.contract import Inputs, Method, Need, TopicModel, seed_everything


class EmbeddedTopics(Method):
    """Hyperparameters of ETM, and how OCTIS is driven.

    Appendix C mentions early stopping after 5 epochs without improvement. OCTIS does stop so, but only by the loss on
    a validation partition; trained on all documents, as theta for all of them requires, it runs every epoch. Epochs
    and batch size are OCTIS's defaults, Appendix C states neither. OCTIS does not shuffle the documents.
    """

    environment: ClassVar[str] = "octis"

    word_vectors: str = Field("word2vec-google-news-300", description="Name of the word vectors, one of word_vectors.")
    num_epochs: int = Field(100, ge=1, strict=True, description="Passes over the corpus.")
    batch_size: int = Field(128, ge=1, strict=True, description="Documents per step.")
    learning_rate: float = Field(5e-3, gt=0, description="Step size of Adam.")
    weight_decay: float = Field(1.2e-6, ge=0, description="L2 penalty of Adam.")
    num_neurons: int = Field(800, ge=1, strict=True, description="Neurons in each of the encoder's two hidden layers.")
    activation: Literal["relu", "tanh", "softplus", "sigmoid", "rrelu", "leakyrelu", "elu", "selu"] = Field(
        "relu", description="Activation of the hidden layers."
    )
    dropout: float = Field(0.5, ge=0, lt=1, description="Dropout after the hidden layers.")

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"word_vectors"})

    def shares_of_words(self, inputs: Inputs) -> np.ndarray:
        """M×V float32 counts, each row divided by its sum."""
        require_words_in_documents(self, inputs)
        counts = inputs.bow.toarray().astype(np.float32)
        return counts / counts.sum(axis=1, keepdims=True)

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """theta and beta hold probability distributions in their rows."""
        import torch
        from gensim.models import KeyedVectors

        require_inputs(self, inputs, num_topics)
        library, network = self._classes(inputs)
        corpus = corpus_of(inputs)
        documents, (_, dimensions) = len(inputs.texts), inputs.word_vectors.shape
        settings = {
            "num_topics": num_topics,
            "num_epochs": self.num_epochs,
            "t_hidden_size": self.num_neurons,
            "rho_size": dimensions,
            "embedding_size": dimensions,
            "activation": self.activation,
            "dropout": self.dropout,
            "lr": self.learning_rate,
            "optimizer": "adam",
            "batch_size": self.batch_size,
            "wdecay": self.weight_decay,
            "bow_norm": int(self._octis_normalises),
            "train_embeddings": False,
            "use_partitions": False,
        }
        vectors = KeyedVectors(vector_size=dimensions)
        vectors.add_vectors([*inputs.vocabulary], inputs.word_vectors)
        seed_everything(seed)
        with (
            tempfile.TemporaryDirectory(prefix="topicbench-") as folder,
            stdout_to_stderr(),
            record_calls(network, "forward", lambda losses: (losses[0] + losses[1]).item()) as losses,
        ):
            vectors.save(str(Path(folder, "vectors.kv")))
            model = library(**settings, embeddings_path=str(Path(folder, "vectors.kv")), embeddings_type="keyedvectors")
            output = model.train_model(corpus, op_path=str(Path(folder, "checkpoint.pt")))
        sizes = [min(self.batch_size, documents - first) for first in range(0, documents, self.batch_size)]
        epochs_run = len(losses) // len(sizes)

        def theta_of(others: Inputs) -> np.ndarray:
            model.model.eval()
            with torch.no_grad():
                return model.model.get_theta(torch.from_numpy(self._read(others)).to(model.device))[0].cpu().numpy()

        return topic_model(
            self,
            output["topic-document-matrix"].T,
            output["topic-word-matrix"],
            {
                "library_settings": settings,
                "word_vectors": self.word_vectors,
                "epochs_run": epochs_run,
                "loss_per_epoch": loss_curve([*zip(losses, sizes * epochs_run, strict=True)], epochs_run),
            },
            "lower learning_rate",
            infer=inference(self, inputs, theta_of, seed, self._reads),
        )

    # What a method of this kind changes.

    @property
    def _octis_normalises(self) -> bool:
        """Whether OCTIS divides a document's row by its sum in the encoder's input."""
        return False

    @property
    def _reads(self) -> tuple[str, ...]:
        """What `_read` takes of a document."""
        return ("bow",)

    def _classes(self, inputs: Inputs) -> tuple[type, type]:
        """OCTIS's model and its network, or subclasses; ``forward`` of the latter returns the two parts of the loss."""
        raise NotImplementedError

    def _read(self, inputs: Inputs) -> np.ndarray:
        """What the encoder reads of M documents, M rows."""
        raise NotImplementedError


class ETM(EmbeddedTopics):
    """Topics are points in a space of frozen word vectors."""

    name: ClassVar[str] = "etm"
    title: ClassVar[str] = "ETM"

    normalise_bow: bool = Field(True, description="Divide a document's counts by its length in the encoder's input.")

    @property
    def _octis_normalises(self) -> bool:
        return self.normalise_bow

    def _classes(self, inputs: Inputs) -> tuple[type, type]:
        from octis.models.ETM import ETM as OctisETM
        from octis.models.ETM_model.etm import ETM as Network

        require_words_in_documents(self, inputs)
        return OctisETM, Network

    def _read(self, inputs: Inputs) -> np.ndarray:
        return self.shares_of_words(inputs) if self.normalise_bow else inputs.bow.toarray().astype(np.float32)
