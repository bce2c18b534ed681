"""Semantic Signal Separation, S³ (Kardos et al. 2025), through turftopic."""

from __future__ import annotations

import warnings
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from topicbench.core.errors import TopicbenchError
from topicbench.models._common import (
    inference,
    require_inputs,
    shares,
    stdout_to_stderr,
    topic_model,
    word_counter,
)
from topicbench.models._turftopic import EncodedWords, import_turftopic
from topicbench.models.contract import Inputs, Method, Need, TopicModel


class SemanticSignalSeparation(Method):
    """Topics are the independent components of the documents' embeddings; words are embedded along the same axes.

    A component has two sides. A topic is its positive one, as in the library's lists of words; a document's θ is how
    far along each it lies on that side.
    """

    name: ClassVar[str] = "s3"
    title: ClassVar[str] = "S³"
    environment: ClassVar[str] = "rivals"
    rival: ClassVar[bool] = True

    iterations: int = Field(200, ge=1, strict=True, description="Most steps of FastICA; the library's default.")
    feature_importance: Literal["axial", "angular", "combined"] = Field(
        "combined", description="A word's weight: its place on the axis, its angle to it, or both."
    )

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"embeddings", "word_embeddings"})

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """A document on the positive side of no component belongs to all alike.

        Raises:
            TopicbenchError: more topics than the embeddings have dimensions.
        """
        from sklearn.exceptions import ConvergenceWarning

        require_inputs(self, inputs, num_topics)
        dimensions = inputs.embeddings.shape[1]
        if num_topics > dimensions:
            raise TopicbenchError(
                f"methods.{self.name}",
                f"K = {num_topics} topics, but the embeddings have {dimensions} dimensions",
                "lower num_topics, or use another encoder",
            )
        embeddings = np.array(inputs.embeddings, dtype=np.float64)
        with stdout_to_stderr(), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = import_turftopic().SemanticSignalSeparation(
                num_topics,
                encoder=EncodedWords(inputs),
                vectorizer=word_counter(inputs),
                max_iter=self.iterations,
                feature_importance=self.feature_importance,
                random_state=seed,
            )
            signals = model.fit_transform([*inputs.texts], embeddings=embeddings)

        def theta_of(others: Inputs) -> np.ndarray:
            read = np.array(others.embeddings, dtype=np.float64)
            return shares(np.maximum(model.transform([*others.texts], embeddings=read), 0))

        return topic_model(
            self,
            shares(np.maximum(signals, 0)),
            model.components_,
            {"iterations_run": int(model.decomposition.n_iter_)},
            "raise iterations",
            infer=inference(self, inputs, theta_of, seed),
        )
