"""KeyNMF (Kristensen-McLachlan et al. 2024), through turftopic."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, PositiveInt

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


class KeyNMF(Method):
    """Non-negative matrix factorisation of keywords: a document's words weighted by how near it they are embedded.

    The library leaves out a document's farthest keyword, so that a document of one word has none and belongs to all
    topics alike.
    """

    name: ClassVar[str] = "keynmf"
    title: ClassVar[str] = "KeyNMF"
    environment: ClassVar[str] = "rivals"
    rival: ClassVar[bool] = True

    top_n: PositiveInt = Field(25, description="Most keywords of a document; the library's default.")

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset({"embeddings", "word_embeddings"})

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """beta is 0 for a word that is no keyword of the topic.

        Started by the library's own initialisation, which the seed reaches only where it draws.
        """
        require_inputs(self, inputs, num_topics)
        with stdout_to_stderr():
            model = import_turftopic().KeyNMF(
                num_topics,
                encoder=EncodedWords(inputs),
                vectorizer=word_counter(inputs),
                top_n=self.top_n,
                random_state=seed,
            )
            keywords = model.extract_keywords([*inputs.texts], embeddings=np.asarray(inputs.embeddings))
            weights = model.model.fit_transform(keywords)
        columns = {word: column for column, word in enumerate(inputs.vocabulary)}
        beta = np.zeros((num_topics, len(columns)))
        beta[:, [columns[word] for word in model.model.index_to_key]] = model.model.components

        def theta_of(others: Inputs) -> np.ndarray:
            found = model.extract_keywords([*others.texts], embeddings=np.asarray(others.embeddings), fitting=False)
            # The library fails where no document has a keyword.
            rows = [row for row, keywords in enumerate(found) if keywords]
            theta = np.zeros((len(found), num_topics))
            if rows:
                theta[rows] = model.model.transform([found[row] for row in rows])
            return shares(theta)

        return topic_model(
            self,
            shares(weights),
            beta,
            {"iterations_run": int(model.model.n_iter), "keywords": len(model.model.index_to_key)},
            "raise top_n",
            floor=0.0,
            infer=inference(self, inputs, theta_of, seed),
        )
