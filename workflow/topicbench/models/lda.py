"""LDA by online variational Bayes (Hoffman et al. 2010): gensim, through OCTIS."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from topicbench.models._common import inference, require_inputs, stdout_to_stderr, topic_model
from topicbench.models._octis import corpus_of
from topicbench.models.contract import Inputs, Method, TopicModel, seed_everything


class LDA(Method):
    """Appendix C's settings are OCTIS's and gensim's defaults."""

    name: ClassVar[str] = "lda"
    title: ClassVar[str] = "LDA"
    environment: ClassVar[str] = "octis"

    passes: int = Field(1, ge=1, strict=True, description="Passes over the corpus.")
    chunksize: int = Field(2000, ge=1, strict=True, description="Documents per update.")
    decay: float = Field(0.5, ge=0.5, le=1, description="Share of the previous topics forgotten at each update.")
    offset: float = Field(1.0, gt=0, description="Slows the first updates down.")
    gamma_threshold: float = Field(
        0.001, gt=0, description="Change of a document's topic weights below which its inference stops."
    )
    iterations: int = Field(50, ge=1, strict=True, description="Most inference steps per document.")
    alpha: Literal["symmetric", "asymmetric", "auto"] = Field(
        "symmetric", description="Prior of a document's topics: 1/K each, falling with the rank, or learned."
    )

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """theta and beta hold probability distributions in their rows."""
        from gensim.corpora import Dictionary
        from octis.models.LDA import LDA as OctisLDA

        require_inputs(self, inputs, num_topics)
        settings = {"num_topics": num_topics, "random_state": seed, **self.model_dump()}
        model = OctisLDA(**settings)
        model.use_partitions = False
        # Left to itself, OCTIS numbers the words in the order gensim meets them; a word's column is its place in ours.
        model.id2word = Dictionary()
        model.id2word.token2id = {word: column for column, word in enumerate(inputs.vocabulary)}
        seed_everything(seed)
        with stdout_to_stderr():
            output = model.train_model(corpus_of(inputs))
        fitted = model.trained_model

        def theta_of(others: Inputs) -> np.ndarray:
            theta = np.zeros((len(others.texts), num_topics))
            for row, counts in enumerate(others.bow):
                # gensim starts from a draw; one state for all keeps a document independent of its companions.
                fitted.random_state = np.random.RandomState(seed)
                words = list(zip(counts.indices.tolist(), counts.data.tolist(), strict=True))
                for topic, weight in fitted.get_document_topics(words, minimum_probability=0):
                    theta[row, topic] = weight
            return theta

        return topic_model(
            self,
            output["topic-document-matrix"].T,
            output["topic-word-matrix"],
            {"library_settings": settings, "epochs_run": self.passes, "updates": int(fitted.num_updates)},
            "raise chunksize or passes",
            infer=inference(self, inputs, theta_of, seed),
        )
