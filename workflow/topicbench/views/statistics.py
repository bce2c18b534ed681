"""Every comparison with the best method behind Tables 1 and 2, in full."""

from __future__ import annotations

import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.runs import main_variants
from topicbench.metrics.contract import METRICS
from topicbench.statistics.effects import hedges_g
from topicbench.statistics.ranks import labels
from topicbench.statistics.welch import against_best
from topicbench.views.frame import MAIN_METRICS, RETRIEVAL_METRICS, available, sample, select


def pairwise(config: Config, main: pd.DataFrame) -> pd.DataFrame:
    """One row per corpus, metric and method other than the best, from the scores of experiment "main".

    ``difference``, ``t`` and ``hedges_g`` are best minus other; ``p_holm`` is corrected within corpus and metric;
    ``ci_low`` and ``ci_high`` bound g at 95%; ``note`` says why there is no ordinary test (see
    `topicbench.statistics.welch.Welch`).
    """
    metrics = (*MAIN_METRICS, *RETRIEVAL_METRICS)
    scores = select(config, main, "main", metrics)
    names = labels(scores)
    records = []
    for corpus in config.corpora:
        for metric in (metric for metric in metrics if available(config, corpus, metric)):
            variants = {(variant.method, variant.name): variant for variant in main_variants(config)}
            samples = {key: sample(scores, corpus, variant, metric) for key, variant in variants.items()}
            for comparison in against_best(samples, METRICS[metric].higher_is_better):
                best, other, test = samples[comparison.best], samples[comparison.other], comparison.test
                effect = hedges_g(best, other)
                records.append(
                    {
                        "corpus": corpus,
                        "metric": metric,
                        "best": names[comparison.best],
                        "other": names[comparison.other],
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
    return pd.DataFrame(records)
