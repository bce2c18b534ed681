"""The contract every topic model obeys, controls too, and how the workflow finds the models.

A method is one file in this folder with one subclass of `Method`. Its hyperparameters are typed fields (the
configuration's overrides are checked against them before any job starts); what it is called, which libraries it
runs in and what it reads are class attributes. Libraries are imported inside ``fit``, so that listing the methods
costs nothing and works in every environment. No list elsewhere is edited when a file is added. A control is one file in
``controls/`` with one subclass of `Control`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from scipy.sparse import csr_matrix

from topicbench.core.discovery import subclasses
from topicbench.core.errors import TopicbenchError

Need = Literal[
    "embeddings",
    "word_embeddings",
    "vocabulary_logits",
    "surface_forms",
    "hidden_states",
    "word_vectors",
    "labels",
    "fitted",
]
"""What a method may read beside the bag of words: encoder embeddings of the documents or of the vocabulary's words, a
language model's logits over the vocabulary (of one token a word, or of all its surface forms), its last hidden states,
or word vectors of the vocabulary. Labels, and a model fitted by another method, are for controls alone."""

OF_WORDS = frozenset({"word_embeddings", "word_vectors"})
"""What has a row for each word of the vocabulary; all else has one for each document."""

CONTROL_NEEDS = frozenset({"labels", "fitted"})
"""What no method but a `Control` may read."""

LANGUAGE_MODEL_NEEDS = frozenset({"vocabulary_logits", "surface_forms", "hidden_states"})
"""What comes from a language model."""

Group = Literal["baseline", "rival", "ours", "control"]
"""What a row of a table is: a baseline of the paper, a method published to beat it, one that reads a language model, or
a control."""


@dataclass(frozen=True)
class Inputs:
    """All that a method may see of a corpus; labels are not among it.

    Attributes:
        vocabulary: V words, sorted.
        bow: N×V integer counts.
        texts: N strings, each document's vocabulary words in their order, joined by spaces.
        embeddings: N×E float32 document embeddings of the sentence encoder, or None.
        word_embeddings: V×E float32 embeddings of the vocabulary's words, each by itself, by the same encoder, or None.
        vocabulary_logits: N×V float32 logits of the language model over the vocabulary, or None.
        surface_forms: the same with each word's surface forms (word, Word, WORD) summed, or None.
        hidden_states: N×D float32 last hidden states of the language model, or None.
        word_vectors: V×W float32, or None.
    """

    vocabulary: Sequence[str]
    bow: csr_matrix
    texts: Sequence[str]
    embeddings: np.ndarray | None = None
    word_embeddings: np.ndarray | None = None
    vocabulary_logits: np.ndarray | None = None
    surface_forms: np.ndarray | None = None
    hidden_states: np.ndarray | None = None
    word_vectors: np.ndarray | None = None


@dataclass(frozen=True)
class ControlInputs(Inputs):
    """What a control may see beside what methods see.

    Attributes:
        labels: N labels, or None.
        fitted: a model of the same N documents, K and seed by the first configured method, or None.
    """

    labels: np.ndarray | None = None
    fitted: TopicModel | None = None


@dataclass(frozen=True)
class TopicModel:
    """What a method returns.

    Attributes:
        theta: N×K float32, non-negative. Rows sum to one, except where the method itself leaves mass out (BERTopic's
            outliers).
        beta: K×V float32, over the columns of `Inputs.vocabulary`; larger is more typical of the topic. Not
            necessarily a distribution.
        floor: a word counts as one of a topic's words only where beta exceeds this (c-TF-IDF gives 0 to every word
            a topic never uses); minus infinity where every word is usable.
        details: what the run did beside what it was asked: losses, epochs run, outlier share, batch size as used.
        infer: θ of other documents over the same vocabulary, M×K float32, topics as in ``theta``; the same documents
            give the same bytes. None where the method cannot infer.
        state: arrays that `Method.restore` makes ``infer`` of again in another process; None where it cannot.
    """

    theta: np.ndarray
    beta: np.ndarray
    floor: float = -np.inf
    details: Mapping[str, Any] = field(default_factory=dict)
    infer: Callable[[Inputs], np.ndarray] | None = None
    state: Mapping[str, np.ndarray] | None = None

    def top_words(self, vocabulary: Sequence[str], count: int) -> list[list[str]]:
        """The ``count`` words of largest beta per topic, ties in vocabulary order.

        A topic with fewer usable words (see ``floor``) keeps just those.
        """
        order = np.argsort(-self.beta, axis=1, kind="stable")[:, :count]
        return [
            [vocabulary[word] for word in row if weights[word] > self.floor]
            for row, weights in zip(order, self.beta, strict=True)
        ]


class Method(BaseModel):
    """A topic model with its hyperparameters; subclass it in a file of its own to add one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ClassVar[str]
    """Its name in configuration and paths."""
    title: ClassVar[str]
    """Its name in tables."""
    environment: ClassVar[str]
    """The library family, that is the file in ``envs/`` it runs in: octis, bertopic, topmost, slm or
    rivals."""
    reads_bag_of_words: ClassVar[bool] = True
    """Whether a document without any vocabulary word is of no use to it."""

    follows_num_topics: ClassVar[bool] = True
    """Whether K topics, or fewer, are what it gives."""

    leaves_mass_out: ClassVar[bool] = False
    """Whether rows of theta may sum to less than one, what is missing being no topic's."""

    rival: ClassVar[bool] = False
    """Whether it was published as an alternative to the paper's model, and is none of the paper's baselines."""

    @property
    def needs(self) -> frozenset[Need]:
        """Which optional fields of `Inputs` this configuration of the method reads."""
        return frozenset()

    @property
    def group(self) -> Group:
        """Where tables list this configuration of the method."""
        if self.rival:
            return "rival"
        return "ours" if self.needs & LANGUAGE_MODEL_NEEDS else "baseline"

    def row_label(self, reads: str) -> str:
        """Its name in tables where it reads the language model whose title is ``reads``."""
        return f"{self.title} on {reads}"

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """Fit ``num_topics`` topics; the same inputs and seed give the same bytes on the same machine."""
        raise NotImplementedError

    def restore(self, state: Mapping[str, np.ndarray]) -> Callable[[Inputs], np.ndarray]:
        """`TopicModel.infer` of a fitted model from its `TopicModel.state`, for methods that have one."""
        raise NotImplementedError


class Control(Method):
    """A model that bounds the scores of others: it may see what methods may not, and nothing is compared with it.

    Its ``title`` and ``meaning`` may name the method whose models it reads as ``{method}``.
    """

    environment: ClassVar[str] = "analysis"
    follows_seed: ClassVar[bool] = True
    """Whether another seed gives another model."""

    meaning: ClassVar[str]
    """What it is, for captions."""

    @property
    def group(self) -> Group:
        return "control"

    def row_label(self, reads: str) -> str:
        """Its name in tables where it reads models of the method whose title is ``reads``."""
        return self.title.format(method=reads)

    def fit(self, inputs: ControlInputs, num_topics: int, seed: int) -> TopicModel:  # type: ignore[override]
        raise NotImplementedError


def seed_everything(seed: int) -> None:
    """Seed Python's, NumPy's and PyTorch's global generators, for libraries that take no seed."""
    import random

    import torch

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def batch_size_without_remainder_one(documents: int, batch_size: int) -> int:
    """The smallest batch size from ``batch_size`` up that leaves no last batch of one document.

    Batch normalisation cannot train on a single document. The size as used belongs into `TopicModel.details`.
    """
    while documents % batch_size == 1 and documents > 1:
        batch_size += 1
    return batch_size


@cache
def methods() -> Mapping[str, type[Method]]:
    """All methods by name, sorted: every module of this folder that is not a helper (``_``) is imported."""
    return subclasses("topicbench.models", Method, "method")


@cache
def controls() -> Mapping[str, type[Control]]:
    """All controls by name, sorted: every module of the folder ``controls`` is imported."""
    return subclasses("topicbench.models.controls", Control, "control")


def create(name: str, settings: Mapping[str, Any], culprit: str = "methods") -> Method:
    """The method or control ``name`` with ``settings`` over its defaults.

    Raises:
        TopicbenchError: there is none, or the settings do not fit; ``culprit`` is where they were given.
    """
    kind = methods().get(name) or controls().get(name)
    if kind is None:
        raise TopicbenchError(f"{culprit}.{name}", "unknown method", f"there are: {', '.join(methods())}")
    try:
        return kind(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        fields = ", ".join(kind.model_fields)
        raise TopicbenchError(
            f"{culprit}.{name}.{key}", f"{first['msg']} (given: {first['input']!r})", f"settings of {name}: {fields}"
        ) from None
