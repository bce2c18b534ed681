"""Coherence under several identities, and how far they rank the methods alike.

Not in the paper, which has one C_V. What is called C_V depends on the reference corpus and on how windows are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from topicbench.config.schema import Config
from topicbench.experiments.runs import Variant, main_variants
from topicbench.metrics.contract import METRICS
from topicbench.views import caption, flawed
from topicbench.views.frame import SECOND_METRICS, samples, select
from topicbench.views.grid import marked
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Section, Table, number


def identities(config: Config) -> tuple[str, ...]:
    """The coherence metrics there are."""
    return ("c_v", "c_v_other_counting", "c_npmi", *(SECOND_METRICS if config.second_reference else ()))


def make(config: Config, frame: pd.DataFrame) -> Table:
    """The table from the scores of experiment "main"."""
    metrics, variants = identities(config), main_variants(config)
    scores = select(config, frame, "main", metrics)
    found = samples(scores)
    means = {
        (corpus, metric): np.array(
            [found[(corpus, metric, variant.method, variant.name)].mean() for variant in variants]
        )
        for corpus in config.corpora
        for metric in metrics
    }
    grid = config.experiments.main
    n = len(variants)
    headings = [Heading(METRICS[metric].title, latex=METRICS[metric].latex) for metric in metrics]
    return Table(
        name="coherence_agreement",
        caption=f"Coherence under {len(metrics)} identities. {caption.averaged(config, grid)} In parentheses the rank "
        f"among the {n} methods, ties sharing their mean rank; below, Kendall’s τ-b of the methods’ means by two "
        f"identities (n = {n} methods; 1: the same order, 0: as many pairs in opposite as in the same order). "
        f"{caption.setting(config, config.corpora)} "
        f"{caption.metrics(config, metrics, config.corpora)}{flawed.sentence(scores)}",
        columns=[Heading("Method"), *headings * len(config.corpora)],
        sections=[
            Section(_methods(variants, config, metrics, means, flawed.flawed_runs(scores))),
            Section(_agreement(config, metrics, means), "Kendall’s τ-b"),
        ],
        groups=[Heading(corpus.title, len(metrics)) for corpus in config.corpora.values()],
        wide=True,
    )


Means = dict[tuple[str, str], np.ndarray]
"""(corpus, metric) → mean of each method."""


def _methods(
    variants: Sequence[Variant],
    config: Config,
    metrics: Sequence[str],
    means: Means,
    flaws: Mapping[tuple[str, str, str], int],
) -> list[list[Cell]]:
    rows = [[Cell(variant.title)] for variant in variants]
    for corpus in config.corpora:
        for metric in metrics:
            values = means[corpus, metric]
            ranks = stats.rankdata(-values)
            for row, variant, value, rank in zip(rows, variants, values, ranks, strict=True):
                identity = {"corpus": corpus, "method": variant.method, "variant": variant.name, "title": variant.title}
                record = {**identity, "metric": metric, "mean": value, "rank": rank}
                cell = Cell(f"{number(float(value), METRICS[metric].decimals)} ({rank:g})", record=record)
                row.append(marked(cell, flaws.get((corpus, variant.method, variant.name), 0)))
    return rows


def _agreement(config: Config, metrics: Sequence[str], means: Means) -> list[list[Cell]]:
    """The upper triangle: every pair of identities once."""
    rows = []
    for place, first in enumerate(metrics[:-1]):
        row = [Cell(METRICS[first].title)]
        for corpus in config.corpora:
            for other, second in enumerate(metrics):
                if other <= place:
                    row.append(Cell(""))
                    continue
                left, right = means[corpus, first], means[corpus, second]
                tau, p = stats.kendalltau(left, right)
                record = {"corpus": corpus, "metric": first, "other_metric": second, "n": len(left), "tau": tau, "p": p}
                # Not a number where either ranks all methods the same.
                row.append(Cell(NOT_AVAILABLE if np.isnan(tau) else number(float(tau), 2), record=record))
        rows.append(row)
    return rows
