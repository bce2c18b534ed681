"""Cells of methods × (corpus, metric): means, and how they compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from topicbench.config.schema import Config
from topicbench.experiments.all import experiment_runs
from topicbench.experiments.runs import Variant, control_variants
from topicbench.metrics.contract import METRICS
from topicbench.statistics.effects import hedges_g
from topicbench.statistics.welch import ALPHA, Comparison, against, against_best, best_of
from topicbench.views import flawed
from topicbench.views.frame import available, select
from topicbench.views.frame import samples as samples_of
from topicbench.views.judged import mark
from topicbench.views.latex import escape
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Mark, Section, number, signed


def headings(config: Config, metrics: Sequence[str], stub: str) -> tuple[list[Heading], list[Heading]]:
    """Headings of the corpora, and of the metrics under each."""
    groups = [Heading(corpus.title, len(metrics)) for corpus in config.corpora.values()]
    columns = [
        Heading(
            METRICS[name].title + mark(config, name),
            latex=METRICS[name].latex + escape(mark(config, name)),
        )
        for name in metrics
    ]
    return groups, [Heading(stub), *columns * len(groups)]


def compared_with_best(
    config: Config, scores: pd.DataFrame, variants: Sequence[Variant], metrics: Sequence[str], k: int | None = None
) -> list[list[Cell]]:
    """One row per variant; within each corpus and metric the best is compared with each other variant.

    Args:
        config: gives the corpora and, by its protocol, whether Holm's correction decides.
        scores: as `topicbench.views.frame.select` gives them.
        variants: the rows.
        metrics: the columns under each corpus.
        k: only this number of topics; None: all together.
    """
    found, flaws = samples_of(scores, k), flawed.flawed_runs(scores, k)
    rows = [[Cell(variant.title)] for variant in variants]
    for corpus in config.corpora:
        for metric in metrics:
            if available(config, corpus, metric):
                samples = {variant: found[(corpus, metric, variant.method, variant.name)] for variant in variants}
                cells = _best_cells(config, samples, metric)
            else:
                cells = [Cell(NOT_AVAILABLE, record=_identity(variant, metric)) for variant in variants]
            for row, cell, variant in zip(rows, cells, variants, strict=True):
                row.append(_placed(marked(cell, flaws.get((corpus, variant.method, variant.name), 0)), corpus, k))
    return rows


def controls(config: Config, frame: pd.DataFrame, metrics: Sequence[str], k: int | None = None) -> list[Section]:
    """Under "Controls" one row of means per control, compared with nothing; no section where there is none.

    Args:
        config: gives the corpora and the controls.
        frame: scores that hold those of experiment "controls".
        metrics: the columns under each corpus.
        k: only this number of topics; None: all together.
    """
    if not experiment_runs(config, "controls"):
        return []
    found = samples_of(select(config, frame, "controls", metrics), k)
    rows = []
    for variant in control_variants(config):
        row = [Cell(variant.title)]
        for corpus in config.corpora:
            for metric in metrics:
                values = found.get((corpus, metric, variant.method, variant.name))
                text = NOT_AVAILABLE if values is None else number(float(values.mean()), METRICS[metric].decimals)
                record = _identity(variant, metric) | ({} if values is None else _summary(values))
                row.append(_placed(Cell(text, record=record), corpus, k))
        rows.append(row)
    return [Section(rows, "Controls")]


def differences(
    config: Config,
    scores: pd.DataFrame,
    original: Variant,
    ablated: Sequence[Variant],
    metrics: Sequence[str],
    title: str = "Original",
) -> list[list[Cell]]:
    """The original's means under ``title``, then one row per ablated variant: its means minus the original's."""
    found, flaws = samples_of(scores), flawed.flawed_runs(scores)
    rows = [[Cell(title)]] + [[Cell(variant.title)] for variant in ablated]
    for corpus in config.corpora:
        for metric in metrics:
            if available(config, corpus, metric):
                samples = {
                    variant: found[(corpus, metric, variant.method, variant.name)] for variant in (original, *ablated)
                }
                cells = _difference_cells(config, samples, original, metric)
            else:
                cells = [Cell(NOT_AVAILABLE, record=_identity(variant, metric)) for variant in (original, *ablated)]
            for row, cell, variant in zip(rows, cells, (original, *ablated), strict=True):
                row.append(_placed(marked(cell, flaws.get((corpus, variant.method, variant.name), 0)), corpus, None))
    return rows


def baselines_and_ours(variants: Sequence[Variant], rows: Sequence[Sequence[Cell]]) -> list[Section]:
    """Rows of methods that read no language model, then under "Ours" those that do."""
    pairs = list(zip(variants, rows, strict=True))
    sections = [Section([row for variant, row in pairs if variant.slm is None])]
    sections += [Section([row for variant, row in pairs if variant.slm is not None], "Ours")]
    return [section for section in sections if section.rows]


def decisive(config: Config, comparison: Comparison) -> float:
    """The p-value that decides on the highlighting: Holm's where the protocol corrects, else the plain one."""
    return comparison.p_holm if config.protocol.correction == "holm" else comparison.test.p


def _best_cells(config: Config, samples: Mapping[Variant, np.ndarray], metric: str) -> list[Cell]:
    higher = METRICS[metric].higher_is_better
    best = best_of(samples, higher)
    compared = {comparison.other: comparison for comparison in against_best(samples, higher)}
    cells = []
    for variant, values in samples.items():
        mark: Mark = ""
        if values.mean() == samples[best].mean():
            mark = "best"
        elif decisive(config, compared[variant]) >= ALPHA:
            mark = "tied"
        record = {**_identity(variant, metric), **_summary(values), "mark": mark, "compared_with": best.title}
        record |= _tested(compared.get(variant), samples)
        cells.append(Cell(number(float(values.mean()), METRICS[metric].decimals), mark, record))
    return cells


def _difference_cells(
    config: Config, samples: Mapping[Variant, np.ndarray], original: Variant, metric: str
) -> list[Cell]:
    compared = {comparison.other: comparison for comparison in against(samples, original)}
    decimals = METRICS[metric].decimals
    cells = []
    for variant, values in samples.items():
        mark: Mark = ""
        text = number(float(values.mean()), decimals)
        if comparison := compared.get(variant):
            # The test's difference is original minus ablated.
            change = -comparison.test.difference
            text = signed(change, decimals)
            if decisive(config, comparison) < ALPHA:
                mark = "better" if (change > 0) == METRICS[metric].higher_is_better else "worse"
        record = {**_identity(variant, metric), **_summary(values), "mark": mark, "compared_with": original.title}
        record |= _tested(comparison, samples)
        cells.append(Cell(text, mark, record))
    return cells


def _identity(variant: Variant, metric: str) -> dict[str, Any]:
    return {"method": variant.method, "variant": variant.name, "title": variant.title, "metric": metric}


def _placed(cell: Cell, corpus: str, k: int | None) -> Cell:
    place = {"corpus": corpus} if k is None else {"num_topics": k, "corpus": corpus}
    return Cell(cell.text, cell.mark, {**place, **cell.record})


def marked(cell: Cell, flawed_runs: int) -> Cell:
    """The cell with a double dagger if some of its runs are flawed, and how many in its record."""
    if cell.text == NOT_AVAILABLE:
        return cell
    sign = flawed.MARK if flawed_runs else ""
    return Cell(f"{cell.text}{sign}", cell.mark, {**cell.record, "flawed_runs": flawed_runs})


def _summary(values: np.ndarray) -> dict[str, Any]:
    return {"n": values.size, "mean": values.mean(), "sd": values.std(ddof=1) if values.size > 1 else None}


def _tested(comparison: Comparison | None, samples: Mapping[Variant, np.ndarray]) -> dict[str, Any]:
    columns = ("difference", "t", "df", "p", "p_holm", "hedges_g", "ci_low", "ci_high", "note")
    if comparison is None:
        return dict.fromkeys(columns)
    test = comparison.test
    effect = hedges_g(samples[comparison.other], samples[comparison.best])
    # Said of the row: how far it lies above what it is compared with.
    values = (
        -test.difference,
        -test.t,
        test.df,
        test.p,
        comparison.p_holm,
        effect.g,
        effect.low,
        effect.high,
        test.note,
    )
    return dict(zip(columns, values, strict=True))
