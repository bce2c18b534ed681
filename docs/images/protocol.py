"""The picture of the README: ``python docs/images/protocol.py results/protocol.csv docs/images/protocol.png``.

Purity and P@5 of every method under the paper's protocol and under the corrected one, from the table of the experiment
`protocol`. The workflow's own figures are in `topicbench.views`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "workflow"))

from topicbench.views import style

PANELS = {"purity": "Purity", "precision_at_5": "P@5"}
BLUE, GREY = "#0072B2", "#777777"


def draw(table: pd.DataFrame) -> Figure:
    """A panel per metric and a line per method, bars as long as the standard deviation to either side."""
    methods = table[table["section"].isna()]
    order = list(methods["title"].unique())[::-1]
    with style.applied():
        figure = Figure(figsize=(style.DOUBLE_COLUMN, 2.8), layout="constrained")
        panels = figure.subplots(1, len(PANELS), sharey=True)
        for axes, (metric, title) in zip(panels, PANELS.items(), strict=True):
            for place, method in enumerate(order):
                _line(axes, place, methods[(methods["metric"] == metric) & (methods["title"] == method)])
            axes.set(title=title, yticks=range(len(order)), yticklabels=order)
            axes.set_xlim(left=0)
            axes.grid(axis="x")
        marks = [("o", "black", "white"), ("o", "black", "black"), ("s", GREY, GREY)]
        legend = [panels[0].plot([], [], mark, color=edge, markerfacecolor=face)[0] for mark, edge, face in marks]
        figure.legend(legend, ["paper", "corrected", "the same in both"], loc="outside lower center", ncols=3)
    return figure


def _line(axes: Axes, place: int, rows: pd.DataFrame) -> None:
    colour = style.RED if rows["method"].iloc[0].startswith("softlabel") else BLUE
    axes.plot(rows["mean"], [place] * len(rows), color="#cccccc", linewidth=2, zorder=0)
    for protocol, mean, sd in rows[["protocol", "mean", "sd"]].itertuples(index=False, name=None):
        mark, edge = ("s", GREY) if protocol == "both" else ("o", colour)
        face = "white" if protocol == "paper" else edge
        axes.errorbar(mean, place, xerr=sd, fmt=mark, color=edge, markerfacecolor=face, elinewidth=0.8)


if __name__ == "__main__":
    draw(pd.read_csv(sys.argv[1])).savefig(sys.argv[2], dpi=160, metadata={"Software": None})
