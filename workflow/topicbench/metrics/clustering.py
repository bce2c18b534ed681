"""Agreement of topics, each document in its most probable one, with labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import Metric


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
    """Mutual information over the arithmetic mean of both entropies; 1 where both put all documents together.

    scikit-learn's ``normalized_mutual_info_score`` differs in the last bits of most runs, and its import alone takes
    longer than all scores of a run; the same holds of `ari`.
    """
    table = contingency(assigned, labels)
    joint = table / table.sum()
    in_topic, in_label = joint.sum(axis=1), joint.sum(axis=0)
    if joint.size == 1:
        return 1.0
    there = joint > 0
    information = (joint[there] * np.log(joint[there] / np.outer(in_topic, in_label)[there])).sum()
    entropies = -(in_topic * np.log(in_topic)).sum() - (in_label * np.log(in_label)).sum()
    # Independent partitions have information 0 but for rounding.
    return float(2 * information / entropies) if information > np.finfo(float).eps else 0.0


def ari(assigned: np.ndarray, labels: Sequence | np.ndarray) -> float:
    """Adjusted Rand index (Hubert and Arabie 1985): pairs of documents together in both, beyond chance."""
    table = contingency(assigned, labels)
    together, in_topic, in_label, pairs = (
        float((counts * (counts - 1) // 2).sum())
        for counts in (table, table.sum(axis=1), table.sum(axis=0), table.sum())
    )
    if together == in_topic == in_label:
        return 1.0
    chance = in_topic * in_label / pairs
    return float((together - chance) / ((in_topic + in_label) / 2 - chance))


def _metric(function: Callable[[np.ndarray, np.ndarray], float], title: str, how: str, **others: Any) -> Metric:
    return Metric(
        name=function.__name__,
        title=title,
        how=f"{how}, documents in the topic of largest θ",
        needs=frozenset({"theta", "labels"}),
        function=lambda run, resources: function(assigned_topics(run.theta), run.labels),
        **others,
    )


METRICS = (
    _metric(purity, "Purity", "harmonic mean of purity and inverse purity"),
    _metric(purity_direct, "Purity (direct)", "share of documents that have the most frequent label of their topic"),
    _metric(inverse_purity, "Inverse purity", "share of documents that lie in the most frequent topic of their label"),
    _metric(
        f_measure,
        "F1",
        "F1 of each label's best-matching topic, weighted by the label's documents",
        latex=r"$F_1$",
    ),
    _metric(nmi, "NMI", "mutual information of topics and labels over the arithmetic mean of their entropies"),
    _metric(ari, "ARI", "Rand index of topics and labels, adjusted for chance", minimum=-0.5),
)
