"""How well a judge tells word sets of a reference corpus that belong together from shuffled ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.coherence import npmi
from topicbench.metrics.judges.rate import rate
from topicbench.metrics.rating import INFORMATIVE_AUC
from topicbench.metrics.section import Judge
from topicbench.metrics.windows import WindowCounts

DEALS = 20
"""Attempts to deal the words before the sets are called too much alike."""


@dataclass(frozen=True)
class WordSets:
    """Word sets that belong together, and as many of the very same words that do not."""

    coherent: list[list[str]]
    shuffled: list[list[str]]


def make_word_sets(counts: WindowCounts, pairs: int = 200, size: int = 15, seed: int = 0) -> WordSets:
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
            f"word sets of {size} words need {4 * size} words that occur in it; {occurring.size} of the "
            f"{len(counts.words)} do",
            "take a larger reference corpus or vocabulary",
        )
    frequent.sort()
    pair_counts = counts.joint(frequent[:, None], frequent[None, :])
    association = associations(counts.word_counts[frequent], pair_counts, counts.num_windows)
    rng = np.random.default_rng(seed)
    seeds = rng.choice(frequent.size, size=pairs, replace=pairs > frequent.size)
    sets = np.array([_grow(association, start, size) for start in seeds])
    dealt = _deal(sets, rng, counts.reference or "reference corpus")

    def named(rows: np.ndarray) -> list[list[str]]:
        return [[counts.words[frequent[index]] for index in row] for row in rows]

    return WordSets(named(sets), named(dealt))


def associations(word_counts: np.ndarray, pair_counts: np.ndarray, num_windows: int) -> np.ndarray:
    """V×V NPMI; −1 for words that never share a window, 1 for ones never apart."""
    single, together = word_counts / num_windows, pair_counts / num_windows
    values = npmi(together, np.outer(single, single), (together > 0) & (together < 1))
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
    return float(
        stats.mannwhitneyu(coherent, shuffled, method="asymptotic").statistic / (len(coherent) * len(shuffled))
    )


def check(
    judge: Judge,
    counts: WindowCounts,
    folder: str | Path,
    slm_folder: str | Path | None = None,
    dtype: str = "auto",
    device: str = "auto",
    pairs: int = 200,
    top_words: int = 15,
    seed: int = 0,
) -> dict[str, Any]:
    """How well a judge tells coherent word sets from shuffled ones; see `make_word_sets`.

    Args:
        judge: who rates.
        counts: of the reference corpus.
        folder: the store of answers.
        slm_folder: as for `rate`, like dtype and device.
        dtype: see there.
        device: see there.
        pairs: coherent sets, and as many shuffled ones.
        top_words: words per set.
        seed: seed of the word sets.

    Returns:
        ``auc`` (0.5 is chance), ``n`` (pairs), ``seed``, ``informative`` (whether auc is at least 0.7), and the
        ``mean_coherent`` and ``mean_shuffled`` rating. Where the vocabularies are too small for word sets,
        ``auc`` is None, the judge not informative, and ``reason`` says why: its ratings are shown
        as untested, and stop nothing.
    """
    try:
        sets = make_word_sets(counts, pairs, top_words, seed)
    except TopicbenchError as error:
        reason = f"{error.culprit}: {error.problem}"
        return {"judge": judge.title, "auc": None, "n": 0, "seed": seed, "informative": False, "reason": reason}
    ratings = rate(judge, [*sets.coherent, *sets.shuffled], folder, slm_folder, dtype, device)
    value = auc(ratings[:pairs], ratings[pairs:])
    return {
        "judge": judge.title,
        "auc": value,
        "n": pairs,
        "seed": seed,
        "informative": value >= INFORMATIVE_AUC,
        "mean_coherent": sum(ratings[:pairs]) / pairs,
        "mean_shuffled": sum(ratings[pairs:]) / pairs,
    }
