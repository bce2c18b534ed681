"""The controls as topic models. Arrays in, a `TopicModel` out."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.models.contract import TopicModel


def random_topics(documents: int, words: int, num_topics: int, seed: int) -> TopicModel:
    """K topics of words, and N documents, by chance: every topic and every θ is uniform on the simplex.

    A topic's words are thus a random choice without repetition from the whole vocabulary. The topics of a smaller K
    are the first ones of a larger K, so that a judge is asked about each once.
    """
    weights = np.random.default_rng([seed, *b"topics"]).exponential(size=(num_topics, words))
    shares = np.random.default_rng([seed, *b"documents"]).exponential(size=(documents, num_topics))
    return TopicModel(_normalised(shares), _normalised(weights))


def shuffled_documents(theta: np.ndarray, beta: np.ndarray, seed: int) -> TopicModel:
    """A fitted model whose N rows of θ are dealt to the documents anew.

    Topics, and how many documents each has, stay; whatever θ said of a document is lost.
    """
    order = np.random.default_rng([seed, *b"documents"]).permutation(len(theta))
    return TopicModel(theta[order], beta)


def label_oracle(bow: csr_matrix, labels: np.ndarray) -> TopicModel:
    """One topic per label: θ is the document's label, β the label's class-based tf-idf.

    Grootendorst (2022), "BERTopic: Neural topic modeling with a class-based TF-IDF procedure", equation 1, term
    frequencies as shares of the class. Words a class never uses come after all it uses, by their frequency in the
    corpus, so that a label of few documents has a list of words too.

    Args:
        bow: N×V counts.
        labels: N labels; topics are in their sorted order.

    Raises:
        TopicbenchError: not one label per document.
    """
    if len(labels) != bow.shape[0]:
        raise TopicbenchError("labels", f"{len(labels)} labels for {bow.shape[0]} documents")
    classes, numbers = np.unique(labels, return_inverse=True)
    theta = np.eye(len(classes), dtype=np.float32)[numbers]
    counts = csr_matrix(theta.T) @ bow
    counts = np.asarray(counts.todense(), dtype=np.float64)
    by_word, by_class = counts.sum(axis=0), counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(by_class, 1)
    weights = shares * np.log1p(by_class.mean() / np.maximum(by_word, 1))
    return TopicModel(theta, np.where(counts > 0, weights, -1 / np.maximum(by_word, 1)).astype(np.float32))


def _normalised(rows: np.ndarray) -> np.ndarray:
    return (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
