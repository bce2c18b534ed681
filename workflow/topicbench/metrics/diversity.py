"""How little topics share their words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import Metric, require_topics

PERSISTENCE = 0.9


def i_rbo(topics: Sequence[Sequence[str]], p: float = PERSISTENCE) -> float:
    """1 − mean extrapolated rank-biased overlap of all pairs of topics.

    Extrapolated RBO is equation 32 of Webber, Moffat and Zobel, "A Similarity Measure for Indefinite Rankings" (TOIS
    2010), for lists of unequal length too; for lists of one length the result equals OCTIS's ``InvertedRBO`` with
    ``topk`` set to that length (its default is 10) and ``weight=p``. OCTIS departs from the equation where lengths
    differ, and gives a list and its own beginning an overlap above 1; here that overlap is 1.

    Args:
        topics: K ≥ 2 lists of words, most important first, all of which count.
        p: persistence, between 0 and 1; the weight of depth d falls with p to the power d.

    Raises:
        TopicbenchError: fewer than two topics, a topic without words, or p outside (0, 1).
    """
    require_topics(topics, fewest_words=1)
    if len(topics) < 2:
        raise TopicbenchError("topics", "one topic has no pairs to compare", "i_rbo needs two or more topics")
    if not 0 < p < 1:
        raise TopicbenchError("p", f"{p} is not between 0 and 1")
    overlap = _overlaps(topics)
    lengths = np.array([len(words) for words in topics])
    first, second = np.triu_indices(len(topics), k=1)
    short, long = np.minimum(lengths[first], lengths[second]), np.maximum(lengths[first], lengths[second])
    shared = overlap[:, first, second]
    pairs = np.arange(len(first))
    at_short, at_long = shared[short - 1, pairs], shared[long - 1, pairs]
    depth = np.arange(1, len(overlap) + 1)[:, None]
    weight = p**depth / depth
    seen = np.where(depth <= long, shared, 0)
    beyond_short = np.where((depth > short) & (depth <= long), at_short * (depth - short) / short, 0)
    rbo = (1 - p) / p * (weight * (seen + beyond_short)).sum(axis=0)
    rbo += p**long * ((at_long - at_short) / long + at_short / short)
    return float(1 - rbo.mean())


def topic_diversity(topics: Sequence[Sequence[str]]) -> float:
    """Distinct words of all topics over the words listed (Dieng et al. 2020); short topics count with what they list.

    Raises:
        TopicbenchError: no topics, or a topic without words.
    """
    require_topics(topics, fewest_words=1)
    listed = [word for words in topics for word in words]
    return len(set(listed)) / len(listed)


def _overlaps(topics: Sequence[Sequence[str]]) -> np.ndarray:
    """D×K×K: how many words two topics share among the first d of each, for every depth d = 1 … D."""
    columns: dict[str, int] = {}
    deepest = max(map(len, topics))
    ranks = [[columns.setdefault(word, len(columns)) for word in words] for words in topics]
    reached = np.zeros((len(topics), len(columns)))
    overlaps = np.empty((deepest, len(topics), len(topics)))
    for depth in range(deepest):
        for topic, words in enumerate(ranks):
            if depth < len(words):
                reached[topic, words[depth]] = 1
        overlaps[depth] = reached @ reached.T
    return overlaps


METRICS = (
    Metric(
        name="i_rbo",
        title="I-RBO",
        how="1 − mean pairwise extrapolated rank-biased overlap (p = {p}) of the top {top_words} words",
        constants={"p": PERSISTENCE},
        needs=frozenset({"topics"}),
        function=lambda run, resources: i_rbo(run.topics),
    ),
    Metric(
        name="topic_diversity",
        title="TD",
        how="share of distinct words in all lists of top {top_words} words",
        needs=frozenset({"topics"}),
        function=lambda run, resources: topic_diversity(run.topics),
    ),
)
