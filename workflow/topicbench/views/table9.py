"""Table 9: does the wording of the prompt matter more than the seed? Analysis of variance of section 5.3."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from topicbench.statistics.anova import Anova, two_way
from topicbench.views import caption, degenerate
from topicbench.views.contract import About, Scores, View
from topicbench.views.frame import MAIN_METRICS, corpora_of, rows_of, select
from topicbench.views.grid import marked
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Section, Table, number


class Table9(View):
    """Sensitivity to the instruction's wording."""

    name = "table9"
    label = "Table 9"
    summary = "Sensitivity to the instruction's wording: two-way analysis of variance of prompt and seed."
    category = "Reproduction"
    kind = "table"
    order = 9
    experiment = "prompts"

    def make(self, scores: Scores) -> Table:
        """The table; see `View.make`."""
        about, rows = scores.about, rows_of(scores.rows)
        selected, corpus = select(scores, MAIN_METRICS), corpora_of(scores.rows)[0]
        prompts = [row.role for row in rows]
        sections = []
        for k in about.num_topics:
            values = selected[selected["num_topics"] == k]
            lines = [_line(about, values[values["metric"] == metric], corpus, metric, k) for metric in MAIN_METRICS]
            sections += [] if len(about.num_topics) == 1 else [Section([], f"K = {k}", major=True)]
            sections.append(Section(lines))
        remark = "" if len(about.seeds) > 1 else " With one seed there is nothing to test."
        return Table(
            name=self.name,
            caption="Sensitivity to the instruction’s wording: two-way analysis of variance (main effects of prompt "
            "and seed, type II sums of squares) of the soft-label model on "
            f"{about.language_models[rows[0].slm].title}, K = {caption.listed(about.num_topics)}, {len(prompts)} "
            f"prompts ({caption.listed(prompts)}; see Table 8) × {caption.seeds(about)}. – stands for a metric that is "
            f"not computed or does not vary.{remark} {caption.setting(about, [corpus])} "
            f"Metrics: {caption.metrics(about, MAIN_METRICS, [corpus])}{degenerate.sentence(about, selected)}",
            columns=[Heading("Metric"), *(Heading(name, latex=f"${name}$") for name in ("F", "p") * 2)],
            sections=sections,
            groups=[Heading("Prompt", 2), Heading("Seed", 2)],
        )


def _line(about: About, values: pd.DataFrame, corpus: str, metric: str, k: int) -> list[Cell]:
    """A metric's F and p of either factor; dashes where it is not available or there is one seed."""
    cells = [Cell(about.metrics[metric].title)]
    tested = values["seed"].nunique() > 1
    result = two_way(values["value"].to_numpy(), list(values["role"]), list(values["seed"])) if tested else None
    count = sum(degenerate.degenerate_runs(values).values())
    for factor in ("prompt", "seed"):
        record = {"corpus": corpus, "num_topics": k, "metric": metric, "factor": factor, **_record(result, factor)}
        cells += [marked(Cell(_f(record["F"]), record=record), count), Cell(_p(record["p"]))]
    return cells


def _record(result: Anova | None, factor: str) -> dict[str, Any]:
    if result is None:
        return {"df": None, "residual_df": None, "sum_squares": None, "F": np.nan, "p": np.nan}
    effect = getattr(result, factor)
    record = {"df": effect.df, "residual_df": result.residual_df, "sum_squares": effect.sum_squares}
    return {**record, "F": effect.f, "p": effect.p}


def _f(value: float) -> str:
    if math.isnan(value):
        return NOT_AVAILABLE
    return number(value, 2) if math.isfinite(value) else "∞"


def _p(value: float) -> str:
    if math.isnan(value):
        return NOT_AVAILABLE
    return number(value, 3) if value >= 0.001 else "<.001"
