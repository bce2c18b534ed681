"""BERTopic (Grootendorst 2022) with k-means for HDBSCAN: every document is in a topic, and there are K of them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, PositiveInt

from topicbench.models._common import inference, require_inputs, stdout_to_stderr, topic_model
from topicbench.models.bertopic import UMAPTopics, preserve_thread_counts
from topicbench.models.contract import Inputs, TopicModel, seed_everything


class BERTopicKMeans(UMAPTopics):
    """Embeddings are reduced by UMAP and clustered by k-means; words are weighted per cluster by c-TF-IDF.

    BERTopic gives no soft membership of such clusters. θ is the posterior of what k-means is the limit of: normal
    distributions around the centres in the reduced space, of one variance, which is that of the clusters.
    """

    name: ClassVar[str] = "bertopic-kmeans"
    title: ClassVar[str] = "BERTopic, k-means"
    rival: ClassVar[bool] = True

    restarts: PositiveInt = Field(10, description="Starts of k-means++; the best is kept.")

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """beta is c-TF-IDF, 0 for a word that no document of the topic has."""
        from sklearn.cluster import KMeans
        from threadpoolctl import threadpool_limits

        require_inputs(self, inputs, num_topics)
        clustering = KMeans(num_topics, n_init=self.restarts, random_state=seed)
        seed_everything(seed)
        # Threads of k-means add up in the order in which they end, which changes the last bits.
        with stdout_to_stderr(), preserve_thread_counts(), threadpool_limits(1, user_api="openmp"):
            model = self.library(inputs, seed, clustering)
            model.fit_transform([*inputs.texts], embeddings=np.array(inputs.embeddings, dtype=np.float32))
        # BERTopic numbers the clusters by their sizes.
        mapping = model.topic_mapper_.get_mappings()
        topics = sorted(set(mapping.values()))
        centres = np.stack([clustering.cluster_centers_[_cluster(mapping, topic)] for topic in topics])
        variance = max(clustering.inertia_ / model.umap_model.embedding_.size, 1e-12)

        def posterior(reduced: np.ndarray) -> np.ndarray:
            distances = ((np.asarray(reduced, dtype=np.float64)[:, None] - centres) ** 2).sum(axis=2)
            weights = np.exp(-(distances - distances.min(axis=1, keepdims=True)) / (2 * variance))
            return weights / weights.sum(axis=1, keepdims=True)

        def theta_of(others: Inputs) -> np.ndarray:
            with preserve_thread_counts():
                return posterior(model.umap_model.transform(np.array(others.embeddings, dtype=np.float32)))

        return topic_model(
            self,
            posterior(model.umap_model.embedding_),
            model.c_tf_idf_.toarray(),
            {
                "library_settings": self.model_dump(),
                "documents_per_topic": [int(model.topic_sizes_[topic]) for topic in topics],
            },
            "look at the embeddings",
            floor=0.0,
            infer=inference(self, inputs, theta_of, seed),
        )


def _cluster(mapping: dict[int, int], topic: int) -> int:
    return next(cluster for cluster, mapped in mapping.items() if mapped == topic)
