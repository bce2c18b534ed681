"""The metrics that need labels, of documents held out of fitting and of fitted ones to compare them with.

Purity and precision depend on how many documents there are; so a model's held-out documents, retrieved among one
another, are compared with a draw of its own of the same size, retrieved among one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.metrics import clustering, retrieval
from topicbench.metrics.contract import Metric, Resources, RunData
from topicbench.metrics.retrieval import RANKS

PARTS: Mapping[str, tuple[str, str]] = {
    "heldout": ("held out", "of the documents held out"),
    "fitted": ("fitted", "of a draw of as many documents that the method was fitted to"),
}
"""What each part of the documents is called in titles and in definitions."""


def score(run: RunData, resources: Resources, part: str, metric: Metric) -> float:
    """``metric`` of a part of the documents alone.

    Raises:
        TopicbenchError: they are too few to retrieve from.
    """
    theta, labels = run.heldout[part]
    if len(theta) <= max(RANKS):
        raise TopicbenchError(
            "experiments.heldout.share",
            f"{len(theta)} {part} documents are too few to retrieve {max(RANKS)} from",
            "choose a larger share, or a larger corpus",
        )
    run_of_part = run.once(part, lambda: RunData(theta=theta, labels=np.asarray(labels)))
    return float(metric.function(run_of_part, resources))


METRICS = tuple(
    replace(
        metric,
        name=f"{part}_{metric.name}",
        title=f"{metric.title}, {called}",
        latex=f"{metric.latex}, {called}",
        how=f"{metric.how}; {which}",
        needs=frozenset({"heldout", "labels"}),
        function=partial(score, part=part, metric=metric),
    )
    for part, (called, which) in PARTS.items()
    for metric in (*clustering.METRICS, *retrieval.METRICS)
)
