"""LDA by collapsed Gibbs sampling (Griffiths and Steyvers 2004), through tomotopy."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field, PositiveFloat

from topicbench.models._common import inference, require_inputs, require_words_in_documents, topic_model
from topicbench.models.contract import Inputs, Method, TopicModel


class GibbsLDA(Method):
    """Latent Dirichlet allocation, each word's topic sampled given all others', with its priors optimised.

    One thread: with more, samples depend on which comes first.
    """

    name: ClassVar[str] = "gibbs-lda"
    title: ClassVar[str] = "LDA (Gibbs)"
    environment: ClassVar[str] = "rivals"
    rival: ClassVar[bool] = True

    iterations: int = Field(1000, ge=1, strict=True, description="Passes of sampling over the corpus.")
    burn_in: int = Field(100, ge=0, strict=True, description="Passes before the prior of topics is optimised.")
    alpha: PositiveFloat = Field(0.1, description="Prior of a document's topics at the start.")
    eta: PositiveFloat = Field(0.01, description="Prior of a topic's words.")
    optimise_every: int = Field(
        10, ge=0, strict=True, description="Passes between updates of the prior of topics; 0: it stays."
    )
    inferred_passes: int = Field(100, ge=1, strict=True, description="Passes of sampling over a new document.")

    def fit(self, inputs: Inputs, num_topics: int, seed: int) -> TopicModel:
        """theta and beta hold probability distributions in their rows."""
        import tomotopy

        require_inputs(self, inputs, num_topics)
        require_words_in_documents(self, inputs)
        model = tomotopy.LDAModel(k=num_topics, alpha=self.alpha, eta=self.eta, seed=seed)
        for words in _documents(inputs):
            model.add_doc(words)
        model.burn_in, model.optim_interval = self.burn_in, self.optimise_every
        model.train(self.iterations, workers=1, parallel=tomotopy.ParallelScheme.NONE)
        columns = np.array([int(word) for word in model.used_vocabs])
        beta = np.zeros((num_topics, len(inputs.vocabulary)))
        beta[:, columns] = [model.get_topic_word_dist(topic) for topic in range(num_topics)]

        def theta_of(others: Inputs) -> np.ndarray:
            known = set(model.used_vocabs)
            words = [[word for word in document if word in known] for document in _documents(others)]
            # Without a word there is only the prior; tomotopy ends the process where it is given no word.
            theta = np.tile(np.asarray(model.alpha, dtype=float) / np.sum(model.alpha), (len(words), 1))
            rows = [row for row, document in enumerate(words) if document]
            documents = [model.make_doc(words[row]) for row in rows]
            if documents:
                theta[rows] = model.infer(
                    documents, iterations=self.inferred_passes, workers=1, parallel=tomotopy.ParallelScheme.NONE
                )[0]
            return theta

        return topic_model(
            self,
            np.array([document.get_topic_dist() for document in model.docs]),
            beta,
            {
                "epochs_run": self.iterations,
                "log_likelihood_per_word": float(model.ll_per_word),
                "alpha": np.asarray(model.alpha, dtype=float).tolist(),
            },
            "raise alpha or eta",
            infer=inference(self, inputs, theta_of, seed),
        )


def _documents(inputs: Inputs) -> list[list[str]]:
    """Each document as the numbers of its words' columns, which tomotopy takes for words."""
    return [np.repeat(row.indices, row.data).astype(str).tolist() for row in inputs.bow]
