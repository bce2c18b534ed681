"""How every figure looks: one set of rcParams, one palette, one way to save.

Fonts are those matplotlib carries itself, so that a figure has the same bytes wherever it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from topicbench.core.files import write_text, written_beside
from topicbench.views.caption import listed
from topicbench.views.contract import About, Drawing
from topicbench.views.frame import MAIN_METRICS

SINGLE_COLUMN, DOUBLE_COLUMN = 3.25, 6.75
"""Widths in inches of one and both columns of the paper."""

GREEN, ORANGE, RED = "#009E73", "#E69F00", "#D55E00"
"""Okabe and Ito's bluish green, orange and vermilion."""

_BASELINES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#999999", "#B8A400")
"""Okabe and Ito's palette without vermilion, which is ours; grey added, yellow darkened to show on white."""

_MARKERS = ("o", "s", "^", "v", "D", "P", "X", "<", ">", "p", "h")
_DASHES = ((0, ()), (0, (4, 1.2)), (0, (1.2, 1.2)), (0, (5, 1.2, 1.2, 1.2)), (0, (2.5, 1)))

_PARAMETERS: Any = {
    "font.family": ["STIXGeneral", "DejaVu Sans"],
    "mathtext.fontset": "stix",
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.6,
    "pdf.fonttype": 42,
    "figure.dpi": 150,
    "savefig.dpi": 300,
}


@contextmanager
def applied() -> Iterator[None]:
    """matplotlib's defaults with the paper's parameters over them, whatever the user's own matplotlibrc says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_PARAMETERS)
        yield


def save(figure: Figure, pdf_path: str | Path, png_path: str | Path) -> None:
    """Write ``figure`` as PDF and PNG; the same figure gives the same bytes, for no date or version is written."""
    with applied():
        with written_beside(pdf_path) as partial:
            figure.savefig(partial, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
        with written_beside(png_path) as partial:
            figure.savefig(partial, format="png", metadata={"Software": None})


def write(
    drawing: Drawing, pdf_path: str | Path, png_path: str | Path, csv_path: str | Path, caption_path: str | Path
) -> None:
    """Write a figure, the numbers it draws, and its caption."""
    save(drawing.figure, pdf_path, png_path)
    with written_beside(csv_path) as partial:
        drawing.data.to_csv(partial, index=False, lineterminator="\n")
    write_text(caption_path, drawing.caption + "\n")


def method_style(ours: Mapping[str, bool], method: str) -> dict[str, Any]:
    """Line properties of a method: ours red and solid, others by their place among those; ``ours``: which are."""
    place = [name for name, is_ours in ours.items() if is_ours == ours[method]].index(method)
    if ours[method]:
        marker = "*" if place == 0 else _MARKERS[place % len(_MARKERS)]
        return {"color": RED, "marker": marker, "linestyle": "-"}
    return series_style(place)


def series_style(place: int) -> dict[str, Any]:
    """Line properties of the ``place``-th of several series none of which is ours."""
    # The three cycles have coprime lengths: no combination returns before 8 × 11 × 5 series.
    return {
        "color": _BASELINES[place % len(_BASELINES)],
        "marker": _MARKERS[place % len(_MARKERS)],
        "linestyle": _DASHES[place % len(_DASHES)],
    }


def absent(about: About, metrics: Iterable[str]) -> str:
    """Which of the main metrics are not among ``metrics``, in words; empty where none is missing."""
    missing = [about.metrics[metric].title for metric in MAIN_METRICS if metric not in set(metrics)]
    return f"not available: {', '.join(missing)}" if missing else ""


def plain(text: object) -> str:
    """``text`` as matplotlib shows it verbatim: a pair of dollars would start mathematics."""
    return str(text).replace("$", r"\$")


def runs(about: About) -> str:
    """The grid a mean is over, in words."""
    count = len(about.seeds)
    return f"K = {listed(about.num_topics)} and {count} {'seed' if count == 1 else 'seeds'}"
