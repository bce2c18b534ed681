"""How few documents a topic is about: the "background" distance of AlSumait et al.

AlSumait, Barbará, Gentle and Domeniconi, "Topic Significance Ranking of LDA Generative Models" (ECML PKDD 2009).
"""

from __future__ import annotations

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import Metric, Resources, RunData


def document_focus(theta: np.ndarray) -> np.ndarray:
    """KL(p(document ‖ topic) ‖ uniform) / log N of each topic: 1 for one document, 0 for all documents alike.

    Args:
        theta: N×K, non-negative. A topic of no document is spread over all of them, and has 0.

    Returns:
        K float64.

    Raises:
        TopicbenchError: fewer than two documents.
    """
    documents = len(theta)
    if documents < 2:
        raise TopicbenchError("theta", "the focus of topics needs two or more documents", "use a larger corpus")
    sums = theta.sum(axis=0, dtype=np.float64)
    shares = np.divide(theta, sums, out=np.full(theta.shape, 1 / documents), where=sums > 0)
    terms = shares * np.log(shares * documents, out=np.zeros_like(shares), where=shares > 0)
    return terms.sum(axis=0) / np.log(documents)


def _score(run: RunData, resources: Resources) -> np.ndarray:
    return document_focus(run.theta)


METRICS = (
    Metric(
        name="document_focus",
        title="Focus",
        how="divergence of the documents of a topic from all documents alike, over its maximum, mean over topics",
        minimum=0.0,
        maximum=1.0,
        higher_is_better=True,
        decimals=3,
        needs=frozenset({"theta"}),
        per_topic=True,
        function=_score,
    ),
)
