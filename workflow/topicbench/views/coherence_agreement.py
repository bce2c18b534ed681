"""Coherence under several identities, and how far they rank the methods alike.

Not in the paper, which has one C_V. What is called C_V depends on the reference corpus and on how windows are counted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from topicbench.views import caption, degenerate
from topicbench.views.contract import About, Scores, View
from topicbench.views.frame import SECOND_METRICS, Row, samples
from topicbench.views.grid import Grid, marked
from topicbench.views.render import NOT_AVAILABLE, Cell, Section, Table, number

Means = dict[tuple[str, str], np.ndarray]
"""(corpus, metric) → mean of each method."""


class CoherenceAgreement(View):
    """Rank agreement of the identities of coherence."""

    name = "coherence_agreement"
    label = "Agreement of coherences"
    summary = "Coherence by other ways of counting and over another reference corpus, and how far the rankings agree."
    category = "Beyond the paper"
    kind = "table"
    order = 32
    experiment = "main"

    def make(self, scores: Scores) -> Table:
        """The table; see `View.make`."""
        about, metrics = scores.about, identities(scores.about)
        grid = Grid.of(scores, metrics)
        rows = [row for row in grid.rows if row.group != "control"]
        found = samples(grid.selected)
        means = {
            (corpus, metric): np.array([found[corpus, metric, row].mean() for row in rows])
            for corpus in grid.corpora
            for metric in metrics
        }
        n = len(rows)
        return Table(
            name=self.name,
            caption=f"Coherence under {len(metrics)} identities. {caption.averaged(about)} In parentheses the rank "
            f"among the {n} methods, ties sharing their mean rank; below, Kendall’s τ-b of the methods’ means by two "
            f"identities (n = {n} methods; 1: the same order, 0: as many pairs in opposite as in the same order). "
            f"{caption.setting(about, grid.corpora)} "
            f"{caption.metrics(about, metrics, grid.corpora)}{degenerate.sentence(about, grid.selected)}",
            columns=grid.columns("Method"),
            sections=[
                Section(_methods(grid, rows, means)),
                Section(_agreement(grid, means), "Kendall’s τ-b"),
            ],
            groups=grid.groups(),
            wide=True,
        )


def identities(about: About) -> list[str]:
    """The coherence metrics there are: C_V, by the countings that are not its own, C_NPMI, over a second corpus."""
    # Palmetto's own counting is neither of the two.
    own = about.metrics["c_v"].parameters.get("counting")
    others = [f"c_v_{counting}" for counting in ("gensim", "boolean") if counting != own]
    second = [name for name in SECOND_METRICS if about.metrics[name].computed]
    return ["c_v", *others, "c_npmi", *second]


def _methods(grid: Grid, rows: Sequence[Row], means: Means) -> list[list[Cell]]:
    lines, counts = [[Cell(row.title)] for row in rows], degenerate.degenerate_runs(grid.selected)
    for (corpus, metric), values in means.items():
        decimals = grid.about.metrics[metric].decimals
        for line, row, value, rank in zip(lines, rows, values, stats.rankdata(-values), strict=True):
            identity = {"corpus": corpus, "method": row.method, "variant": row.variant, "title": row.title}
            record = {**identity, "metric": metric, "mean": value, "rank": rank}
            cell = Cell(f"{number(float(value), decimals)} ({rank:g})", record=record)
            line.append(marked(cell, counts.get((corpus, *row.run), 0)))
    return lines


def _agreement(grid: Grid, means: Means) -> list[list[Cell]]:
    """The upper triangle: every pair of identities once."""
    lines = []
    for place, first in enumerate(grid.metrics[:-1]):
        line = [Cell(grid.about.metrics[first].title)]
        for corpus in grid.corpora:
            for other, second in enumerate(grid.metrics):
                if other <= place:
                    line.append(Cell(""))
                    continue
                left, right = means[corpus, first], means[corpus, second]
                tau, p = stats.kendalltau(left, right)
                record = {"corpus": corpus, "metric": first, "other_metric": second, "n": len(left), "tau": tau, "p": p}
                # Not a number where either ranks all methods the same.
                line.append(Cell(NOT_AVAILABLE if np.isnan(tau) else number(float(tau), 2), record=record))
        lines.append(line)
    return lines
