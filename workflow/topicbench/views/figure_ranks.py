"""Critical-difference diagrams of the methods' mean ranks (Demšar 2006, figure 1), one per main metric.

Not in the paper: its tables compare methods corpus by corpus, this compares them over all.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from topicbench.core.errors import TopicbenchError
from topicbench.statistics.ranks import critical_difference, labels
from topicbench.views import style
from topicbench.views.contract import About, Drawing, Scores, View
from topicbench.views.frame import MAIN_METRICS, select

LINE, SHORT = 0.16, 16
"""Inches from one label to the next, and the longest label (in characters) that leaves room for two in a row."""

COLUMNS = ["metric", "metric_title", "kind", "label", "ours", "rank", "to", "cd", "n_blocks", "k"]


class FigureRanks(View):
    name = "figure_ranks"
    label = "Mean ranks"
    summary = "Critical-difference diagrams: mean ranks of all methods over corpora and K, per metric."
    category = "Beyond the paper"
    kind = "figure"
    order = 35
    wide = True
    experiment = "main"

    def make(self, scores: Scores) -> Drawing:
        ranks = ranks_of(scores)
        return Drawing(draw(ranks, scores.about), ranks, caption(ranks, scores.about))


def ranks_of(scores: Scores) -> pd.DataFrame:
    """What the diagrams show.

    Returns:
        metric, metric_title, kind, label, ours, rank, to, cd, n_blocks, k. A row of kind "method" has its mean rank;
        one of kind "clique" spans ``rank`` to ``to``, within which no two methods differ. The critical difference
        cd, the number of blocks and of methods are the same in all rows of a metric.

    Raises:
        TopicbenchError: a value is missing, or there is only one method.
    """
    about, selected = scores.about, select(scores, MAIN_METRICS)
    selected = selected[selected["group"] != "control"]
    groups = selected.set_index(["method", "variant"])["group"].to_dict()
    ours = {label: groups[row] == "ours" for row, label in labels(selected).items()}
    rows = []
    for metric in selected["metric"].unique():
        ranks = critical_difference(selected, metric, about.metrics[metric].higher_is_better)
        common = {"metric": metric, "metric_title": about.metrics[metric].title}
        sizes = {"cd": ranks.cd, "n_blocks": ranks.n_blocks, "k": ranks.k}
        for label, rank in ranks.mean_ranks.items():
            rows.append({**common, "kind": "method", "label": label, "ours": ours[label], "rank": rank, **sizes})
        for clique in ranks.cliques:
            ends = {"rank": ranks.mean_ranks[clique[0]], "to": ranks.mean_ranks[clique[-1]]}
            rows.append({**common, "kind": "clique", "label": "; ".join(clique), "ours": False, **ends, **sizes})
    return pd.DataFrame(rows, columns=COLUMNS)


def draw(ranks: pd.DataFrame, about: About) -> Figure:
    """One diagram per metric, two to a row where the labels leave room; rank 1, the best, at the left."""
    metrics = list(ranks.groupby("metric", sort=False))
    if not metrics:
        raise TopicbenchError("figure of ranks", "no metric to rank by")
    columns = 2 if ranks.loc[ranks["kind"] == "method", "label"].str.len().max() <= SHORT else 1
    count = -(-len(metrics) // columns)
    # Lines below the axis: one per label of the longer side, and at most one per clique.
    depth = max((rows["k"].iloc[0] + 1) // 2 + (rows["kind"] == "clique").sum() for _, rows in metrics) + 1
    with style.applied():
        size = style.DOUBLE_COLUMN, count * (LINE * depth + 0.75)
        figure = Figure(figsize=size, layout="constrained")
        panels = figure.subplots(count, columns, squeeze=False).ravel()
        for axes, (metric, rows) in zip(panels, metrics, strict=False):
            _diagram(axes, rows, about.metrics[metric].latex)
            axes.set_ylim(-depth, 0)
        for axes in panels[len(metrics) :]:
            axes.set_axis_off()
    return figure


def _diagram(axes: Axes, rows: pd.DataFrame, title: str) -> None:
    # Imported here: it takes seconds.
    from scikit_posthocs import critical_difference_diagram

    rows = rows.assign(label=[style.plain(label) for label in rows["label"]])
    methods = rows[rows["kind"] == "method"].set_index("label")
    k, cd, blocks = methods[["k", "cd", "n_blocks"]].iloc[0]
    alike = pd.DataFrame(0.0, methods.index, methods.index)
    for start, stop in rows.loc[rows["kind"] == "clique", ["rank", "to"]].to_numpy():
        inside = methods.index[methods["rank"].between(start, stop)]
        alike.loc[inside, inside] = 1.0
    drawn = critical_difference_diagram(
        methods["rank"],
        alike,
        ax=axes,
        label_fmt_left="{label}  {rank:.2f} ",
        label_fmt_right=" {rank:.2f}  {label}",
        label_props={"fontsize": 7},
        elbow_props={"linewidth": 0.7},
        marker_props={"s": 0},
        crossbar_props={"linewidth": 2.4, "solid_capstyle": "round"},
        color_palette={label: style.RED if ours else "black" for label, ours in methods["ours"].items()},
    )
    # Each is drawn through its methods in the order of a set, which is another in every process.
    for [bar] in drawn["crossbars"]:
        bar.set_data((min(bar.get_xdata()), max(bar.get_xdata())), bar.get_ydata()[:2])
    axes.spines["top"].set_visible(True)
    axes.tick_params(labelsize=7)
    axes.set(xlim=(1, k), xticks=range(1, int(k) + 1))
    # The critical difference as long as it is on the axis, and what it is.
    fits = cd <= k - 1
    above = axes.get_xaxis_transform() + ScaledTranslation(0, 19 / 72, axes.get_figure().dpi_scale_trans)
    bar = {"color": "black", "linewidth": 0.8, "marker": "|" if fits else "", "clip_on": False, "transform": above}
    axes.plot((1, 1 + cd if fits else k), (1, 1), **bar)
    remark = "" if fits else " (beyond the axis)"
    axes.set_title(f"{title}   CD = {cd:.2f}{remark}; {blocks:.0f} blocks", loc="left", pad=23)


def caption(ranks: pd.DataFrame, about: About) -> str:
    """What was ranked, what the bars mean, and what the ranks do not prove."""
    missing = style.absent(about, ranks["metric"])
    return (
        f"Mean ranks of the methods over all corpora and {style.runs(about)} (a block is a corpus and a K, each "
        "method’s score in it the mean over seeds; 1 is best). Methods joined by a bar do not differ by more than "
        "Nemenyi’s critical difference (CD, α = 0.05). Blocks of one corpus are not independent, so this describes "
        "rather than tests. Ours in red." + (f" N{missing[1:]}." if missing else "")
    )
