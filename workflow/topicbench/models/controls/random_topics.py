"""Topics and assignment by chance: the floor of coherence, of the judge's rating, of purity and of precision."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from topicbench.models.contract import Control, ControlInputs, TopicModel


class RandomTopics(Control):
    """Every topic and every θ is drawn from the uniform distribution on its simplex.

    A topic's words are thus a random choice without repetition from the whole vocabulary. The topics of a smaller K
    are the first ones of a larger K, so that a judge is asked about each once.
    """

    name: ClassVar[str] = "random-topics"
    title: ClassVar[str] = "Random topics"
    meaning: ClassVar[str] = "words and documents assigned to topics at random"

    def fit(self, inputs: ControlInputs, num_topics: int, seed: int) -> TopicModel:
        documents, words = inputs.bow.shape
        weights = np.random.default_rng([seed, *b"topics"]).exponential(size=(num_topics, words))
        shares = np.random.default_rng([seed, *b"documents"]).exponential(size=(documents, num_topics))
        return TopicModel(_normalised(shares), _normalised(weights))


def _normalised(rows: np.ndarray) -> np.ndarray:
    return (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
