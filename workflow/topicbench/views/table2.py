"""Table 2: retrieval of documents of the same class by topic distribution, averaged over K and seeds."""

from __future__ import annotations

import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.runs import main_variants
from topicbench.views import caption, flawed
from topicbench.views.frame import RETRIEVAL_METRICS, select
from topicbench.views.grid import baselines_and_ours, compared_with_best, controls, headings
from topicbench.views.render import Table


def make(config: Config, frame: pd.DataFrame) -> Table:
    """The table from the scores of the experiments "main" and "controls"."""
    scores = select(config, frame, "main", RETRIEVAL_METRICS)
    variants = main_variants(config)
    rows = compared_with_best(config, scores, variants, RETRIEVAL_METRICS)
    groups, columns = headings(config, RETRIEVAL_METRICS, "Method")
    grid = config.experiments.main
    n = len(caption.num_topics_of(config, grid)) * len(caption.seeds_of(config, grid))
    return Table(
        name="table2",
        caption=f"Retrieval evaluation. {caption.averaged(config, grid)} "
        f"{caption.best_against_others(config, n, 'corpus and metric')} {caption.setting(config, config.corpora)} "
        f"Metrics: {caption.metrics(config, RETRIEVAL_METRICS, config.corpora)}{caption.models(config)}"
        f"{flawed.sentence(scores)}"
        f"{caption.controls(config)}",
        columns=columns,
        sections=[*baselines_and_ours(variants, rows), *controls(config, frame, RETRIEVAL_METRICS)],
        groups=groups,
    )
