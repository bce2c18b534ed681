"""Every comparison with the best method behind Tables 1 and 2, in full."""

from __future__ import annotations

from itertools import product
from typing import Any

from topicbench.statistics.effects import hedges_g
from topicbench.statistics.ranks import labels
from topicbench.statistics.welch import against_best
from topicbench.views.contract import Records, Scores, View
from topicbench.views.frame import MAIN_METRICS, RETRIEVAL_METRICS, corpora_of, rows_of, samples, select


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
                best, other, test = values[comparison.best], values[comparison.other], comparison.test
                effect = hedges_g(best, other)
                records.append(
                    {
                        "corpus": corpus,
                        "metric": metric,
                        "best": names[comparison.best.method, comparison.best.variant],
                        "other": names[comparison.other.method, comparison.other.variant],
                        "n": len(best),
                        "mean_best": best.mean(),
                        "mean_other": other.mean(),
                        "difference": test.difference,
                        "t": test.t,
                        "df": test.df,
                        "p": test.p,
                        "p_holm": comparison.p_holm,
                        "hedges_g": effect.g,
                        "ci_low": effect.low,
                        "ci_high": effect.high,
                        "note": test.note,
                    }
                )
        return Records(records)
