"""Every comparison with the best method behind Tables 1 and 2, in full."""

from __future__ import annotations

from itertools import product
from typing import Any

from topicbench.statistics.effects import hedges_g
from topicbench.statistics.ranks import labels
from topicbench.statistics.welch import against_best
from topicbench.views.contract import Records, Scores, View
from topicbench.views.frame import MAIN_METRICS, RETRIEVAL_METRICS, corpora_of, rows_of, samples, select
from topicbench.views.grid import columns_of_test


class Statistics(View):
    """One row per corpus, metric and method other than the best.

    ``difference``, ``t`` and ``hedges_g`` are best minus other; ``p_holm`` is corrected within corpus and metric;
    ``ci_low`` and ``ci_high`` bound g at 95%; ``note`` says why there is no ordinary test (see
    `topicbench.statistics.welch.Welch`).
    """

    name = "statistics"
    label = "Statistics"
    summary = "Every comparison of the best method with another one behind Tables 1 and 2: test, effect size, interval."
    category = "Beyond the paper"
    kind = "records"
    experiment = "main"

    def make(self, scores: Scores) -> Records:
        """The comparisons; see `View.make`."""
        metrics = (*MAIN_METRICS, *RETRIEVAL_METRICS)
        selected = select(scores, metrics)
        selected = selected[selected["group"] != "control"]
        found, names = samples(selected), labels(selected)
        records: list[dict[str, Any]] = []
        for corpus, metric in product(corpora_of(selected), metrics):
            values = {row: found[corpus, metric, row] for row in rows_of(selected) if (corpus, metric, row) in found}
            for comparison in against_best(values, scores.about.metrics[metric].higher_is_better) if values else ():
                best, other = values[comparison.best], values[comparison.other]
                place = {"corpus": corpus, "metric": metric}
                place |= {"best": names[comparison.best.run], "other": names[comparison.other.run]}
                means = {"n": len(best), "mean_best": best.mean(), "mean_other": other.mean()}
                records.append({**place, **means, **columns_of_test(comparison, hedges_g(best, other))})
        return Records(records)
