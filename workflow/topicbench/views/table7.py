"""Table 7: the main results at each number of topics, averaged over seeds."""

from __future__ import annotations

import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.runs import main_variants
from topicbench.views import caption, flawed
from topicbench.views.frame import MAIN_METRICS, select
from topicbench.views.grid import baselines_and_ours, compared_with_best, controls, headings
from topicbench.views.render import Section, Table


def make(config: Config, frame: pd.DataFrame) -> Table:
    """The table from the scores of the experiments "main" and "controls"."""
    scores = select(config, frame, "main", MAIN_METRICS)
    variants = main_variants(config)
    grid = config.experiments.main
    sections = []
    for k in caption.num_topics_of(config, grid):
        rows = compared_with_best(config, scores, variants, MAIN_METRICS, k)
        first, *others = baselines_and_ours(variants, rows)
        sections += [Section([], f"K = {k}", major=True), first, *others]
        sections += controls(config, frame, MAIN_METRICS, k)
    groups, columns = headings(config, MAIN_METRICS, "Method")
    seeds = caption.seeds_of(config, grid)
    return Table(
        name="table7",
        caption=f"Automatic evaluation on the top-{config.top_words} words for each number of topics. Mean over "
        f"{caption.seeds_named(seeds)}: n = {len(seeds)}. "
        f"{caption.best_against_others(config, len(seeds), 'K, corpus and metric')} "
        f"{caption.setting(config, config.corpora)} "
        f"Metrics: {caption.metrics(config, MAIN_METRICS, config.corpora)}{caption.models(config)}"
        f"{flawed.sentence(scores)}"
        f"{caption.controls(config)}",
        columns=columns,
        sections=sections,
        groups=groups,
        wide=True,
    )
