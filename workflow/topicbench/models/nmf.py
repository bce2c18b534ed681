"""Non-negative matrix factorisation of tf-idf (Lee and Seung 1999), through scikit-learn."""

from __future__ import annotations

import warnings
from typing import ClassVar

import numpy as np
from pydantic import Field, PositiveInt

from topicbench.models._common import inference, require_inputs, shares, topic_model
from topicbench.models.contract import Inputs, Method, TopicModel


class NMF(Method):
    """The bag of words, weighted by tf-idf, as a product of two non-negative matrices."""

    name: ClassVar[str] = "nmf"
    title: ClassVar[str] = "NMF"
    environment: ClassVar[str] = "rivals"
    rival: ClassVar[bool] = True

    sublinear: bool = Field(True, description="Weigh a word by 1 + log of its count instead of its count.")
    iterations: PositiveInt = Field(400, description="Most update steps.")

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """Started at random by the seed. A document that no topic has any part in belongs to all alike."""
        from sklearn.decomposition import NMF as Factorisation
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.feature_extraction.text import TfidfTransformer

        require_inputs(self, inputs, num_topics)
        weigh = TfidfTransformer(sublinear_tf=self.sublinear)
        weighted = weigh.fit_transform(inputs.bow.astype(np.float64))
        factors = Factorisation(num_topics, init="nndsvdar", random_state=seed, max_iter=self.iterations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
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
