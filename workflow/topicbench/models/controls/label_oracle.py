"""Topics and assignment by the labels: the ceiling of purity and precision."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.models._topic_words import class_tf_idf
from topicbench.models.contract import Control, ControlInputs, Need, TopicModel


class LabelOracle(Control):
    """One topic per label, in sorted order: θ is the document's label, β the label's class-based tf-idf.

    Words a label never uses come after all it uses, by their frequency in the corpus, so that a label of few documents
    has a list of words too.
    """

    name: ClassVar[str] = "label-oracle"
    title: ClassVar[str] = "Label oracle"
    meaning: ClassVar[str] = "one topic per label whatever K, θ the document’s label, words by class-based tf-idf"
    follows_num_topics: ClassVar[bool] = False
    follows_seed: ClassVar[bool] = False

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"labels"})

    def fit(self, inputs: ControlInputs, num_topics: int, seed: int) -> TopicModel:
        """The same for every ``num_topics`` and ``seed``.

        Raises:
            TopicbenchError: not one label per document.
        """
        documents = inputs.bow.shape[0]
        if len(inputs.labels) != documents:
            raise TopicbenchError("labels", f"{len(inputs.labels)} labels for {documents} documents")
        classes, numbers = np.unique(inputs.labels, return_inverse=True)
        theta = np.eye(len(classes), dtype=np.float32)[numbers]
        weights = class_tf_idf(inputs.bow, theta)
        by_word = np.asarray(inputs.bow.sum(axis=0), dtype=np.float64)
        return TopicModel(theta, np.where(weights > 0, weights, -1 / np.maximum(by_word, 1)).astype(np.float32))
