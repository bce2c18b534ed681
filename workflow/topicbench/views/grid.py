"""Cells of table rows × (corpus, metric): means, and how they compare with one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from topicbench.statistics.effects import Effect, hedges_g
from topicbench.statistics.welch import ALPHA, Comparison, against, against_best, best_of
from topicbench.views import degenerate
from topicbench.views.caption import judge_mark
from topicbench.views.contract import About, Scores
from topicbench.views.frame import Row, corpora_of, rows_of, samples, select
from topicbench.views.latex import escape
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Mark, Section, number, signed

Compare = Callable[[About, Mapping[Row, np.ndarray], str], list[Cell]]
"""(about, values of each row, metric) → cell of each row."""


@dataclass(frozen=True)
class Grid:
    """Values of some metrics on some corpora, to be laid out beside one another.

    Attributes:
        about: what was written with the scores.
        corpora: the corpora, also those that have none of the metrics.
        metrics: the columns under each corpus.
        rows: the table rows, controls among them.
        selected: the values, as `topicbench.views.frame.select` gives them.
    """

    about: About
    corpora: Sequence[str]
    metrics: Sequence[str]
    rows: Sequence[Row]
    selected: pd.DataFrame

    @classmethod
    def of(cls, scores: Scores, metrics: Sequence[str]) -> Grid:
        """The grid of all rows and corpora of some scores."""
        return cls(scores.about, corpora_of(scores.rows), metrics, rows_of(scores.rows), select(scores, metrics))

    def groups(self) -> list[Heading]:
        """A heading over the columns of each corpus."""
        return [Heading(self.about.corpora[corpus].title, len(self.metrics)) for corpus in self.corpora]

    def columns(self, *stubs: str) -> list[Heading]:
        """Headings of the columns: ``stubs`` over the first ones, then the metrics of each corpus."""
        columns = [heading(self.about, metric) for metric in self.metrics]
        return [*(Heading(stub) for stub in stubs), *columns * len(self.corpora)]

    def cells(self, rows: Sequence[Row], compare: Compare, k: int | None = None) -> list[list[Cell]]:
        """A table row for each of ``rows``: its title and its cells.

        Args:
            rows: some rows of the grid.
            compare: makes the cells of one corpus and metric; where the metric is not available they are a dash.
            k: only this number of topics; None: all together.
        """
        found, counts = samples(self.selected, k), degenerate.degenerate_runs(self.selected, k)
        lines = [[Cell(row.title)] for row in rows]
        for corpus, metric in product(self.corpora, self.metrics):
            values = {row: found[corpus, metric, row] for row in rows if (corpus, metric, row) in found}
            made = dict(zip(values, compare(self.about, values, metric) if values else (), strict=True))
            place = {"corpus": corpus} if k is None else {"num_topics": k, "corpus": corpus}
            for row, line in zip(rows, lines, strict=True):
                cell = made.get(row) or Cell(NOT_AVAILABLE, record=_identity(row, metric))
                cell = Cell(cell.text, cell.mark, {**place, **cell.record})
                count = counts.get((corpus, *row.run), 0)
                line.append(cell if row.group == "control" else marked(cell, count))
        return lines

    def sections(self, k: int | None = None) -> list[Section]:
        """Baselines, then "Ours", the best of all compared with each; then "Controls", compared with nothing."""
        compared = [row for row in self.rows if row.group != "control"]
        lines = dict(zip(compared, self.cells(compared, against_best_cells, k), strict=True))
        controls = [row for row in self.rows if row.group == "control"]
        sections = [
            Section([line for row, line in lines.items() if row.group != "ours"]),
            Section([line for row, line in lines.items() if row.group == "ours"], "Ours"),
            Section(self.cells(controls, mean_cells, k), "Controls"),
        ]
        return [section for section in sections if section.rows]


def heading(about: About, metric: str) -> Heading:
    """The heading of a metric's column."""
    found, mark = about.metrics[metric], judge_mark(about, metric)
    return Heading(found.title + mark, latex=found.latex + escape(mark))


def against_best_cells(about: About, values: Mapping[Row, np.ndarray], metric: str) -> list[Cell]:
    """Means, the best compared with each other one: the best is marked, and what is not significantly different."""
    found = about.metrics[metric]
    best = best_of(values, found.higher_is_better)
    compared = {comparison.other: comparison for comparison in against_best(values, found.higher_is_better)}
    cells = []
    for row, own in values.items():
        mark: Mark = ""
        if own.mean() == values[best].mean():
            mark = "best"
        elif decisive(about, compared[row]) >= ALPHA:
            mark = "tied"
        record = _record(row, metric, values, mark, best, compared.get(row))
        cells.append(Cell(number(float(own.mean()), found.decimals), mark, record))
    return cells


def against_first_cells(about: About, values: Mapping[Row, np.ndarray], metric: str) -> list[Cell]:
    """The first row's mean, and by how much the others differ from it, significant differences marked."""
    found, first = about.metrics[metric], next(iter(values))
    compared = {comparison.other: comparison for comparison in against(values, first)}
    cells = []
    for row, own in values.items():
        mark: Mark = ""
        text = number(float(own.mean()), found.decimals)
        if comparison := compared.get(row):
            # The test's difference is first minus other.
            change = -comparison.test.difference
            text = signed(change, found.decimals)
            mark = significant(change, decisive(about, comparison), found.higher_is_better)
        cells.append(Cell(text, mark, _record(row, metric, values, mark, first, comparison)))
    return cells


def mean_cells(about: About, values: Mapping[Row, np.ndarray], metric: str) -> list[Cell]:
    """Means, compared with nothing."""
    decimals = about.metrics[metric].decimals
    return [
        Cell(number(float(own.mean()), decimals), record=_identity(row, metric) | summary(own))
        for row, own in values.items()
    ]


def decisive(about: About, comparison: Comparison) -> float:
    """The p-value that decides on the highlighting: Holm's where the protocol corrects, else the plain one."""
    return comparison.p_holm if about.corrects else comparison.test.p


def significant(change: float, p: float, higher_is_better: bool) -> Mark:
    """How a change is marked: not where it is not significant or not tested."""
    if not p < ALPHA:
        return ""
    return "better" if (change > 0) == higher_is_better else "worse"


def marked(cell: Cell, degenerate_runs: int) -> Cell:
    """The cell with a double dagger if some of its runs are degenerate, and how many in its record."""
    if cell.text == NOT_AVAILABLE:
        return cell
    sign = degenerate.MARK if degenerate_runs else ""
    return Cell(f"{cell.text}{sign}", cell.mark, {**cell.record, "flawed_runs": degenerate_runs})


def summary(values: np.ndarray | None) -> dict[str, Any]:
    """Number, mean and standard deviation of a sample, all None where there is none."""
    if values is None:
        return dict.fromkeys(("n", "mean", "sd"))
    return {"n": values.size, "mean": values.mean(), "sd": values.std(ddof=1) if values.size > 1 else None}


def columns_of_test(comparison: Comparison | None, effect: Effect | None, sign: int = 1) -> dict[str, Any]:
    """What the CSV says of a test: best minus other, or other minus best where ``sign`` is -1; None without a test."""
    columns = ("difference", "t", "df", "p", "p_holm", "hedges_g", "ci_low", "ci_high", "note")
    if comparison is None or effect is None:
        return dict.fromkeys(columns)
    test = comparison.test
    values = (sign * test.difference, sign * test.t, test.df, test.p, comparison.p_holm)
    return dict(zip(columns, (*values, effect.g, effect.low, effect.high, test.note), strict=True))


def _identity(row: Row, metric: str) -> dict[str, Any]:
    return {"method": row.method, "variant": row.variant, "title": row.title, "metric": metric}


def _record(
    row: Row, metric: str, values: Mapping[Row, np.ndarray], mark: Mark, reference: Row, comparison: Comparison | None
) -> dict[str, Any]:
    """What the CSV says of a cell; differences, t and g are the row minus ``reference``."""
    effect = hedges_g(values[row], values[reference]) if comparison else None
    compared = {"mark": mark, "compared_with": reference.title, **columns_of_test(comparison, effect, sign=-1)}
    return {**_identity(row, metric), **summary(values[row]), **compared}
