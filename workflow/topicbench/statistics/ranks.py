"""Mean ranks over blocks and Nemenyi's test of their differences.

Demšar (2006), "Statistical comparisons of classifiers over multiple data sets", JMLR 7. A block is one (corpus, K);
within it the methods are ranked by their mean over seeds, ties sharing their mean rank. Blocks of the same corpus are
not independent, so the critical difference is a description rather than a strict test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy

from topicbench.core.errors import TopicbenchError
from topicbench.statistics.welch import ALPHA


@dataclass(frozen=True)
class CriticalDifference:
    """What a critical difference diagram shows.

    Attributes:
        mean_ranks: label → mean rank, best (lowest) first.
        cd: mean ranks further apart than this differ.
        cliques: maximal groups of at least two methods no two of which differ, best first.
        n_blocks, k: number of blocks and of methods.
        alpha: level of ``cd``.
    """

    mean_ranks: Mapping[str, float]
    cd: float
    cliques: tuple[tuple[str, ...], ...]
    n_blocks: int
    k: int
    alpha: float = ALPHA


def rank_blocks(
    values: np.ndarray, labels: Sequence[str], higher_is_better: bool = True, alpha: float = ALPHA
) -> CriticalDifference:
    """Compare the columns of ``values`` (blocks × methods, finite); ``labels`` names the columns."""
    # Lazily: it imports matplotlib and seaborn.
    from scikit_posthocs import posthoc_nemenyi_friedman

    values = np.asarray(values, dtype=float)
    n, k = values.shape
    if n < 1 or k < 2 or not np.isfinite(values).all():
        raise ValueError(f"needs finite values, a block and two methods, not {n} blocks of {k}")
    means = scipy.stats.rankdata(-values if higher_is_better else values, axis=1).mean(axis=0)
    order = np.argsort(means, kind="stable")
    alike = posthoc_nemenyi_friedman(values).to_numpy()[np.ix_(order, order)] >= alpha
    return CriticalDifference(
        {labels[i]: float(means[i]) for i in order},
        nemenyi(k, n, alpha),
        tuple(tuple(labels[order[i]] for i in group) for group in _cliques(alike)),
        n,
        k,
        alpha,
    )


def nemenyi(k: int, n: int, alpha: float = ALPHA) -> float:
    """Critical difference of mean ranks of ``k`` methods over ``n`` blocks (Demšar 2006, section 3.2.2).

    scikit-posthocs tests with it but does not give it.
    """
    q = scipy.stats.studentized_range.ppf(1 - alpha, k, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(k * (k + 1) / (6 * n)))


def critical_difference(
    frame: pd.DataFrame, metric: str, higher_is_better: bool, alpha: float = ALPHA
) -> CriticalDifference:
    """Ranks of the methods of a scores frame by ``metric``.

    Args:
        frame: one row per run and metric; columns corpus, vocabulary_size, num_topics, method, variant, title, metric
            and value. Methods are called as `labels` says.
        metric: which rows are taken.
        higher_is_better: whether the highest value has rank 1, or the lowest.
        alpha: level of the critical difference.

    Raises:
        TopicbenchError: where a method lacks a block that another has, or the metric has no values.
    """
    rows = frame[frame["metric"] == metric].dropna(subset=["value"])
    titles = labels(rows)
    if rows.empty or len(titles) < 2:
        raise TopicbenchError(metric, "has no values of two methods to rank", "rank a metric the scores have")
    blocks = rows.pivot_table(
        index=["corpus", "vocabulary_size", "num_topics"], columns=["method", "variant"], values="value", aggfunc="mean"
    )[list(titles)]
    if blocks.isna().any(axis=None):
        gaps = blocks.isna().stack([0, 1], future_stack=True)
        *block, method, variant = gaps[gaps].index[0]
        raise TopicbenchError(
            f"{metric} of {method}/{variant}",
            "missing for corpus {}, |V| = {}, K = {}".format(*block),
            "ranks need every method in every block",
        )
    return rank_blocks(blocks.to_numpy(), list(titles.values()), higher_is_better, alpha)


def labels(rows: pd.DataFrame) -> dict[tuple[str, str], str]:
    """(method, variant) → title in order of appearance; where titles repeat, the method tells them apart."""
    titles = {(row.method, row.variant): row.title for row in rows.drop_duplicates(["method", "variant"]).itertuples()}
    shown = list(titles.values())
    return {key: title if shown.count(title) == 1 else f"{title} ({'/'.join(key)})" for key, title in titles.items()}


def _cliques(alike: np.ndarray) -> list[range]:
    """Index ranges of methods in the order of their ranks that are all alike and lie in no longer such range."""
    found: list[range] = []
    for start, row in enumerate(alike):
        stop = int(np.flatnonzero(row)[-1]) + 1
        if stop - start > 1 and (not found or stop > found[-1].stop):
            found.append(range(start, stop))
    return found
