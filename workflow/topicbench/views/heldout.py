"""Held-out documents: what a model says of documents it was fitted to, and of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.experiments.all import heldout_corpora, heldout_methods, heldout_variant
from topicbench.experiments.runs import Variant
from topicbench.metrics.contract import METRICS as ALL_METRICS
from topicbench.statistics.welch import ALPHA, Welch, holm, welch
from topicbench.views import caption
from topicbench.views.frame import samples, select
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Mark, Section, Table, number, signed

METRICS = ("purity", "precision_at_5", "precision_at_10")
INFERRED = tuple(f"{part}_{metric}" for metric in METRICS for part in ("fitted", "heldout"))
"""Scores as `topicbench.metrics.score.heldout_scores` calls them."""

Samples = Mapping[tuple[str, str, str, str], np.ndarray]


def make(config: Config, frame: pd.DataFrame) -> Table:
    """The table from the scores of experiment "heldout".

    Raises:
        TopicbenchError: a score is missing, repeated or not finite.
    """
    grid = config.experiments.heldout
    corpora, variants = heldout_corpora(config), heldout_methods(config)
    found: Samples = {
        **samples(select(config, frame, "heldout", METRICS)),
        **samples(frame[(frame["experiment"] == "heldout") & frame["metric"].isin(INFERRED)]),
    }
    sections = []
    for corpus in corpora:
        rows: list[list[Cell]] = [[Cell(variant.title)] for variant in variants]
        for metric in METRICS:
            values = [_values(config, found, corpus, metric, variant) for variant in variants]
            for row, cells in zip(rows, _cells(config, corpus, metric, variants, values), strict=True):
                row.extend(cells)
        title = [Section([], config.corpora[corpus].title, major=True)] if len(corpora) > 1 else []
        sections += [*title, Section(rows)]
    holms = ", p-values corrected after Holm within each corpus and metric" if _corrected(config) else ""
    copies = " Copies of a document can lie on both sides." if config.protocol.duplicates == "keep" else ""
    return Table(
        name="heldout",
        caption=f"Documents held out. {caption.averaged(config, grid)} All: the method is fitted to all documents and "
        f"scored on them, as in the other tables. Fitted and Held out: it is fitted without {grid.share:.0%} of the "
        f"documents, drawn at random (seed {grid.split_seed}), whose topics it then infers; scored are these, and a "
        "draw of as many that it was fitted to, each with retrieval among one another: purity and precision depend on "
        f"the number of documents, so that All is not to be compared with the two.{copies} The vocabulary is the whole "
        "corpus’s. Δ: Held out minus Fitted, {better} or {worse} where significant (Welch’s two-sided t-test, "
        f"α = {ALPHA:g}{holms}). {NOT_AVAILABLE} stands for a method that cannot infer topics of other documents. "
        f"{caption.setting(config, corpora)} Metrics: {caption.metrics(config, METRICS, corpora)}",
        columns=[Heading("Method"), *[Heading("All"), Heading("Fitted"), Heading("Held out"), Heading("Δ")] * 3],
        sections=sections,
        groups=[Heading(ALL_METRICS[metric].title, 4, ALL_METRICS[metric].latex) for metric in METRICS],
        wide=True,
    )


def _corrected(config: Config) -> bool:
    return config.protocol.correction == "holm"


def _values(
    config: Config, found: Samples, corpus: str, metric: str, variant: Variant
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """A method's scores of all, fitted and held-out documents; None where it cannot infer."""
    grid = config.experiments.heldout
    name = heldout_variant(variant, grid).name
    fitted, heldout = (found.get((corpus, f"{part}_{metric}", variant.method, name)) for part in ("fitted", "heldout"))
    expected = len(caption.num_topics_of(config, grid)) * len(caption.seeds_of(config, grid))
    sizes = [0 if values is None else np.isfinite(values).sum() for values in (fitted, heldout)]
    if sizes not in ([0, 0], [expected, expected]):
        raise TopicbenchError(
            f"{metric} of {variant.method}/{name} on {corpus}",
            f"{sizes[0]} scores of fitted and {sizes[1]} of held-out documents, expected {expected} each",
            "score the runs, then gather again",
        )
    return found[(corpus, metric, variant.method, variant.name)], fitted, heldout


def _cells(
    config: Config,
    corpus: str,
    metric: str,
    variants: Sequence[Variant],
    values: Sequence[tuple[np.ndarray, np.ndarray | None, np.ndarray | None]],
) -> list[list[Cell]]:
    """Four cells of each variant: the means, and the difference of the last two, tested."""
    tests = [None if heldout is None or fitted is None else welch(heldout, fitted) for _, fitted, heldout in values]
    p_holm = holm([np.nan if test is None else test.p for test in tests])
    decimals = ALL_METRICS[metric].decimals
    rows = []
    for variant, parts, test, corrected in zip(variants, values, tests, p_holm, strict=True):
        place = {"corpus": corpus, "method": variant.method, "slm": variant.slm, "title": variant.title}
        place["metric"] = metric
        cells = [
            Cell(
                NOT_AVAILABLE if sample is None else number(float(sample.mean()), decimals),
                record={**place, "documents": documents, **_summary(sample), **_tested(None), "mark": ""},
            )
            for documents, sample in zip(("all", "fitted", "heldout"), parts, strict=True)
        ]
        mark: Mark = ""
        if test is not None and (corrected if _corrected(config) else test.p) < ALPHA:
            mark = "better" if (test.difference > 0) == ALL_METRICS[metric].higher_is_better else "worse"
        text = NOT_AVAILABLE if test is None else signed(test.difference, decimals)
        tested = {**place, "documents": "heldout minus fitted", **_summary(None), **_tested(test, float(corrected))}
        rows.append([*cells, Cell(text, mark, {**tested, "mark": mark})])
    return rows


def _summary(values: np.ndarray | None) -> dict[str, Any]:
    if values is None:
        return dict.fromkeys(("n", "mean", "sd"))
    return {"n": values.size, "mean": values.mean(), "sd": values.std(ddof=1) if values.size > 1 else None}


def _tested(test: Welch | None, p_holm: float | None = None) -> dict[str, Any]:
    columns = ("difference", "t", "df", "p", "p_holm", "note")
    if test is None:
        return dict.fromkeys(columns)
    return dict(zip(columns, (test.difference, test.t, test.df, test.p, p_holm, test.note), strict=True))
