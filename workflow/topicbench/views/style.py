"""How every figure looks: one set of rcParams, one palette, one way to save.

Fonts are those matplotlib carries itself, so that a figure has the same bytes wherever it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from topicbench.config.schema import Config
from topicbench.core.files import write_text, written_beside
from topicbench.metrics.contract import METRICS
from topicbench.models.contract import create
from topicbench.views.frame import MAIN_METRICS

SINGLE_COLUMN, DOUBLE_COLUMN = 3.25, 6.75
"""Widths in inches of one and both columns of the paper."""

GREEN, ORANGE, RED = "#009E73", "#E69F00", "#D55E00"
"""Okabe and Ito's bluish green, orange and vermilion."""

_BASELINES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#000000", "#999999", "#B8A400")
"""Okabe and Ito's palette without vermilion, which is ours; grey added, yellow darkened to show on white."""

_MARKERS = ("o", "s", "^", "v", "D", "P", "X", "<", ">", "p", "h")
_DASHES = ((0, ()), (0, (4, 1.2)), (0, (1.2, 1.2)), (0, (5, 1.2, 1.2, 1.2)), (0, (2.5, 1)))

_PARAMETERS: dict[str, Any] = {
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
    figure: Figure,
    data: pd.DataFrame,
    caption: str,
    pdf_path: str | Path,
    png_path: str | Path,
    csv_path: str | Path,
    caption_path: str | Path,
) -> None:
    """Write ``figure``, the numbers it draws, and its caption."""
    save(figure, pdf_path, png_path)
    with written_beside(csv_path) as partial:
        data.to_csv(partial, index=False, lineterminator="\n")
    write_text(caption_path, caption + "\n")


def is_ours(config: Config, method: str) -> bool:
    """Whether ``method`` reads a language model, as the paper's does and no baseline."""
    return bool(create(method, config.methods[method]).needs & {"vocabulary_logits", "hidden_states"})


def method_style(config: Config, method: str) -> dict[str, Any]:
    """Line properties of a method: ours red and solid, baselines by their place in the configuration."""
    group = [name for name in config.methods if is_ours(config, name) == is_ours(config, method)]
    place = group.index(method)
    if is_ours(config, method):
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


def absent(metrics: Iterable[str]) -> str:
    """Which of the main metrics are not among ``metrics``, in words; empty where none is missing."""
    metrics = set(metrics)
    missing = [METRICS[metric].title for metric in MAIN_METRICS if metric not in metrics]
    return f"not available: {', '.join(missing)}" if missing else ""


def plain(text: object) -> str:
    """``text`` as matplotlib shows it verbatim: a pair of dollars would start mathematics."""
    return str(text).replace("$", r"\$")


def runs(num_topics: Iterable[int], seeds: Iterable[int]) -> str:
    """The grid a mean is over, in words."""
    count = len(list(seeds))
    return f"K = {', '.join(str(k) for k in num_topics)} and {count} {'seed' if count == 1 else 'seeds'}"
