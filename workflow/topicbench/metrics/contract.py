"""What every metric is called, ranges over and means; tables, figures and tests read it here and nowhere else."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from topicbench.core.errors import TopicbenchError


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: its key in scores.
        title: its name in plain text, as in the paper's tables.
        latex: the same in LaTeX.
        minimum, maximum: bounds of its values; infinity where it has none.
        higher_is_better: direction.
        identity: how it is computed, with ``{top_words}``, ``{reference}``, ``{counting}`` and ``{judge}`` to be
            filled in by `identity`.
        needs_labels: whether a corpus without labels has none of it.
        decimals: digits after the point in tables.
    """

    name: str
    title: str
    latex: str
    minimum: float
    maximum: float
    higher_is_better: bool
    identity: str
    needs_labels: bool
    decimals: int


_WINDOWS = "boolean sliding window of {window} tokens ({{counting}} counting) over {{reference}}"
_RETRIEVAL = (
    "share of the {k} nearest documents by KL(θ of the query ‖ θ of the document) that have the query's label, "
    "mean over all documents as queries, the query itself excluded"
)
_BY_ARGMAX = ", documents in the topic of largest θ"

_ALL = (
    Metric(
        "c_v",
        "C_V",
        r"$C_V$",
        -1.0,
        1.0,
        True,
        f"C_V (Röder et al. 2015), top {{top_words}} words, {_WINDOWS.format(window=110)}, one-set segmentation, "
        "NPMI (γ = 1), cosine, mean over topics",
        False,
        3,
    ),
    Metric(
        "c_npmi",
        "C_NPMI",
        r"$C_{\mathrm{NPMI}}$",
        -1.0,
        1.0,
        True,
        f"C_NPMI, top {{top_words}} words, {_WINDOWS.format(window=10)}, mean NPMI of all word pairs, mean over topics",
        False,
        3,
    ),
    Metric(
        "c_v_other_counting",
        "C_V, other counting",
        r"$C_V$, other counting",
        -1.0,
        1.0,
        True,
        "C_V, other counting: as C_V, with {counting} counting over {reference}",
        False,
        3,
    ),
    Metric(
        "c_v_second",
        "C_V, second corpus",
        r"$C_V$, second corpus",
        -1.0,
        1.0,
        True,
        "C_V, second corpus: as C_V, with {counting} counting over {reference}",
        False,
        3,
    ),
    Metric(
        "c_npmi_second",
        "C_NPMI, second corpus",
        r"$C_{\mathrm{NPMI}}$, second corpus",
        -1.0,
        1.0,
        True,
        "C_NPMI, second corpus: as C_NPMI, with {counting} counting over {reference}",
        False,
        3,
    ),
    Metric(
        "llm_rating",
        "LLM",
        "LLM",
        1.0,
        3.0,
        True,
        "rating of 1 to 3 of the top {top_words} words by {judge}, mean over topics",
        False,
        2,
    ),
    Metric(
        "i_rbo",
        "I-RBO",
        "I-RBO",
        0.0,
        1.0,
        True,
        "1 − mean pairwise extrapolated rank-biased overlap (p = 0.9) of the top {top_words} words",
        False,
        3,
    ),
    Metric(
        "topic_diversity",
        "TD",
        "TD",
        0.0,
        1.0,
        True,
        "share of distinct words in all lists of top {top_words} words",
        False,
        3,
    ),
    Metric(
        "purity",
        "Purity",
        "Purity",
        0.0,
        1.0,
        True,
        "harmonic mean of purity and inverse purity" + _BY_ARGMAX,
        True,
        3,
    ),
    Metric(
        "purity_direct",
        "Purity (direct)",
        "Purity (direct)",
        0.0,
        1.0,
        True,
        "share of documents that have the most frequent label of their topic" + _BY_ARGMAX,
        True,
        3,
    ),
    Metric(
        "inverse_purity",
        "Inverse purity",
        "Inverse purity",
        0.0,
        1.0,
        True,
        "share of documents that lie in the most frequent topic of their label" + _BY_ARGMAX,
        True,
        3,
    ),
    Metric(
        "f_measure",
        "F1",
        r"$F_1$",
        0.0,
        1.0,
        True,
        "F1 of each label's best-matching topic, weighted by the label's documents" + _BY_ARGMAX,
        True,
        3,
    ),
    Metric(
        "nmi",
        "NMI",
        "NMI",
        0.0,
        1.0,
        True,
        "mutual information of topics and labels over the arithmetic mean of their entropies" + _BY_ARGMAX,
        True,
        3,
    ),
    Metric(
        "ari",
        "ARI",
        "ARI",
        -0.5,
        1.0,
        True,
        "Rand index of topics and labels, adjusted for chance" + _BY_ARGMAX,
        True,
        3,
    ),
    *(
        Metric(f"precision_at_{k}", f"P@{k}", f"P@{k}", 0.0, 1.0, True, _RETRIEVAL.format(k=k), True, 3)
        for k in (1, 5, 10)
    ),
    Metric(
        "seconds",
        "Seconds",
        "Seconds",
        0.0,
        math.inf,
        False,
        "wall-clock seconds of fitting one run",
        False,
        1,
    ),
    Metric(
        "peak_memory_mb",
        "Memory (MB)",
        "Memory (MB)",
        0.0,
        math.inf,
        False,
        "largest resident memory while fitting one run, in megabytes",
        False,
        0,
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
"""All metrics by name, in the order in which scores list them."""


def identity(
    metric: str, top_words: int | str, reference: str, judge: str | None = None, counting: str = "gensim"
) -> str:
    """How ``metric`` is computed, in full: window, number of words, reference corpus, judge.

    Args:
        metric: a key of `METRICS`.
        top_words: words per topic.
        reference: title of the reference corpus.
        judge: title of the judge; only the rating names it.
        counting: how words repeated within a window were counted (`topicbench.metrics.coherence.Counting`).

    Raises:
        TopicbenchError: there is no such metric, or a rating has no judge.
    """
    if metric not in METRICS:
        raise TopicbenchError(metric, f"unknown metric; there are {', '.join(METRICS)}")
    text = METRICS[metric].identity
    if judge is None and "{judge}" in text:
        raise TopicbenchError(metric, "the judge is not named", "give the title of the judge")
    return text.format(top_words=top_words, reference=reference, judge=judge, counting=counting)


def require_topics(topics: Sequence[Sequence[str]], fewest_words: int) -> None:
    """Raise a `TopicbenchError` unless there are topics, each of ``fewest_words`` or more words without repetition."""
    if not len(topics):
        raise TopicbenchError("topics", "the list of topics is empty")
    for number, words in enumerate(topics):
        if len(words) < fewest_words:
            raise TopicbenchError(
                f"topic {number}",
                f"has {len(words)} words ({', '.join(words) or 'none'}); at least {fewest_words} are needed",
                "the topic has collapsed: try another seed or fewer topics",
            )
        if len(set(words)) < len(words):
            word, times = Counter(words).most_common(1)[0]
            raise TopicbenchError(f"topic {number}", f"lists the word '{word}' {times} times")
