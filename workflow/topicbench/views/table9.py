"""Table 9: does the wording of the prompt matter more than the seed? Analysis of variance of section 5.3."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.all import first_corpus, first_slm
from topicbench.metrics.contract import METRICS
from topicbench.statistics.anova import Anova, two_way
from topicbench.views import caption, flawed
from topicbench.views.frame import MAIN_METRICS, available, select
from topicbench.views.grid import marked
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Section, Table, number
from topicbench.views.table8 import compared


def make(config: Config, prompts: pd.DataFrame) -> Table:
    """The table from the scores of experiment "prompts"."""
    scores = select(config, prompts, "prompts", MAIN_METRICS)
    grid = config.experiments.prompts
    corpus, slm = first_corpus(config, grid.corpus), first_slm(config, grid.slm)
    topics, seeds = caption.num_topics_of(config, grid), caption.seeds_of(config, grid)
    wordings = compared(config)
    sections = []
    for k in topics:
        rows = [_row(config, scores[scores["num_topics"] == k], corpus, metric, k) for metric in MAIN_METRICS]
        sections += [Section(rows)] if len(topics) == 1 else [Section([], f"K = {k}", major=True), Section(rows)]
    remark = "" if len(seeds) > 1 else " With one seed there is nothing to test."
    return Table(
        name="table9",
        caption=f"Sensitivity to the instruction’s wording: two-way analysis of variance (main effects of prompt and "
        f"seed, type II sums of squares) of the soft-label model on {config.slms[slm].title}, "
        f"K = {caption.listed(topics)}, {len(wordings)} prompts ({caption.listed(wordings)}; see Table 8) × "
        f"{caption.seeds_named(seeds)}. – stands for a metric that is not computed or does not vary.{remark} "
        f"{caption.setting(config, [corpus])} Metrics: {caption.metrics(config, MAIN_METRICS, [corpus])}"
        f"{flawed.sentence(scores)}",
        columns=[
            Heading("Metric"),
            *(Heading(name, latex=f"${name}$") for name in ("F", "p") * 2),
        ],
        sections=sections,
        groups=[Heading("Prompt", 2), Heading("Seed", 2)],
    )


def _row(config: Config, scores: pd.DataFrame, corpus: str, metric: str, k: int) -> list[Cell]:
    place = {"corpus": corpus, "num_topics": k, "metric": metric}
    cells = [Cell(METRICS[metric].title)]
    values = scores[scores["metric"] == metric]
    tested = available(config, corpus, metric) and values["seed"].nunique() > 1
    result = two_way(values["value"].to_numpy(), list(values["prompt"]), list(values["seed"])) if tested else None
    flaws = sum(flawed.flawed_runs(values).values())
    for factor in ("prompt", "seed"):
        record = {**place, "factor": factor, **_record(result, factor)}
        cells += [marked(Cell(_f(record["F"]), record=record), flaws), Cell(_p(record["p"]))]
    return cells


def _record(result: Anova | None, factor: str) -> dict[str, Any]:
    if result is None:
        return {"df": None, "residual_df": None, "sum_squares": None, "F": np.nan, "p": np.nan}
    effect = getattr(result, factor)
    return {
        "df": effect.df,
        "residual_df": result.residual_df,
        "sum_squares": effect.sum_squares,
        "F": effect.f,
        "p": effect.p,
    }


def _f(value: float) -> str:
    if math.isnan(value):
        return NOT_AVAILABLE
    return number(value, 2) if math.isfinite(value) else "∞"


def _p(value: float) -> str:
    if math.isnan(value):
        return NOT_AVAILABLE
    return number(value, 3) if value >= 0.001 else "<.001"
