"""Topic diversity of every method: not in the paper's tables, which have I-RBO."""

from __future__ import annotations

from topicbench.views import caption
from topicbench.views.contract import Scores, View
from topicbench.views.frame import corpora_of, rows_of, samples, select
from topicbench.views.render import Cell, Heading, Section, Table, number

METRIC = "topic_diversity"


class TopicDiversity(View):
    """A row for each method, a column for each corpus."""

    name = "topic_diversity"
    label = "Topic diversity"
    summary = "Mean topic diversity of every method on every corpus."
    category = "Beyond the paper"
    kind = "table"
    experiment = "main"

    def make(self, scores: Scores) -> Table:
        about, corpora = scores.about, corpora_of(scores.rows)
        found = samples(select(scores, [METRIC]))
        decimals = about.metrics[METRIC].decimals
        lines = []
        for row in rows_of(scores.rows):
            line = [Cell(row.title)]
            for corpus in corpora:
                mean = float(found[corpus, METRIC, row].mean())
                record = {"corpus": corpus, "method": row.method, "variant": row.variant, "mean": mean}
                line.append(Cell(number(mean, decimals), record=record))
            lines.append(line)
        return Table(
            name=self.name,
            caption=f"Topic diversity. {caption.averaged(about)} {caption.setting(about, corpora)} "
            f"{caption.metrics(about, [METRIC], corpora)}{caption.controls(about)}",
            columns=[Heading("Method"), *(Heading(about.corpora[corpus].title) for corpus in corpora)],
            sections=[Section(lines)],
        )
