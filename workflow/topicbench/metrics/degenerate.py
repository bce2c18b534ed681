"""What is wrong with a run that was kept nevertheless: counts from its record, 0 for a sound run."""

from __future__ import annotations

import math
from functools import partial

from topicbench.metrics.contract import Metric
from topicbench.runs.losses import epochs_without_loss

_count = partial(Metric, maximum=math.inf, higher_is_better=False, decimals=0, needs=frozenset({"record"}))

METRICS = (
    _count(
        name="topics_missing",
        title="Missing topics",
        how="fewer topics than K",
        function=lambda run, resources: run.record["num_topics"] - run.record["topics_obtained"],
    ),
    _count(
        name="topics_of_repeated_words",
        title="Repeated topics",
        how="several topics with the same top words",
        function=lambda run, resources: run.record["topics_of_repeated_words"],
    ),
    _count(
        name="topics_of_fewer_words",
        title="Short topics",
        how="topics with too few usable words",
        function=lambda run, resources: run.record["topics_of_fewer_words"],
    ),
    _count(
        name="epochs_without_loss",
        title="Epochs without loss",
        how="epochs whose loss is infinite or no number",
        # A control is not trained and has no details.
        function=lambda run, resources: len(epochs_without_loss(run.record.get("details", {}))),
    ),
)
