"""k-means, and topics by it: clusters of what documents are read as, named by class-based tf-idf."""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from pydantic import Field, PositiveFloat, PositiveInt

from topicbench.models._common import inference, require_inputs, topic_model
from topicbench.models._topic_words import class_tf_idf
from topicbench.models.contract import Inputs, Method, Need, TopicModel


def k_means(points: np.ndarray, groups: int, restarts: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the groups, and their centres, of the best of some starts of k-means++ (scikit-learn's)."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    # Threads add up in the order in which they end, which changes the last bits.
    with threadpool_limits(1, user_api="openmp"), warnings.catch_warnings():
        # Fewer distinct points than groups: some groups are then alike.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = KMeans(groups, n_init=restarts, random_state=seed).fit(points)
    return fitted.labels_, fitted.cluster_centers_


class KMeansTopics(Method):
    """Hyperparameters of topics by k-means, and how it is fitted.

    k-means puts a document into one cluster. θ spreads it over the clusters by the distances of their centres, so that
    retrieval by θ has something to rank by; its largest topic is the cluster that k-means puts it into.
    """

    environment: ClassVar[str] = "rivals"
    rival: ClassVar[bool] = True
    source: ClassVar[Need]
    """What documents are read as, rows scaled to unit length."""

    restarts: PositiveInt = Field(10, description="Starts of k-means++; the best is kept.")
    sharpness: PositiveFloat = Field(
        20.0, description="θ is the softmax of minus half so many times the squared distances to the centres."
    )

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({self.source})

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """beta is class-based tf-idf, 0 for a word that no document of the cluster has."""
        require_inputs(self, inputs, num_topics)
        shift, scale = self._moments(inputs)

        def points(documents: Inputs) -> np.ndarray:
            rows = (np.asarray(getattr(documents, self.source), dtype=np.float64) - shift) / scale
            return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)

        clusters, centres = k_means(points(inputs), num_topics, self.restarts, seed)

        def theta_of(documents: Inputs) -> np.ndarray:
            # |x − c|² without |x|², which is the same for all clusters.
            scores = self.sharpness * (points(documents) @ centres.T - (centres**2).sum(axis=1) / 2)
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            return weights / weights.sum(axis=1, keepdims=True)

        return topic_model(
            self,
            theta_of(inputs),
            class_tf_idf(inputs.bow, np.eye(num_topics)[clusters]),
            {"documents_per_topic": np.bincount(clusters, minlength=num_topics).tolist()},
            "look at the inputs",
            floor=0.0,
            infer=inference(self, inputs, theta_of, seed),
        )

    def _moments(self, inputs: Inputs) -> tuple[np.ndarray | float, np.ndarray | float]:
        """By what the rows are shifted and scaled before they are scaled to unit length."""
        return 0.0, 1.0
