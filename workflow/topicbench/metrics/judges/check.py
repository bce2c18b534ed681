"""Control topics of known quality, by which a judge is itself judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.coherence import WindowCounts

INFORMATIVE_AUC = 0.7
"""A judge below this area under the ROC curve tells coherent controls from shuffled ones too badly to be believed."""

DEALS = 20
"""Attempts to deal the words before the sets are called too much alike."""


@dataclass(frozen=True)
class Controls:
    """Word sets that belong together, and as many of the very same words that do not."""

    coherent: list[list[str]]
    shuffled: list[list[str]]


def make_controls(counts: WindowCounts, pairs: int = 200, size: int = 15, seed: int = 0) -> Controls:
    """Draw ``pairs`` coherent sets from a reference corpus's window counts and deal their words into shuffled ones.

    A coherent set is a drawn word and, one after the other, the word of highest mean NPMI with those already in the
    set. Only the more frequent half of the words that occur takes part, as NPMI prefers rare coincidences. A shuffled
    set takes each of its words from another coherent set and from the same position in it, so that the two groups
    hold the same words equally often and differ in nothing but company.

    Args:
        counts: of the reference corpus.
        pairs: number of coherent sets, and of shuffled ones.
        size: words per set.
        seed: seed of the draw.

    Raises:
        TopicbenchError: the reference corpus has too few of the words, or the sets overlap too much to be dealt.
    """
    if pairs < size:
        raise ValueError(f"{size} words of {size} different sets need at least {size} sets (given: {pairs})")
    occurring = np.flatnonzero(counts.word_counts > 0)
    frequent = occurring[np.argsort(-counts.word_counts[occurring], kind="stable")][: (occurring.size + 1) // 2]
    # Fewer words than two sets hold could only be dealt into sets much like those they came from.
    if frequent.size < 2 * size:
        raise TopicbenchError(
            counts.reference or "reference corpus",
            f"control topics of {size} words need {4 * size} words that occur in it; {occurring.size} of the "
            f"{len(counts.words)} do",
            "take a larger reference corpus or vocabulary",
        )
    frequent.sort()
    association = npmi(
        counts.word_counts[frequent], counts.joint(frequent[:, None], frequent[None, :]), counts.num_windows
    )
    rng = np.random.default_rng(seed)
    seeds = rng.choice(frequent.size, size=pairs, replace=pairs > frequent.size)
    sets = np.array([_grow(association, start, size) for start in seeds])
    dealt = _deal(sets, rng, counts.reference or "reference corpus")

    def named(rows: np.ndarray) -> list[list[str]]:
        return [[counts.words[frequent[index]] for index in row] for row in rows]

    return Controls(named(sets), named(dealt))


def npmi(word_counts: np.ndarray, pair_counts: np.ndarray, num_windows: int) -> np.ndarray:
    """V×V normalised pointwise mutual information; −1 for words that never share a window, 1 for ones never apart."""
    together = pair_counts / num_windows
    single = word_counts / num_windows
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(together / np.outer(single, single)) / -np.log(together)
    values[together == 0] = -1.0
    # Two words in every window: both logarithms are 0.
    values[together >= 1] = 1.0
    return values


def _grow(association: np.ndarray, start: int, size: int) -> list[int]:
    chosen = [int(start)]
    total = association[start].copy()
    while len(chosen) < size:
        total[chosen[-1]] = -np.inf
        chosen.append(int(np.argmax(total)))
        total += association[chosen[-1]]
    return chosen


def _deal(sets: np.ndarray, rng: np.random.Generator, culprit: str) -> np.ndarray:
    """Permute each column so that no row has a word twice or two words of one original row."""
    for _ in range(DEALS):
        dealt = _deal_once(sets, rng)
        if dealt is not None:
            return dealt
    raise TopicbenchError(
        culprit, "its most strongly associated words are the same few", "take a larger reference corpus or vocabulary"
    )


def _deal_once(sets: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    count, size = sets.shape
    dealt = np.full_like(sets, -1)
    sources = np.full_like(sets, -1)
    for column in range(size):
        order = rng.permutation(count)

        def fits(row: int, source: int, column: int = column) -> bool:
            return source not in sources[row, :column] and sets[source, column] not in dealt[row, :column]

        for row in range(count):
            if fits(row, order[row]):
                continue
            for other in rng.permutation(count):
                if fits(row, order[other]) and fits(other, order[row]):
                    order[[row, other]] = order[[other, row]]
                    break
            else:
                return None
        sources[:, column] = order
        dealt[:, column] = sets[order, column]
    return dealt


def auc(coherent: Sequence[float], shuffled: Sequence[float]) -> float:
    """Chance that a coherent set is rated above a shuffled one, a tie counting half: the area under the ROC curve."""
    positive, negative = len(coherent), len(shuffled)
    ranks = scipy.stats.rankdata([*coherent, *shuffled])
    return float((ranks[:positive].sum() - positive * (positive + 1) / 2) / (positive * negative))
