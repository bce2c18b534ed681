"""Words dealt to topics by frequency: what is gained by knowing nothing but how often each word is used."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from topicbench.models.contract import Control, ControlInputs, TopicModel


class DealtWords(Control):
    """The most frequent word to the first topic, the next to the second, and so on, in turn."""

    name: ClassVar[str] = "dealt-words"
    title: ClassVar[str] = "Dealt words"
    meaning: ClassVar[str] = "the words dealt to the topics in turn, by frequency"
    follows_seed: ClassVar[bool] = False

    def fit(self, inputs: ControlInputs, num_topics: int, seed: int) -> TopicModel:
        counts = np.asarray(inputs.bow.sum(axis=0), dtype=np.float32).ravel()
        topic = np.empty(len(counts), dtype=int)
        topic[np.argsort(-counts, kind="stable")] = np.arange(len(counts)) % num_topics
        mine = topic == np.arange(num_topics)[:, None]
        # One more of each topic: a document without any word is spread evenly.
        theta = (inputs.bow @ mine.T + 1).astype(np.float32)
        return TopicModel(theta / theta.sum(axis=1, keepdims=True), mine * counts, floor=0.0)
