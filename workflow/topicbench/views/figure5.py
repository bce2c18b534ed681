"""Figure 5: the four metrics of every method against the size of the vocabulary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from topicbench.views import style
from topicbench.views.contract import About, Drawing, Scores, View
from topicbench.views.frame import MAIN_METRICS, means, select

ROW = ["method", "variant", "title", "ours"]
COLUMNS = ["corpus", "metric", "metric_title", *ROW, "vocabulary_size", "mean", "se", "n"]


class Figure5(View):
    name = "figure5"
    label = "Figure 5"
    summary = "Coherence, rating, diversity and purity of every method against the size of the vocabulary."
    category = "Reproduction"
    kind = "figure"
    order = 9
    wide = True
    experiment = "vocabulary"

    def make(self, scores: Scores) -> Drawing:
        points = points_of(scores)
        return Drawing(draw(points, scores.about), points, caption(points, scores.about))


def points_of(scores: Scores) -> pd.DataFrame:
    """The points of all panels.

    Returns:
        corpus, metric, metric_title, method, variant, title, ours, vocabulary_size, mean, se (standard error over K
        and seeds, NaN for one run), n. A metric that cannot be had has no rows.
    """
    # The role is the size, of which every method has every one.
    about, scores = scores.about, replace(scores, rows=scores.rows.assign(role=""))
    selected = select(scores, MAIN_METRICS)
    selected["ours"] = selected["group"] == "ours"
    parts = []
    for metric in MAIN_METRICS:
        of_metric = selected[selected["metric"] == metric]
        for _, rows in of_metric.groupby(ROW, sort=False):
            parts.append(means(rows, ["corpus", "metric", *ROW, "vocabulary_size"]).sort_values("vocabulary_size"))
    points = pd.concat(parts, ignore_index=True)
    points["metric_title"] = [about.metrics[metric].title for metric in points["metric"]]
    points["se"] = points["sd"] / np.sqrt(points["n"])
    return points[COLUMNS]


def draw(points: pd.DataFrame, about: About) -> Figure:
    """One panel per metric, two to a row; our method in red over the others."""
    metrics = list(dict.fromkeys(points["metric"]))
    sizes = sorted(points["vocabulary_size"].unique())
    methods = dict(zip(points["method"], points["ours"], strict=True))
    with style.applied():
        count = -(-len(metrics) // 2)
        figure = Figure(figsize=(style.DOUBLE_COLUMN, 1.8 * count + 0.7), layout="constrained")
        panels = figure.subplots(count, 2, squeeze=False).ravel()
        for axes, metric in zip(panels, metrics, strict=False):
            axes.grid(True, axis="y")
            axes.set_xscale("log", base=2)
            for (method, title), line in points[points["metric"] == metric].groupby(["method", "title"], sort=False):
                ours = methods[method]
                emphasis = {"linewidth": 1.7, "markersize": 6.5, "zorder": 3} if ours else {"zorder": 2}
                axes.errorbar(
                    line["vocabulary_size"],
                    line["mean"],
                    yerr=line["se"].fillna(0.0),
                    elinewidth=0.7,
                    capsize=1.5,
                    label=style.plain(title) + (" (ours)" if ours else ""),
                    **style.method_style(methods, method),
                    **emphasis,
                )
            axes.xaxis.set_major_locator(FixedLocator(sizes))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(lambda size, _: f"{size:,.0f}")
            axes.set_ylabel(about.metrics[metric].latex)
            axes.margins(x=0.04)
        for axes in panels[max(len(metrics) - 2, 0) : len(metrics)]:
            axes.set_xlabel("vocabulary size |V| (words)")
        for axes in panels[len(metrics) :]:
            axes.set_axis_off()
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside lower center", ncols=min(5, len(handles)), title=style.absent(about, metrics)
        )
    return figure


def caption(points: pd.DataFrame, about: About) -> str:
    """Which corpus and runs the points are of, and which are ours."""
    ours = ", ".join(dict.fromkeys(points.loc[points["ours"], "title"]))
    return (
        f"Effect of the size of the vocabulary on {about.corpora[points['corpus'].iloc[0]].title}: mean and standard "
        f"error over {style.runs(about)}." + (f" Ours with {ours} in red." if ours else "")
    )
