"""k-means of a language model's hidden states: what a topic model that reads them has to beat."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from topicbench.models._k_means import KMeansTopics
from topicbench.models._logit_correction import column_moments
from topicbench.models.contract import Inputs, Need


class KMeansHiddenStates(KMeansTopics):
    """Clusters of the hidden states that soft labels are read off, standardised, named by class-based tf-idf.

    A few dimensions of a hidden state are large in every document; each is shifted and scaled to mean 0 and variance 1
    over the corpus first.
    """

    name: ClassVar[str] = "kmeans-hidden-states"
    title: ClassVar[str] = "k-means of hidden states"
    source: ClassVar[Need] = "hidden_states"

    def _moments(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
        return column_moments(inputs.hidden_states)
