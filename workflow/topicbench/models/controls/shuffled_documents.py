"""Topics of a method, assignment by chance: the floor of purity and precision for topics of these sizes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from topicbench.models.contract import Control, ControlInputs, Need, TopicModel


class ShuffledDocuments(Control):
    """A fitted model whose rows of θ are permuted over the documents.

    Topics, and how many documents each has, stay; whatever θ said of a document is lost.
    """

    name: ClassVar[str] = "shuffled-documents"
    title: ClassVar[str] = "{method}, shuffled documents"
    meaning: ClassVar[str] = "the topics of {method}, its θ dealt to the documents at random"

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"fitted"})

    def fit(self, inputs: ControlInputs, num_topics: int, seed: int) -> TopicModel:
        order = np.random.default_rng([seed, *b"documents"]).permutation(len(inputs.fitted.theta))
        return TopicModel(inputs.fitted.theta[order], inputs.fitted.beta)
