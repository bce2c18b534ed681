"""Non-negative matrix factorisation, the nearest thing to a topic model that linear algebra has.

Lee and Seung, "Learning the parts of objects by non-negative matrix factorization" (Nature 401, 1999).
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveInt

from topicbench.models._common import inference, require_inputs, topic_model
from topicbench.models.contract import Inputs, Method, TopicModel


class MyNMF(Method):
    """The bag of words, weighted by tf-idf, as a product of two non-negative matrices."""

    name: ClassVar[str] = "mynmf"
    title: ClassVar[str] = "My NMF"
    environment: ClassVar[str] = "bertopic"

    weighting: Literal["tfidf", "counts"] = Field("tfidf", description="What is factorised.")
    iterations: PositiveInt = Field(400, description="Most update steps.")

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        require_inputs(self, inputs, num_topics)
        from sklearn.decomposition import NMF as Factorisation
        from sklearn.feature_extraction.text import TfidfTransformer

        weigh = TfidfTransformer() if self.weighting == "tfidf" else TfidfTransformer(use_idf=False, norm=None)
        weighted = weigh.fit_transform(inputs.bow.astype(np.float64))
        factors = Factorisation(num_topics, init="random", random_state=seed, max_iter=self.iterations)
        weights = factors.fit_transform(weighted)

        def theta_of(others: Inputs) -> np.ndarray:
            return shares(factors.transform(weigh.transform(others.bow.astype(np.float64))))

        return topic_model(
            self,
            shares(weights),
            factors.components_,
            {"iterations_run": int(factors.n_iter_), "error": float(factors.reconstruction_err_)},
            "raise iterations",
            floor=0.0,
            infer=inference(self, inputs, theta_of, seed),
        )


def shares(weights: np.ndarray) -> np.ndarray:
    """Rows scaled to sum to one; a document of no weight is spread evenly."""
    sums = weights.sum(axis=1, keepdims=True)
    even = np.full_like(weights, 1 / weights.shape[1])
    return np.divide(weights, sums, out=even, where=sums > 0)
