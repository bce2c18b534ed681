"""Driving turftopic: what it is given in the place of a sentence encoder and of a tokeniser."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

from topicbench.models.contract import Inputs


class EncodedWords:
    """An encoder that knows the embeddings of the vocabulary's words and of nothing else.

    turftopic takes documents' embeddings as they are, and encodes the vocabulary itself.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.embeddings = dict(zip(inputs.vocabulary, np.asarray(inputs.word_embeddings), strict=True))

    def encode(self, words: Iterable[str], **options: Any) -> np.ndarray:
        """Their embeddings, in their order."""
        return np.stack([self.embeddings[word] for word in words])


def import_turftopic() -> ModuleType:
    """The package, which remarks on what it finds no JAX for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        import turftopic
    return turftopic
