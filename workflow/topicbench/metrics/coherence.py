"""Coherence C_V and C_NPMI of topics' words, from windows of a reference corpus that were counted once.

Formulas are those of Röder, Both and Hinneburg, "Exploring the Space of Topic Coherence Measures" (WSDM 2015), as in
Palmetto and gensim; `topicbench.metrics.windows` says how the two count differently.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, get_args

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.metrics import palmetto
from topicbench.metrics.contract import Context, Metric, Need, Resources, RunData, require_topics
from topicbench.metrics.windows import C_NPMI_WINDOW, C_V_WINDOW, Counting, WindowCounts

EPSILON = 1e-12
"""Added to joint probabilities before logarithms, in Palmetto and gensim alike."""

Function = Callable[[Sequence[Sequence[str]], WindowCounts], np.ndarray]


def c_v(topics: Sequence[Sequence[str]], counts: WindowCounts) -> np.ndarray:
    """C_V of each topic, equal to gensim's ``CoherenceModel(coherence="c_v")`` where that is defined.

    A word's vector holds its NPMI with every word of the topic, itself included; C_V is the mean over the words of
    the cosine between the word's vector and the sum of all of them (one-set segmentation, γ = 1).

    A word that no window of the reference corpus holds has, as in Palmetto, NPMI 0 with every word and so cosine 0:
    it lowers the topic by its share. (gensim gives NaN there, or drops the word if its dictionary lacks it.)
    `unseen_words` lists such words.

    Args:
        topics: K lists of two or more distinct words; lengths may differ.
        counts: counts of a window of 110 tokens for the usual C_V.

    Returns:
        K float64.

    Raises:
        TopicbenchError: no topics, a topic of fewer than two words, or a word that was not counted.
    """
    ids = _positions(topics, counts)
    npmi = _npmi(ids, counts)
    whole = npmi.sum(axis=1)
    products = np.einsum("tij,tj->ti", npmi, whole)
    lengths = np.sqrt((npmi**2).sum(axis=2)) * np.sqrt((whole**2).sum(axis=1))[:, None]
    cosines = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return cosines.sum(axis=1) / (ids >= 0).sum(axis=1)


def c_npmi(topics: Sequence[Sequence[str]], counts: WindowCounts) -> np.ndarray:
    """Mean NPMI of each topic's word pairs, equal to gensim's ``CoherenceModel(coherence="c_npmi")`` where defined.

    Arguments, errors and unseen words (NPMI 0 with every word) as in `c_v`; the usual window is 10 tokens.
    """
    ids = _positions(topics, counts)
    npmi = _npmi(ids, counts)
    words = (ids >= 0).sum(axis=1)
    return (npmi.sum(axis=(1, 2)) - npmi.trace(axis1=1, axis2=2)) / (words * (words - 1))


def unseen_words(topics: Sequence[Sequence[str]], counts: WindowCounts) -> list[str]:
    """The distinct words of the topics that no window of the reference corpus holds, sorted."""
    ids = _positions(topics, counts)
    seen = np.unique(ids[ids >= 0])
    return sorted(counts.words[position] for position in seen if counts.word_counts[position] == 0)


def _positions(topics: Sequence[Sequence[str]], counts: WindowCounts) -> np.ndarray:
    """T×n positions of the topics' words, −1 behind the last word of shorter topics."""
    require_topics(topics, fewest_words=2)
    ids = np.full((len(topics), max(map(len, topics))), -1, dtype=np.int64)
    for number, words in enumerate(topics):
        for place, word in enumerate(words):
            if word not in counts.index:
                raise TopicbenchError(
                    f"topic {number}",
                    f"word '{word}' was not counted in the reference corpus {counts.reference}".rstrip(),
                    "count again with every vocabulary among the words",
                )
            ids[number, place] = counts.index[word]
    return ids


def _npmi(ids: np.ndarray, counts: WindowCounts) -> np.ndarray:
    """T×n×n NPMI of each topic's words; 0 beside the last word and where a word is unseen."""
    left, right = np.broadcast_arrays(ids[:, :, None], ids[:, None, :])
    single = counts.word_counts / counts.num_windows
    joint = counts.joint(left, right) / counts.num_windows + EPSILON
    independent = single[left] * single[right]
    return npmi(joint, independent, (left >= 0) & (right >= 0) & (independent > 0))


def npmi(joint: np.ndarray, independent: np.ndarray, defined: np.ndarray) -> np.ndarray:
    """Normalised pointwise mutual information, log(joint / independent) / −log joint, where ``defined``; 0 elsewhere.

    Args:
        joint: probabilities of seeing two words together.
        independent: products of the words' own probabilities, of the same shape.
        defined: where both are above 0 and ``joint`` is below 1.
    """
    ratio = np.divide(joint, independent, out=np.ones_like(joint), where=defined)
    with np.errstate(divide="ignore"):
        return np.divide(np.log(ratio), -np.log(joint), out=np.zeros_like(joint), where=defined)


def _by_counts(run: RunData, resources: Resources, function: Function, window: int, need: Need) -> np.ndarray:
    counts = getattr(resources, need)
    if window not in counts:
        raise TopicbenchError(
            "reference counts", f"windows of {window} tokens were not counted", "count the reference corpus again"
        )
    return function(run.topics, counts[window])


_c_v, _c_npmi = (
    partial(_by_counts, function=function, window=window)
    for function, window in ((c_v, C_V_WINDOW), (c_npmi, C_NPMI_WINDOW))
)


def _c_v_or_palmettos(run: RunData, resources: Resources) -> np.ndarray:
    if resources.palmetto is None:
        return _c_v(run, resources, need="counts")
    return palmetto.c_v(run.topics, resources.palmetto.jar, resources.palmetto.index, resources.palmetto.java)


def _how_c_v(context: Context) -> str:
    counted = "boolean counting) over {palmetto}" if context.palmetto else "{counting} counting) over {reference}"
    return (
        "C_V (Röder et al. 2015), top {top_words} words, boolean sliding window of {window} tokens ("
        f"{counted}, one-set segmentation, NPMI (γ = 1), cosine, mean over topics"
        f"{', by Palmetto' if context.palmetto else ''}"
    )


_of_words = partial(Metric, minimum=-1.0, per_topic=True)

METRICS = (
    _of_words(
        name="c_v",
        title="C_V",
        latex=r"$C_V$",
        how=_how_c_v,
        constants={"window": C_V_WINDOW},
        needs=frozenset({"topics", "counts"}),
        optional=frozenset({"palmetto"}),
        function=_c_v_or_palmettos,
    ),
    _of_words(
        name="c_npmi",
        title="C_NPMI",
        latex=r"$C_{\mathrm{NPMI}}$",
        how="C_NPMI, top {top_words} words, boolean sliding window of {window} tokens ({counting} counting) over "
        "{reference}, mean NPMI of all word pairs, mean over topics",
        constants={"window": C_NPMI_WINDOW},
        needs=frozenset({"topics", "counts"}),
        function=partial(_c_npmi, need="counts"),
    ),
    *(
        _of_words(
            name=f"c_v_{counting}",
            title=f"C_V, {counting} counting",
            latex=rf"$C_V$, {counting} counting",
            how=f"C_V, {counting} counting: as C_V, with {counting} counting over {{reference}}",
            needs=frozenset[Any]({"topics", f"{counting}_counts"}),
            function=partial(_c_v, need=f"{counting}_counts"),
        )
        for counting in get_args(Counting)
    ),
    *(
        _of_words(
            name=f"{name}_second",
            title=f"{title}, second corpus",
            latex=f"{latex}, second corpus",
            how=f"{title}, second corpus: as {title}, with {{second_counting}} counting over {{second_reference}}",
            needs=frozenset({"topics", "second_counts"}),
            function=partial(function, need="second_counts"),
        )
        for name, title, latex, function in (
            ("c_v", "C_V", r"$C_V$", _c_v),
            ("c_npmi", "C_NPMI", r"$C_{\mathrm{NPMI}}$", _c_npmi),
        )
    ),
)
