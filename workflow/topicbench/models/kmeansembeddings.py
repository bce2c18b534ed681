"""k-means of sentence embeddings: what a topic model that reads embeddings has to beat."""

from __future__ import annotations

from typing import ClassVar

from topicbench.models._k_means import KMeansTopics
from topicbench.models.contract import Need


class KMeansEmbeddings(KMeansTopics):
    """Clusters of the sentence encoder's embeddings, named by class-based tf-idf."""

    name: ClassVar[str] = "kmeans-embeddings"
    title: ClassVar[str] = "k-means of embeddings"
    source: ClassVar[Need] = "embeddings"
