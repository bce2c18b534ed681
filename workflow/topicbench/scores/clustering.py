"""Agreement of topics, each document in its most probable one, with labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topicbench.errors import TopicbenchError


def assigned_topics(theta: np.ndarray) -> np.ndarray:
    """N int64: the topic of largest θ of each document, the first of equals.

    Rows are taken as they are: an outlier's tiny row counts like any other, and a row of zeros goes to topic 0.
    """
    return np.argmax(theta, axis=1)


def contingency(assigned: np.ndarray, labels: Sequence | np.ndarray) -> np.ndarray:
    """Topics × labels int64: documents of each label in each topic, empty rows and columns left out.

    Raises:
        TopicbenchError: no documents, or not one label per document.
    """
    assigned, labels = np.asarray(assigned), np.asarray(labels)
    if len(assigned) != len(labels):
        raise TopicbenchError("labels", f"{len(labels)} labels for {len(assigned)} documents")
    if not len(assigned):
        raise TopicbenchError("labels", "there are no documents to compare")
    topics, topic = np.unique(assigned, return_inverse=True)
    names, label = np.unique(labels, return_inverse=True)
    counts = np.bincount(topic * len(names) + label, minlength=len(topics) * len(names))
    return counts.reshape(len(topics), len(names))


def purity_direct(assigned: np.ndarray, labels: Sequence | np.ndarray) -> float:
    """Share of documents that have the most frequent label of their topic (Zhao and Karypis 2001)."""
    table = contingency(assigned, labels)
    return float(table.max(axis=1).sum() / table.sum())


def inverse_purity(assigned: np.ndarray, labels: Sequence | np.ndarray) -> float:
    """Share of documents that lie in the most frequent topic of their label."""
    table = contingency(assigned, labels)
    return float(table.max(axis=0).sum() / table.sum())


def purity(assigned: np.ndarray, labels: Sequence | np.ndarray) -> float:
    """Harmonic mean of `purity_direct` and `inverse_purity`: "Purity" of the paper's tables."""
    direct, inverse = purity_direct(assigned, labels), inverse_purity(assigned, labels)
    return 2 * direct * inverse / (direct + inverse)


def f_measure(assigned: np.ndarray, labels: Sequence | np.ndarray) -> float:
    """F1 of each label with the topic it matches best, weighted by the label's documents (the paper's Appendix B)."""
    table = contingency(assigned, labels)
    in_topic, in_label = table.sum(axis=1, keepdims=True), table.sum(axis=0)
    f1 = 2 * table / (in_topic + in_label)
    return float((f1.max(axis=0) * in_label).sum() / table.sum())


def nmi(assigned: np.ndarray, labels: Sequence | np.ndarray) -> float:
    """Mutual information over the arithmetic mean of both entropies (scikit-learn)."""
    from sklearn.metrics import normalized_mutual_info_score

    contingency(assigned, labels)
    return float(normalized_mutual_info_score(labels, assigned))


def ari(assigned: np.ndarray, labels: Sequence | np.ndarray) -> float:
    """Adjusted Rand index (scikit-learn)."""
    from sklearn.metrics import adjusted_rand_score

    contingency(assigned, labels)
    return float(adjusted_rand_score(labels, assigned))
