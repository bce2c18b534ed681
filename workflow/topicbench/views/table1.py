"""Table 1: every method on every corpus, averaged over K and seeds."""

from __future__ import annotations

import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.runs import main_variants
from topicbench.views import caption, flawed
from topicbench.views.frame import MAIN_METRICS, select
from topicbench.views.grid import baselines_and_ours, compared_with_best, controls, headings
from topicbench.views.render import Table


def make(config: Config, frame: pd.DataFrame) -> Table:
    """The table from the scores of the experiments "main" and "controls"."""
    scores = select(config, frame, "main", MAIN_METRICS)
    variants = main_variants(config)
    rows = compared_with_best(config, scores, variants, MAIN_METRICS)
    groups, columns = headings(config, MAIN_METRICS, "Method")
    grid = config.experiments.main
    n = len(caption.num_topics_of(config, grid)) * len(caption.seeds_of(config, grid))
    return Table(
        name="table1",
        caption=f"Automatic evaluation on the top-{config.top_words} words. {caption.averaged(config, grid)} "
        f"{caption.best_against_others(config, n, 'corpus and metric')} {caption.setting(config, config.corpora)} "
        f"Metrics: {caption.metrics(config, MAIN_METRICS, config.corpora)}{caption.models(config)}"
        f"{flawed.sentence(scores)}"
        f"{caption.controls(config)}",
        columns=columns,
        sections=[*baselines_and_ours(variants, rows), *controls(config, frame, MAIN_METRICS)],
        groups=groups,
        wide=True,
    )
