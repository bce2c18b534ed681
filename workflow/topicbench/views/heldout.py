"""Held-out documents: what a model says of documents it was fitted to, and of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.statistics.welch import ALPHA, Welch, holm, welch
from topicbench.views import caption
from topicbench.views.contract import About, Scores, View
from topicbench.views.frame import Row, Samples, blocks_of, corpora_of, rows_of, samples, select
from topicbench.views.grid import significant, summary
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Mark, Section, Table, number, signed

METRICS = ("purity", "precision_at_5", "precision_at_10")
INFERRED = tuple(f"{part}_{metric}" for metric in METRICS for part in ("fitted", "heldout"))
"""Scores of documents whose topics were inferred."""

Parts = Mapping[str, np.ndarray | None]
"""Scores of "all", "fitted" and "heldout" documents; None where a method cannot infer."""


class Heldout(View):
    """Topics of documents a method was not fitted to, beside those it was."""

    name = "heldout"
    label = "Held-out documents"
    summary = "Purity and retrieval on documents that a method was not fitted to, beside those it was."
    category = "Beyond the paper"
    kind = "table"
    order = 34
    experiment = "heldout"

    def make(self, scores: Scores) -> Table:
        """The table; see `View.make`."""
        about, corpora = scores.about, corpora_of(scores.rows)
        inferred = scores.rows[scores.rows["metric"].isin(INFERRED)]
        found: Samples = {**samples(select(scores, METRICS)), **samples(inferred)}
        pairs = [{row.role: row for row in block} for block in blocks_of(rows_of(scores.rows)).values()]
        sections = []
        for corpus in corpora:
            lines = [[Cell(pair["all"].title)] for pair in pairs]
            for metric in METRICS:
                values = {pair["all"]: _parts(about, found, corpus, metric, pair) for pair in pairs}
                for line, cells in zip(lines, _cells(about, corpus, metric, values), strict=True):
                    line.extend(cells)
            sections += [Section([], about.corpora[corpus].title, major=True)] if len(corpora) > 1 else []
            sections.append(Section(lines))
        return Table(
            name=self.name,
            caption=_caption(about, corpora),
            columns=[Heading("Method"), *[Heading("All"), Heading("Fitted"), Heading("Held out"), Heading("Δ")] * 3],
            sections=sections,
            groups=[Heading(about.metrics[metric].title, 4, about.metrics[metric].latex) for metric in METRICS],
            wide=True,
        )


def _caption(about: About, corpora: Sequence[str]) -> str:
    holms = ", p-values corrected after Holm within each corpus and metric" if about.corrects else ""
    copies = " Copies of a document can lie on both sides." if about.protocol.duplicates == "keep" else ""
    return (
        f"Documents held out. {caption.averaged(about)} All: the method is fitted to all documents and scored on them, "
        f"as in the other tables. Fitted and Held out: it is fitted without {about.section['share']:.0%} of the "
        f"documents, drawn at random (seed {about.section['split_seed']}), whose topics it then infers; scored are "
        "these, and a draw of as many that it was fitted to, each with retrieval among one another: purity and "
        "precision depend on the number of documents, so that All is not to be compared with the two."
        f"{copies} The vocabulary is the whole corpus’s. Δ: Held out minus Fitted, {{better}} or {{worse}} where "
        f"significant (Welch’s two-sided t-test, α = {ALPHA:g}{holms}). {NOT_AVAILABLE} stands for a method that "
        f"cannot infer topics of other documents. {caption.setting(about, corpora)} "
        f"Metrics: {caption.metrics(about, METRICS, corpora)}"
    )


def _parts(about: About, found: Samples, corpus: str, metric: str, pair: Mapping[str, Row]) -> Parts:
    row, expected = pair["heldout"], caption.runs_per_value(about)
    inferred = {part: found.get((corpus, f"{part}_{metric}", row)) for part in ("fitted", "heldout")}
    sizes = [0 if values is None else np.isfinite(values).sum() for values in inferred.values()]
    if sizes not in ([0, 0], [expected, expected]):
        raise TopicbenchError(
            f"{metric} of {row.method}/{row.variant} on {corpus}",
            f"{sizes[0]} scores of fitted and {sizes[1]} of held-out documents, expected {expected} each",
            "score the runs, then gather again",
        )
    return {"all": found[corpus, metric, pair["all"]], **inferred}


def _cells(about: About, corpus: str, metric: str, values: Mapping[Row, Parts]) -> list[list[Cell]]:
    """Four cells of each method: the means, and the difference of the last two, tested."""
    pairs = [(parts["heldout"], parts["fitted"]) for parts in values.values()]
    tests = [None if heldout is None or fitted is None else welch(heldout, fitted) for heldout, fitted in pairs]
    p_holm = holm([np.nan if test is None else test.p for test in tests])
    known = about.metrics[metric]
    lines = []
    for (row, parts), test, corrected in zip(values.items(), tests, p_holm, strict=True):
        place = {"corpus": corpus, "method": row.method, "slm": row.slm, "title": row.title, "metric": metric}
        line = [
            Cell(
                NOT_AVAILABLE if sample is None else number(float(sample.mean()), known.decimals),
                record={**place, "documents": documents, **summary(sample), **_tested(None), "mark": ""},
            )
            for documents, sample in parts.items()
        ]
        text = NOT_AVAILABLE
        mark: Mark = ""
        if test is not None:
            text = signed(test.difference, known.decimals)
            mark = significant(test.difference, corrected if about.corrects else test.p, known.higher_is_better)
        tested = {**place, "documents": "heldout minus fitted", **summary(None), **_tested(test, float(corrected))}
        lines.append([*line, Cell(text, mark, {**tested, "mark": mark})])
    return lines


def _tested(test: Welch | None, p_holm: float | None = None) -> dict[str, Any]:
    columns = ("difference", "t", "df", "p", "p_holm", "note")
    if test is None:
        return dict.fromkeys(columns)
    return dict(zip(columns, (test.difference, test.t, test.df, test.p, p_holm, test.note), strict=True))
