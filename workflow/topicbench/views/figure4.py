"""Figure 4: the four metrics against the temperature of the soft label, one panel per corpus.

Each metric is averaged over K and seeds and scaled to [0, 1] over the temperatures; one that does not vary is drawn
at one half.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from topicbench.views import style
from topicbench.views.caption import listed
from topicbench.views.contract import About, Drawing, Scores, View
from topicbench.views.frame import MAIN_METRICS, available, means, select

PANELS_PER_ROW = 3
COLUMNS = [
    *("corpus", "corpus_title", "metric", "metric_title"),
    *("temperature", "configured", "mean", "sd", "n", "normalised"),
]


def normalised(values: np.ndarray) -> np.ndarray:
    """``values`` scaled to [0, 1]; all one half where they do not vary beyond rounding."""
    values = np.asarray(values, dtype=np.float64)
    low, high = values.min(), values.max()
    # Means of equal numbers differ in their last bits, which scaling would blow up to a curve.
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return np.full(values.shape, 0.5)
    return (values - low) / (high - low)


class Figure4(View):
    name = "figure4"
    label = "Figure 4"
    summary = "Coherence, rating, diversity and purity against the temperature of the soft label, on every corpus."
    category = "Reproduction"
    kind = "figure"
    order = 8
    wide = True
    experiment = "temperature"

    def make(self, scores: Scores) -> Drawing:
        points = curves(scores)
        return Drawing(draw(points, scores.about), points, caption(points, scores))


def curves(scores: Scores) -> pd.DataFrame:
    """The curves of every corpus.

    Returns:
        corpus, corpus_title, metric, metric_title, temperature, configured (whether it is the temperature all other
        experiments use), mean, sd (of single runs, NaN for one), n, normalised. A metric that cannot be had on a
        corpus (`topicbench.views.frame.available`) has no rows there.
    """
    about, selected = scores.about, select(scores, MAIN_METRICS)
    selected = selected.assign(temperature=selected["role"].astype(float))
    softlabel = about.methods.get("softlabel")
    configured = softlabel and softlabel.settings["temperature"]
    parts = []
    for (corpus, title), rows in selected.groupby(["corpus", "corpus_title"], sort=False):
        for metric in (metric for metric in MAIN_METRICS if available(about, corpus, metric)):
            points = means(rows[rows["metric"] == metric], ["temperature"]).sort_values("temperature")
            names = {"corpus": corpus, "corpus_title": title}
            names |= {"metric": metric, "metric_title": about.metrics[metric].title}
            points["configured"] = points["temperature"] == configured
            points["normalised"] = normalised(points["mean"].to_numpy())
            parts.append(points.assign(**names))
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def draw(points: pd.DataFrame, about: About) -> Figure:
    """One panel per corpus."""
    corpora = list(points.groupby(["corpus", "corpus_title"], sort=False))
    columns = min(PANELS_PER_ROW, len(corpora))
    rows = -(-len(corpora) // columns)
    with style.applied():
        width = style.SINGLE_COLUMN if columns == 1 else style.DOUBLE_COLUMN
        figure = Figure(figsize=(width, 1.85 * rows + 0.4), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        for axes, ((_, title), rows_of_corpus) in zip(panels, corpora, strict=False):
            panel(axes, rows_of_corpus, about)
            axes.set_title(style.plain(title))
            axes.label_outer()
        for axes in panels[len(corpora) :]:
            axes.set_axis_off()
        legend(figure, points, about, panels)
    return figure


def panel(axes: Axes, points: pd.DataFrame, about: About, ranges: bool = False) -> None:
    """One line per metric over the temperatures of one corpus; ``ranges``: label each with the range of its means."""
    axes.grid(True, axis="y")
    for tau in points.loc[points["configured"], "temperature"].unique():
        axes.axvline(tau, color="#888888", linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)
    for metric, curve in points.groupby("metric", sort=False):
        label, decimals = about.metrics[metric].latex, about.metrics[metric].decimals
        if ranges:
            label += f" ({curve['mean'].min():.{decimals}f} to {curve['mean'].max():.{decimals}f})"
        # The extremes lie on the frame by construction, and their markers must not be cut.
        line = style.series_style(MAIN_METRICS.index(metric))
        axes.plot(curve["temperature"], curve["normalised"], label=label, clip_on=False, **line)
    axes.set(ylim=(0, 1), xlabel="temperature τ of the soft label", ylabel="normalised score")
    axes.margins(x=0.03)
    taus = sorted(points["temperature"].unique())
    whole = [tau for tau in taus if float(tau).is_integer()]
    ticks = taus if len(whole) < 3 else whole
    axes.set_xticks(ticks, [f"{tau:g}" for tau in ticks])


def legend(figure: Figure, points: pd.DataFrame, about: About, panels: Iterable[Axes]) -> None:
    """Below the panels: every metric drawn, and which of the four could not be."""
    handles: dict[str, Any] = {}
    for axes in panels:
        handles |= {label: handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    columns = len(handles) if figure.get_figwidth() > style.SINGLE_COLUMN else 2
    missing = style.absent(about, points["metric"])
    figure.legend([*handles.values()], [*handles], loc="outside lower center", ncols=columns, title=missing)


def caption(points: pd.DataFrame, scores: Scores) -> str:
    """Which corpora, language model and runs the curves are of, and how they were scaled."""
    slm = scores.about.language_models[scores.rows["slm"].iloc[0]].title
    *others, last = dict.fromkeys(points["corpus_title"])
    titles = f"{listed(others)} and {last}" if others else last
    return (
        f"Results on {titles} with {slm} for various values of the temperature τ. Each metric is the mean "
        f"over {style.runs(scores.about)}, "
        "scaled to [0, 1] over the temperatures to show trends, not sizes (a metric that does not vary is "
        "drawn at 0.5). Dotted: the temperature of all other experiments."
    )
