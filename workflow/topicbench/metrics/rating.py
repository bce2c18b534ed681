"""Topics as a judge rates them (Stammbach et al. 2023; the paper's "LLM")."""

from __future__ import annotations

import numpy as np

from topicbench.metrics.contract import Metric

INFORMATIVE_AUC = 0.7
"""A judge's area under the ROC curve, coherent against shuffled word sets, from which its ratings mean something."""

METRICS = (
    Metric(
        name="llm_rating",
        title="LLM",
        how="rating of 1 to 3 of the top {top_words} words by {judge}, mean over topics",
        minimum=1.0,
        maximum=3.0,
        decimals=2,
        per_topic=True,
        needs=frozenset({"topics", "judge"}),
        function=lambda run, resources: np.array(resources.judge(run.topics)),
        # Summed topic by topic: NumPy's mean sums in pairs, and differs in the last bit.
        average=lambda values: np.cumsum(values)[-1] / len(values),
    ),
)
