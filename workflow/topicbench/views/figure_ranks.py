"""Critical-difference diagrams of the methods' mean ranks (Demšar 2006, figure 1), one per main metric.

Not in the paper: its tables compare methods corpus by corpus, this compares them over all.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from topicbench.core.errors import TopicbenchError
from topicbench.statistics.ranks import critical_difference, labels
from topicbench.views import style
from topicbench.views.contract import About, Drawing, Scores, View
from topicbench.views.frame import MAIN_METRICS, select

_LEVEL = 0.155
"""Inches between the lines of two labels."""

_AXIS = 1.1
"""Inches the axis of ranks needs; longer labels leave room for one diagram to a row only."""


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
    """Two diagrams to a row; rank 1, the best, at the left."""
    metrics = list(dict.fromkeys(ranks["metric"]))
    if not metrics:
        raise TopicbenchError("figure of ranks", "no metric to rank by")
    with style.applied():
        margin = max(_inches(label) for label in ranks.loc[ranks["kind"] == "method", "label"].unique()) + 0.45
        fits = style.DOUBLE_COLUMN / 2 - 2 * margin >= _AXIS
        columns = min(2, len(metrics)) if fits else 1
        count = -(-len(metrics) // columns)
        depth = max(_depth(rows) for _, rows in ranks.groupby("metric"))
        height = _LEVEL * depth + 0.75
        figure = Figure(figsize=(style.DOUBLE_COLUMN, height * count))
        width = style.DOUBLE_COLUMN / columns
        for place, metric in enumerate(metrics):
            left, top = place % columns, place // columns
            axes = figure.add_axes(
                (left / columns + 0.012, 1 - (top + 1) / count + 0.01, 1 / columns - 0.024, 1 / count - 0.02)
            )
            inside = width - 0.024 * style.DOUBLE_COLUMN
            _diagram(axes, ranks[ranks["metric"] == metric], about.metrics[metric].latex, inside, height, depth, margin)
    return figure


def _inches(text: str) -> float:
    font = FontProperties(family=["STIXGeneral", "DejaVu Sans"], size=7)
    return text_to_path.get_text_width_height_descent(text, font, ismath=False)[0] / 72


def _depth(rows: pd.DataFrame) -> float:
    """Levels below the axis: one per label of the longer side, and the cliques above them."""
    return -(-int(rows["k"].iloc[0]) // 2) + 0.6 * len(_bars(rows))


def _bars(rows: pd.DataFrame) -> list[list[tuple[float, float]]]:
    """Cliques in as few lines as keep them apart."""
    lines: list[list[tuple[float, float]]] = []
    for start, stop in rows.loc[rows["kind"] == "clique", ["rank", "to"]].sort_values("rank").to_numpy():
        line = next((line for line in lines if line[-1][1] + 0.15 < start), None)
        if line is None:
            lines.append(line := [])
        line.append((start, stop))
    return lines


def _diagram(
    axes: Axes, rows: pd.DataFrame, title: str, width: float, height: float, depth: float, margin: float
) -> None:
    """Coordinates: ranks across, label lines down, inches outside the ranks for the labels."""
    methods = rows[rows["kind"] == "method"].reset_index(drop=True)
    k, cd, blocks = int(rows["k"].iloc[0]), rows["cd"].iloc[0], rows["n_blocks"].iloc[0]
    unit = (k - 1) / (width - 2 * margin)
    axes.set(xlim=(1 - margin * unit, k + margin * unit), ylim=(depth + 0.5, -(height / _LEVEL) + depth + 0.5))
    axes.set_axis_off()
    axes.plot((1, k), (0, 0), color="black", linewidth=0.8)
    for rank in range(1, k + 1):
        axes.plot((rank, rank), (0, -0.35), color="black", linewidth=0.8)
        axes.text(rank, -0.5, str(rank), ha="center", va="bottom", fontsize=7)
    axes.text(1 - margin * unit, -3.3, title, ha="left", va="center")
    if cd <= k - 1:
        axes.plot(
            (1, 1, 1, 1 + cd, 1 + cd, 1 + cd), (-2.2, -1.7, -1.95, -1.95, -2.2, -1.7), color="black", linewidth=0.8
        )
        axes.text(1 + cd / 2, -2.25, f"CD = {cd:.2f}", ha="center", va="bottom", fontsize=7)
    else:
        axes.text(1, -2.25, f"CD = {cd:.2f}, more than the axis is long", ha="left", va="bottom", fontsize=7)
    axes.text(k + margin * unit, -3.3, f"{blocks} blocks", ha="right", va="center", fontsize=7)
    lines = _bars(rows)
    for place, line in enumerate(lines):
        for start, stop in line:
            level = 0.5 + 0.6 * place
            axes.plot((start, stop), (level, level), color="black", linewidth=2.4, solid_capstyle="round")
    first = 0.6 + 0.6 * len(lines)
    half = -(-k // 2)
    for place, method in methods.iterrows():
        at_left = place < half
        level = first + (place if at_left else k - 1 - place)
        edge = 1 - 0.06 * unit if at_left else k + 0.06 * unit
        colour = style.RED if method["ours"] else "black"
        axes.plot((method["rank"], method["rank"], edge), (0, level, level), color=colour, linewidth=0.7)
        text = style.plain(method["label"])
        text = f"{text}  {method['rank']:.2f}" if at_left else f"{method['rank']:.2f}  {text}"
        side = "right" if at_left else "left"
        axes.text(
            edge + (-0.03 if at_left else 0.03) * unit, level, text, ha=side, va="center", fontsize=7, color=colour
        )


def caption(ranks: pd.DataFrame, about: About) -> str:
    """What was ranked, what the bars mean, and what the ranks do not prove."""
    missing = style.absent(about, ranks["metric"])
    return (
        f"Mean ranks of the methods over all corpora and {style.runs(about)} (a block is a corpus and a K, each "
        "method’s score in it the mean over seeds; 1 is best). Methods joined by a bar do not differ by more than "
        "Nemenyi’s critical difference (CD, α = 0.05). Blocks of one corpus are not independent, so this describes "
        "rather than tests. Ours in red." + (f" N{missing[1:]}." if missing else "")
    )
