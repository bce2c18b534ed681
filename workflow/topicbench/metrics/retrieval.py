"""Retrieval of documents by their topics (the paper's Table 2)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import Metric, Resources, RunData

RANKS = (1, 5, 10)
EPSILON = 1e-12
"""Added to every entry of a normalised θ, so that no logarithm is infinite."""
RESOLUTION = 1e-10
"""Documents whose divergences round to the same multiple of this tie; θ itself is only known to some 1e-7."""


def precision_at(
    theta: np.ndarray, labels: Sequence | np.ndarray, ks: Sequence[int] = RANKS, block: int = 256
) -> dict[int, float]:
    """Mean share, among the k nearest other documents of each document, of those that have its label.

    Documents are ranked by KL(θ of the query ‖ θ of the document), smallest first, in float64; divergences that are
    equal to `RESOLUTION` tie, and of ties the document earlier in the corpus comes first. Rows of θ are normalised,
    get `EPSILON` added and are normalised again: rows need not sum to one, and a row of zeros becomes uniform.

    Memory is block × N × 8 bytes; the result does not depend on ``block``.

    Args:
        theta: N×K, finite and non-negative.
        labels: N labels.
        ks: numbers of documents retrieved.
        block: queries at a time.

    Returns:
        Precision by k, in the order of ``ks``.

    Raises:
        TopicbenchError: not one label per document, a k below 1, or fewer than k other documents.
    """
    theta = np.asarray(theta)
    documents = len(theta)
    if len(labels) != documents:
        raise TopicbenchError("labels", f"{len(labels)} labels for {documents} documents")
    if not len(ks) or min(ks) < 1:
        raise TopicbenchError("ks", f"{[*ks]} are not numbers of documents to retrieve")
    if documents <= max(ks):
        raise TopicbenchError(
            "theta",
            f"precision at {max(ks)} needs {max(ks)} documents beside the query; there are {documents} in all",
            "use a larger corpus or a smaller k",
        )
    distributions = smoothed(theta)
    # Equal rows are multiplied once: their divergences are then equal to the last bit, and so tie.
    distinct, row_of = np.unique(distributions, axis=0, return_inverse=True)
    row_of = row_of.reshape(-1).astype(np.int64)
    logarithms = np.ascontiguousarray(np.log(distinct).T)
    entropies = -(distinct * np.log(distinct)).sum(axis=1)
    label = np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64)
    hits = np.zeros(max(ks), dtype=np.int64)
    count_hits = _compiled()
    products = np.empty((min(block, documents), len(distinct)))
    for start in range(0, documents, block):
        queries = np.arange(start, min(start + block, documents))
        scores = np.matmul(distributions[queries], logarithms, out=products[: len(queries)])
        count_hits(scores, entropies[row_of[queries]], queries, row_of, label, RESOLUTION, hits)
    found = np.cumsum(hits)
    return {k: float(found[k - 1] / (documents * k)) for k in ks}


def smoothed(theta: np.ndarray) -> np.ndarray:
    """θ as N×K float64 without zeros, each row summing to one."""
    theta = np.asarray(theta, dtype=np.float64)
    sums = theta.sum(axis=1, keepdims=True)
    theta = np.divide(theta, sums, out=np.zeros_like(theta), where=sums > 0) + EPSILON
    return theta / theta.sum(axis=1, keepdims=True)


@cache
def _compiled() -> Any:
    import numba

    return numba.njit(cache=True)(_count_hits)


def _count_hits(
    scores: np.ndarray,
    entropies: np.ndarray,
    queries: np.ndarray,
    row_of: np.ndarray,
    label: np.ndarray,
    resolution: float,
    hits: np.ndarray,
) -> None:
    """Add to ``hits[r]`` how many of the queries have their own label at rank r.

    Args:
        scores: Q×U, Σ θ_query log θ of each distinct row.
        entropies: Q, of the queries' distributions.
        queries: Q, their documents.
        row_of: N, each document's distinct row.
        label: N labels as numbers.
        resolution: see `RESOLUTION`.
        hits: one int64 per rank, added to.
    """
    ranks = len(hits)
    nearest = np.empty(ranks)
    who = np.empty(ranks, np.int64)
    for query in range(len(queries)):
        nearest[:] = np.inf
        score_floor = -np.inf
        for document in range(len(row_of)):
            score = scores[query, row_of[document]]
            # Almost all documents end here, before anything is rounded.
            if score < score_floor or document == queries[query]:
                continue
            divergence = np.rint((-score - entropies[query]) / resolution)
            # Not smaller than the last: of ties the earlier document is there already.
            if divergence >= nearest[ranks - 1]:
                continue
            place = ranks - 1
            while place > 0 and nearest[place - 1] > divergence:
                nearest[place] = nearest[place - 1]
                who[place] = who[place - 1]
                place -= 1
            nearest[place] = divergence
            who[place] = document
            score_floor = -entropies[query] - (nearest[ranks - 1] + 1) * resolution
        for rank in range(ranks):
            if label[who[rank]] == label[queries[query]]:
                hits[rank] += 1


def _at(run: RunData, resources: Resources, k: int) -> float:
    # All ranks come from one pass over the documents.
    return run.once("precision_at", lambda: precision_at(run.theta, run.labels))[k]


METRICS = tuple(
    Metric(
        name=f"precision_at_{k}",
        title=f"P@{k}",
        how="share of the {k} nearest documents by KL(θ of the query ‖ θ of the document) that have the query's label, "
        "mean over all documents as queries, the query itself excluded",
        constants={"k": k},
        needs=frozenset({"theta", "labels"}),
        function=partial(_at, k=k),
    )
    for k in RANKS
)
