"""Two kinds of tables that several views are: methods compared with the best one, and variants with the first one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from topicbench.views import caption, degenerate
from topicbench.views.contract import Scores, View
from topicbench.views.frame import Row, blocks_of
from topicbench.views.grid import Grid, against_first_cells
from topicbench.views.render import Cell, Section, Table


class MainTable(View):
    """Every method of the main experiment, compared with the best one within each corpus and metric."""

    category = "Reproduction"
    kind = "table"
    experiment = "main"

    metrics: ClassVar[tuple[str, ...]]
    """The columns under each corpus."""
    opening: ClassVar[str]
    """First sentence of the caption, ``{top_words}`` to be filled in."""
    each_num_topics: ClassVar[bool] = False
    """A block for each K rather than the mean over all."""
    wide: ClassVar[bool] = True

    def make(self, scores: Scores) -> Table:
        """The table; see `View.make`."""
        about, grid = scores.about, Grid.of(scores, self.metrics)
        if self.each_num_topics:
            n, within = len(about.seeds), "K, corpus and metric"
            mean = f"Mean over {caption.seeds(about)}: n = {n}."
            blocks = [[Section([], f"K = {k}", major=True), *grid.sections(k)] for k in about.num_topics]
        else:
            n, within = caption.runs_per_value(about), "corpus and metric"
            mean, blocks = caption.averaged(about), [grid.sections()]
        return Table(
            name=self.name,
            caption=f"{self.opening.format(top_words=about.top_words)} {mean} "
            f"{caption.best_against_others(about, n, within)} {caption.setting(about, grid.corpora)} "
            f"Metrics: {caption.metrics(about, self.metrics, grid.corpora)}{caption.encoder(about)}"
            f"{degenerate.sentence(about, grid.selected)}{caption.controls(about)}",
            columns=grid.columns("Method"),
            sections=[section for block in blocks for section in block],
            groups=grid.groups(),
            wide=self.wide,
        )


class DifferenceTable(View):
    """Blocks of variants: the mean of the first, and the differences of the others from it."""

    kind = "table"

    metrics: ClassVar[tuple[str, ...]]
    """The columns under each corpus."""
    stub: ClassVar[str]
    """Heading of the first column."""
    block: ClassVar[str] = "language model"
    """What a block is, for the caption."""
    titles: ClassVar[Mapping[str, str]] = {}
    """Role → row title where it is not that of the run."""

    def opening(self, scores: Scores) -> str:
        """The caption's first sentence."""
        raise NotImplementedError

    def explanation(self, scores: Scores) -> str:
        """The caption's sentences on what the rows are."""
        raise NotImplementedError

    def block_heading(self, scores: Scores, rows: list[Row]) -> Section:
        """What stands over a block."""
        return Section([], scores.about.language_models[rows[0].block].title, major=True)

    def make(self, scores: Scores) -> Table:
        """The table; see `View.make`."""
        about, grid = scores.about, Grid.of(scores, self.metrics)
        sections = []
        for rows in blocks_of(grid.rows).values():
            lines = grid.cells(rows, against_first_cells)
            titles = [self.titles.get(row.role, row.title) for row in rows]
            lines = [[Cell(title), *line[1:]] for title, line in zip(titles, lines, strict=True)]
            sections += [self.block_heading(scores, rows), Section(lines)]
        return Table(
            name=self.name,
            caption=f"{self.opening(scores)} {caption.averaged(about)} {self.explanation(scores)} "
            f"{caption.against_original(about, f'{self.block}, corpus and metric')} "
            f"{caption.setting(about, grid.corpora)} "
            f"Metrics: {caption.metrics(about, self.metrics, grid.corpora)}{degenerate.sentence(about, grid.selected)}",
            columns=grid.columns(self.stub),
            sections=sections,
            groups=grid.groups(),
            wide=True,
        )
