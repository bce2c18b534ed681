"""Topics and assignment by the labels: the ceiling of purity and precision."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.models.contract import Control, ControlInputs, Need, TopicModel


class LabelOracle(Control):
    """One topic per label, in sorted order: θ is the document's label, β the label's class-based tf-idf.

    Grootendorst (2022), "BERTopic: Neural topic modeling with a class-based TF-IDF procedure", equation 1, term
    frequencies as shares of the class. Words a class never uses come after all it uses, by their frequency in the
    corpus, so that a label of few documents has a list of words too.
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
        counts = np.asarray((csr_matrix(theta.T) @ inputs.bow).todense(), dtype=np.float64)
        by_word, by_class = counts.sum(axis=0), counts.sum(axis=1, keepdims=True)
        shares = counts / np.maximum(by_class, 1)
        weights = shares * np.log1p(by_class.mean() / np.maximum(by_word, 1))
        return TopicModel(theta, np.where(counts > 0, weights, -1 / np.maximum(by_word, 1)).astype(np.float32))
