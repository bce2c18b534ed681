"""All metrics of one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.metrics import clustering, coherence, diversity, retrieval
from topicbench.metrics.coherence import C_NPMI_WINDOW, C_V_WINDOW, WindowCounts
from topicbench.metrics.contract import METRICS, require_topics

RANKS = (1, 5, 10)


def score_run(
    theta: np.ndarray,
    topics: Sequence[Sequence[str]],
    counts_by_window: Mapping[int, WindowCounts],
    labels: Sequence | np.ndarray | None = None,
    top_words: int = 15,
) -> dict[str, float]:
    """Every metric that a run's own output determines; the rating, seconds and memory come from other stages.

    Args:
        theta: N×K, finite and non-negative.
        topics: K lists of words, most important first; ``top_words`` of each are scored, or all where there are fewer.
        counts_by_window: counts of the reference corpus for windows of 110 and 10 tokens.
        labels: N labels, or None, which leaves out the metrics that need them.
        top_words: words per topic.

    Returns:
        Metric → value in the order of `METRICS`; coherence is the mean over all topics.

    Raises:
        TopicbenchError: θ is no N×K matrix or holds NaN, infinite or negative values; documents and labels, or topics
            and columns of θ, differ in number; there are no topics, or one of them has fewer than two words; a word or
            window was not counted; there are too few documents to retrieve.
    """
    theta = np.asarray(theta)
    _require_theta(theta, labels)
    topics = [list(words[:top_words]) for words in topics]
    require_topics(topics, fewest_words=2)
    if theta.shape[1] != len(topics):
        raise TopicbenchError("topics", f"{len(topics)} topics, but theta has {theta.shape[1]} columns")
    for window in (C_V_WINDOW, C_NPMI_WINDOW):
        if window not in counts_by_window:
            raise TopicbenchError(
                "reference counts", f"windows of {window} tokens were not counted", "count the reference corpus again"
            )
    scores = {
        "c_v": float(coherence.c_v(topics, counts_by_window[C_V_WINDOW]).mean()),
        "c_npmi": float(coherence.c_npmi(topics, counts_by_window[C_NPMI_WINDOW]).mean()),
        "i_rbo": diversity.i_rbo(topics),
        "topic_diversity": diversity.topic_diversity(topics),
    }
    if labels is not None:
        scores |= label_scores(theta, labels)
    return {name: scores[name] for name in METRICS if name in scores}


def score_again(
    topics: Sequence[Sequence[str]],
    recounted: Mapping[int, WindowCounts],
    second: Mapping[int, WindowCounts] | None = None,
    top_words: int = 15,
) -> dict[str, float]:
    """Coherence of a run's topics under other identities than those of `score_run`.

    Args:
        topics: as for `score_run`.
        recounted: counts of the same reference corpus, windows counted the other way.
        second: counts of another reference corpus, or None.
        top_words: words per topic.

    Returns:
        c_v_other_counting and, with a second reference corpus, c_v_second and c_npmi_second.

    Raises:
        TopicbenchError: see `topicbench.metrics.coherence.c_v`.
    """
    topics = [list(words[:top_words]) for words in topics]
    scores = {"c_v_other_counting": float(coherence.c_v(topics, recounted[C_V_WINDOW]).mean())}
    if second is not None:
        scores["c_v_second"] = float(coherence.c_v(topics, second[C_V_WINDOW]).mean())
        scores["c_npmi_second"] = float(coherence.c_npmi(topics, second[C_NPMI_WINDOW]).mean())
    return scores


def label_scores(theta: np.ndarray, labels: Sequence | np.ndarray) -> dict[str, float]:
    """The metrics of `score_run` that need labels; documents are retrieved among those of ``theta``."""
    assigned = clustering.assigned_topics(theta)
    scores = {
        name: getattr(clustering, name)(assigned, labels)
        for name in ("purity", "purity_direct", "inverse_purity", "f_measure", "nmi", "ari")
    }
    for k, precision in retrieval.precision_at(theta, labels, RANKS).items():
        scores[f"precision_at_{k}"] = precision
    return scores


def heldout_scores(
    theta: np.ndarray,
    theta_heldout: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray, np.ndarray],
    labels: Sequence | np.ndarray,
) -> dict[str, float]:
    """`label_scores` of held-out documents ("heldout_…") and of about as many fitted ones ("fitted_…").

    Purity and precision depend on how many documents there are; so a model's held-out documents, retrieved among one
    another, are compared with a draw of its own of the same size, retrieved among one another.

    Args:
        theta: N×K of the fitted documents.
        theta_heldout: M×K.
        rows: of the corpus: N fitted, M held out, and those of the fitted that are compared, each ascending.
        labels: of all documents of the corpus.
    """
    fitted, heldout, compared = rows
    labels = np.asarray(labels)
    parts = {
        "heldout": (theta_heldout, labels[heldout]),
        "fitted": (np.asarray(theta)[np.isin(fitted, compared)], labels[compared]),
    }
    for part, (weights, found) in parts.items():
        _require_theta(weights, found)
        if len(weights) <= max(RANKS):
            raise TopicbenchError(
                "experiments.heldout.share",
                f"{len(weights)} {part} documents are too few to retrieve {max(RANKS)} from",
                "choose a larger share, or a larger corpus",
            )
    return {
        f"{part}_{name}": value
        for part, (weights, found) in parts.items()
        for name, value in label_scores(weights, found).items()
    }


def _require_theta(theta: np.ndarray, labels: Sequence | np.ndarray | None) -> None:
    if theta.ndim != 2 or 0 in theta.shape:
        raise TopicbenchError("theta", f"has shape {theta.shape}; expected documents × topics")
    wrong = (
        (np.isnan(theta), "NaN"),
        (np.isinf(theta), "an infinite value"),
        (theta < 0, "a negative value"),
    )
    for cells, what in wrong:
        if cells.any():
            rows = np.flatnonzero(cells.any(axis=1))
            raise TopicbenchError("theta", f"holds {what} in row {rows[0]} ({len(rows)} such rows)", "run it again")
    if labels is not None and len(labels) != len(theta):
        raise TopicbenchError("theta", f"has {len(theta)} documents, but there are {len(labels)} labels")
