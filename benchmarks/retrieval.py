"""Retrieval by KL divergence against one row at a time with a full sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import inputs
import numpy as np
from measure import Row, compared, growth

from topicbench.metrics.retrieval import precision_at, smoothed

TOPICS = 50
QUERIES = 50
RANKS = (1, 5, 10)


def row_by_row(theta: np.ndarray, labels: np.ndarray, queries: Sequence[int]) -> dict[int, float]:
    """Precision at each rank over some queries: KL to every document, and all of them sorted."""
    hits = dict.fromkeys(RANKS, 0.0)
    for query in queries:
        divergences = np.sum(theta[query] * np.log(theta[query] / theta), axis=1)
        order = np.argsort(divergences, kind="stable")
        order = order[order != query]
        for rank in RANKS:
            hits[rank] += np.mean(labels[order[:rank]] == labels[query])
    return {rank: float(total / len(queries)) for rank, total in hits.items()}


def thetas(documents: int) -> tuple[np.ndarray, np.ndarray]:
    """θ of a soft-label model trained for three epochs on the titles, and their labels; resampled above 20,000."""
    return _drawn(*_fitted(), documents)


def _fitted() -> tuple[np.ndarray, np.ndarray]:
    import training

    from topicbench.models.softlabel import SoftLabel

    path = inputs.KEPT / "theta.npy"
    features = inputs.features(inputs.TITLES)
    if not path.is_file():
        fitted = SoftLabel(num_epochs=3, device="cpu").fit(training.as_inputs(features), TOPICS, 0)
        inputs.write_npy(path, fitted.theta)
    return inputs.read_npy(path), features.labels


def _drawn(theta: np.ndarray, labels: np.ndarray, documents: int) -> tuple[np.ndarray, np.ndarray]:
    if documents <= len(theta):
        return theta[:documents], labels[:documents]
    rng = np.random.default_rng(5)
    rows = rng.integers(len(theta), size=documents)
    # Equal rows would be multiplied once; a little noise keeps them apart.
    return theta[rows] * rng.uniform(0.99, 1.01, (documents, theta.shape[1])), labels[rows]


def run(sizes: Sequence[int], pairs: int) -> tuple[list[Row], list[dict[str, Any]], list[str]]:
    """Rows, growth and remarks."""
    theta, labels = thetas(inputs.TITLES)
    precision_at(theta[:500], labels[:500])
    smooth = smoothed(theta)
    queries = np.random.default_rng(6).choice(len(theta), QUERIES, replace=False)
    row = compared(
        f"precision at 1, 5 and 10, N = {len(theta)}, K = {TOPICS}, float64",
        lambda: precision_at(theta, labels, RANKS),
        lambda: row_by_row(smooth, labels, queries),
        pairs,
        goal=50,
        scale=(1, len(theta) / QUERIES),
        note=f"row by row measured on {QUERIES} of {len(theta)} queries",
    )
    some = {**dict(zip(RANKS, precision_at(theta, labels, RANKS).values(), strict=True))}
    every = row_by_row(smooth[:1000], labels[:1000], range(1000))
    fast = precision_at(theta[:1000], labels[:1000], RANKS)
    difference = max(abs(every[rank] - fast[rank]) for rank in RANKS)
    remark = (
        f"Retrieval: P@1/5/10 {some[1]:.3f} / {some[5]:.3f} / {some[10]:.3f}; on the first 1,000 documents both ways "
        f"differ by {difference:.1e}."
    )
    growing = growth(
        "retrieval (above 20,000 resampled)",
        sizes,
        lambda size: (lambda theta, labels: lambda: precision_at(theta, labels, RANKS))(*thetas(size)),
    )
    return [row], [growing], [remark]
