"""Top2Vec (Angelov 2020), by its own package."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field, PositiveFloat

from topicbench.core.errors import TopicbenchError
from topicbench.models._common import inference, require_inputs, shares, stdout_to_stderr, topic_model
from topicbench.models.bertopic import preserve_thread_counts
from topicbench.models.contract import Inputs, Method, Need, TopicModel, seed_everything


class Top2Vec(Method):
    """A topic is the mean embedding of a dense area of documents; its words are those embedded nearest to it.

    The library finds as many topics as there are dense areas; where they are more than K, it merges the smallest with
    its nearest until there are K. Fewer than K are left as they are. It puts a document into its nearest topic; θ
    spreads it over the topics by their cosines, so that retrieval by θ has something to rank by.
    """

    name: ClassVar[str] = "top2vec"
    title: ClassVar[str] = "Top2Vec"
    environment: ClassVar[str] = "rivals"
    rival: ClassVar[bool] = True

    umap_neighbors: int = Field(15, ge=2, strict=True, description="UMAP: neighbours of a document.")
    umap_components: int = Field(5, ge=1, strict=True, description="UMAP: dimensions of the reduced space.")
    min_cluster_size: int = Field(15, ge=2, strict=True, description="HDBSCAN: least documents of a dense area.")
    sharpness: PositiveFloat = Field(15.0, description="θ is the softmax of so many times the cosines to the topics.")
    merge_distance: float = Field(0.1, gt=0, description="Cosine distance below which topics are merged at once.")

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"embeddings", "word_embeddings"})

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """beta is the cosine of topic and word.

        Raises:
            TopicbenchError: where HDBSCAN finds no dense area.
        """
        from top2vec import Top2Vec as Library

        require_inputs(self, inputs, num_topics)
        # The library encodes texts and words by one function. Texts are their numbers, which no word is.
        documents = [str(row) for row in range(len(inputs.texts))]
        known = dict(zip(inputs.vocabulary, np.asarray(inputs.word_embeddings), strict=True))
        known |= dict(zip(documents, np.asarray(inputs.embeddings), strict=True))

        def embed(texts: Sequence[str]) -> np.ndarray:
            return np.stack([known[text] for text in texts])

        seed_everything(seed)
        with stdout_to_stderr(), preserve_thread_counts():
            try:
                model = Library(
                    documents,
                    min_count=0,
                    topic_merge_delta=self.merge_distance,
                    embedding_model=embed,
                    tokenizer=lambda document: inputs.texts[int(document)].split(),
                    umap_args={
                        "n_neighbors": self.umap_neighbors,
                        "n_components": self.umap_components,
                        "metric": "cosine",
                        "random_state": seed,
                        "n_jobs": 1,
                    },
                    hdbscan_args={"min_cluster_size": self.min_cluster_size, "core_dist_n_jobs": 1},
                    keep_documents=False,
                    verbose=False,
                )
            except ValueError as error:
                raise TopicbenchError(
                    f"methods.{self.name}",
                    f"found no dense area of {self.min_cluster_size} or more of {len(documents)} documents ({error})",
                    "lower min_cluster_size, or use a larger corpus",
                ) from error
            found = len(model.topic_vectors)
            if found > num_topics:
                model.hierarchical_topic_reduction(num_topics)
        topics = model.topic_vectors_reduced if found > num_topics else model.topic_vectors
        beta = topics @ _unit(np.asarray(inputs.word_embeddings, dtype=np.float64)).T

        def theta_of(others: Inputs) -> np.ndarray:
            cosines = _unit(np.asarray(others.embeddings, dtype=np.float64)) @ topics.T
            return shares(np.exp(self.sharpness * (cosines - 1)))

        return topic_model(
            self,
            theta_of(inputs),
            beta,
            {"library_settings": self.model_dump(), "topics_found": found, "topics_obtained": len(topics)},
            "look at the embeddings",
            infer=inference(self, inputs, theta_of, seed, ("embeddings",)),
        )


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
