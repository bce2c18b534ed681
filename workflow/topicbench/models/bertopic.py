"""BERTopic (Grootendorst 2022), by its own package."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from topicbench.core.errors import TopicbenchError
from topicbench.models._common import inference, require_inputs, stdout_to_stderr, topic_model, word_counter
from topicbench.models.contract import Inputs, Method, Need, TopicModel, seed_everything


class UMAPTopics(Method):
    """Hyperparameters of the reduction that every kind of BERTopic clusters in; BERTopic's defaults."""

    environment: ClassVar[str] = "bertopic"

    umap_neighbors: int = Field(15, ge=2, strict=True, description="UMAP: neighbours of a document.")
    umap_components: int = Field(5, ge=1, strict=True, description="UMAP: dimensions of the reduced space.")
    umap_min_dist: float = Field(0.0, ge=0, description="UMAP: least distance of reduced documents.")
    umap_metric: str = Field("cosine", description="UMAP: distance of embeddings.")

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"embeddings"})

    def library(self, inputs: Inputs, seed: int, clustering: Any, **options: Any) -> Any:
        """BERTopic's own model, unfitted, with a clustering algorithm and further ``options``."""
        import umap
        from bertopic import BERTopic as Library

        return Library(
            # "english" would strip all but A–Z from the words before they are counted.
            language="multilingual",
            embedding_model=None,
            umap_model=umap.UMAP(
                n_neighbors=self.umap_neighbors,
                n_components=self.umap_components,
                min_dist=self.umap_min_dist,
                metric=self.umap_metric,
                random_state=seed,
                n_jobs=1,
            ),
            hdbscan_model=clustering,
            vectorizer_model=word_counter(inputs),
            **options,
        )


class BERTopic(UMAPTopics):
    """Embeddings are reduced by UMAP and clustered by HDBSCAN; words are weighted per cluster by c-TF-IDF.

    HDBSCAN finds as many clusters as it finds; where they are more than K, the most alike are merged down to K. Fewer
    than K are left as they are, and `details` tells. The outliers' cluster is no topic (Appendix C). Values that
    Appendix C does not state are BERTopic's defaults.
    """

    name: ClassVar[str] = "bertopic"
    title: ClassVar[str] = "BERTopic"
    leaves_mass_out: ClassVar[bool] = True

    min_cluster_size: int = Field(10, ge=2, strict=True, description="HDBSCAN: least documents of a cluster.")
    cluster_metric: str = Field("euclidean", description="HDBSCAN: distance of reduced documents.")

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """theta is HDBSCAN's soft membership, whose rows sum to at most one; the rest is the outliers'.

        beta is c-TF-IDF, 0 for a word that no document of the topic has.

        Raises:
            TopicbenchError: where HDBSCAN finds no cluster.
        """
        from hdbscan import HDBSCAN

        require_inputs(self, inputs, num_topics)
        texts = [*inputs.texts]
        clustering = HDBSCAN(
            min_cluster_size=self.min_cluster_size,
            metric=self.cluster_metric,
            cluster_selection_method="eom",
            prediction_data=True,
            core_dist_n_jobs=1,
        )
        seed_everything(seed)
        with stdout_to_stderr(), preserve_thread_counts():
            model = self.library(inputs, seed, clustering, nr_topics=num_topics + 1, calculate_probabilities=True)
            try:
                model.fit_transform(texts, embeddings=np.array(inputs.embeddings, dtype=np.float32))
            except Exception as error:
                if _clusters(clustering) == 0:
                    raise self._no_cluster(texts) from error
                raise
            if _clusters(clustering) == 0:
                raise self._no_cluster(texts)
            # nr_topics counts the outliers' cluster; without outliers it leaves one topic too many.
            if -1 not in model.topic_sizes_ and len(model.topic_sizes_) > num_topics:
                model.reduce_topics(texts, nr_topics=num_topics)

        def theta_of(others: Inputs) -> np.ndarray:
            with preserve_thread_counts():
                read = np.array(others.embeddings, dtype=np.float32)
                theta = model.transform([*others.texts], embeddings=read)[1].reshape(len(read), -1)
            # HDBSCAN divides the weights of a document by their sum, even where it has none: an outlier altogether.
            return np.where(np.isnan(theta).all(axis=1, keepdims=True), 0, theta)

        outliers = model.topic_sizes_.get(-1, 0)
        beta = model.c_tf_idf_.toarray()[1 if outliers else 0 :]
        return topic_model(
            self,
            model.probabilities_,
            beta,
            {
                "library_settings": {**self.model_dump(), "nr_topics": num_topics + 1},
                "clusters_found": _clusters(clustering),
                "topics_obtained": len(beta),
                "outliers": int(outliers),
                "outlier_share": outliers / len(texts),
                "documents_per_topic": [int(model.topic_sizes_[topic]) for topic in range(len(beta))],
            },
            "raise min_cluster_size",
            floor=0.0,
            infer=inference(self, inputs, theta_of, seed),
        )

    def _no_cluster(self, texts: list[str]) -> TopicbenchError:
        return TopicbenchError(
            f"methods.{self.name}",
            f"HDBSCAN found no cluster of at least {self.min_cluster_size} among {len(texts)} documents",
            "lower min_cluster_size, or use a larger corpus",
        )


@contextlib.contextmanager
def preserve_thread_counts() -> Iterator[None]:
    """Hold numba to PyTorch's number of threads, and put PyTorch's back at the end.

    Numba starts its threads through the same OpenMP library and leaves that at its own number, which would change the
    last bits of what PyTorch computes later in this process.
    """
    import numba
    import torch

    threads, numba_threads = torch.get_num_threads(), numba.get_num_threads()
    numba.set_num_threads(min(threads, vars(numba.config)["NUMBA_NUM_THREADS"]))
    try:
        yield
    finally:
        numba.set_num_threads(numba_threads)
        torch.set_num_threads(threads)


def _clusters(clustering: object) -> int | None:
    """Number of clusters found, or None before clustering."""
    labels = getattr(clustering, "labels_", None)
    return None if labels is None else int(labels.max()) + 1
