"""Figure 4: the four metrics against the temperature of the soft label, one panel per corpus.

Each metric is averaged over K and seeds and scaled to [0, 1] over the temperatures; one that does not vary is drawn
at one half.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from topicbench.config.schema import Config
from topicbench.experiments.all import first_slm, temperature_variant
from topicbench.metrics.contract import METRICS
from topicbench.models.contract import create
from topicbench.views import style
from topicbench.views.frame import MAIN_METRICS, sample, select

COLUMNS = 3
"""Panels per row."""


def normalised(values: np.ndarray) -> np.ndarray:
    """``values`` scaled to [0, 1]; all one half where they do not vary beyond rounding."""
    values = np.asarray(values, dtype=np.float64)
    low, high = values.min(), values.max()
    # Means of equal numbers differ in their last bits, which scaling would blow up to a curve.
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return np.full(values.shape, 0.5)
    return (values - low) / (high - low)


def data(config: Config, frame: pd.DataFrame) -> pd.DataFrame:
    """The curves of every corpus.

    Args:
        config: with experiments.temperature.
        frame: the scores of the experiment (columns in `topicbench.views.frame`).

    Returns:
        corpus, corpus_title, metric, metric_title, temperature, configured (whether it is the temperature all other
        experiments use), mean, sd (of single runs, NaN for one), n, normalised. A metric that cannot be had on a
        corpus (`topicbench.views.frame.available`) has no rows there.

    Raises:
        TopicbenchError: the experiment is left out, or a value is missing.
    """
    scores = select(config, frame, "temperature", MAIN_METRICS)
    section = config.experiments.temperature
    slm = first_slm(config, section.slm)
    configured = create("softlabel", config.methods["softlabel"]).temperature
    temperatures = sorted(section.temperatures)
    parts = []
    for corpus, entry in config.corpora.items():
        for metric in MAIN_METRICS:
            samples = [sample(scores, corpus, temperature_variant(config, slm, tau), metric) for tau in temperatures]
            if not samples[0].size:
                continue
            means = np.array([values.mean() for values in samples])
            parts.append(
                pd.DataFrame(
                    {
                        "corpus": corpus,
                        "corpus_title": entry.title,
                        "metric": metric,
                        "metric_title": METRICS[metric].title,
                        "temperature": temperatures,
                        "configured": [tau == configured for tau in temperatures],
                        "mean": means,
                        "sd": [values.std(ddof=1) if len(values) > 1 else np.nan for values in samples],
                        "n": [len(values) for values in samples],
                        "normalised": normalised(means),
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def draw(data: pd.DataFrame, config: Config) -> Figure:
    corpora = list(dict.fromkeys(data["corpus"]))
    columns = min(COLUMNS, len(corpora))
    rows = -(-len(corpora) // columns)
    with style.applied():
        width = style.SINGLE_COLUMN if columns == 1 else style.DOUBLE_COLUMN
        figure = Figure(figsize=(width, 1.85 * rows + 0.4), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
        for axes, corpus in zip(panels, corpora, strict=False):
            curves(axes, data[data["corpus"] == corpus])
            axes.set_title(style.plain(data.loc[data["corpus"] == corpus, "corpus_title"].iloc[0]))
            axes.label_outer()
        for axes in panels[len(corpora) :]:
            axes.set_axis_off()
        legend(figure, data, panels)
    return figure


def curves(axes: Axes, rows: pd.DataFrame, ranges: bool = False) -> None:
    """One line per metric over the temperatures of one corpus; ``ranges``: label each with the range of its means."""
    axes.grid(True, axis="y")
    for tau in rows.loc[rows["configured"], "temperature"].unique():
        axes.axvline(tau, color="#888888", linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)
    for metric, curve in rows.groupby("metric", sort=False):
        line = style.series_style(MAIN_METRICS.index(metric))
        # The extremes lie on the frame by construction, and their markers must not be cut.
        label = METRICS[metric].latex
        if ranges:
            decimals = METRICS[metric].decimals
            label += f" ({curve['mean'].min():.{decimals}f} to {curve['mean'].max():.{decimals}f})"
        axes.plot(curve["temperature"], curve["normalised"], label=label, clip_on=False, **line)
    axes.set(ylim=(0, 1), xlabel="temperature τ of the soft label", ylabel="normalised score")
    axes.margins(x=0.03)
    taus = sorted(rows["temperature"].unique())
    whole = [tau for tau in taus if float(tau).is_integer()]
    axes.set_xticks(taus if len(whole) < 3 else whole, [f"{tau:g}" for tau in (taus if len(whole) < 3 else whole)])


def legend(figure: Figure, data: pd.DataFrame, panels: np.ndarray) -> None:
    """Below the panels: every metric drawn, and which of the four could not be."""
    handles = {}
    for axes in panels:
        handles |= {label: handle for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)}
    columns = len(handles) if figure.get_figwidth() > style.SINGLE_COLUMN else 2
    figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=columns, title=style.absent(data["metric"])
    )


def caption(data: pd.DataFrame, config: Config) -> str:
    section = config.experiments.temperature
    slm = config.slms[first_slm(config, section.slm)].title
    titles = list(dict.fromkeys(data["corpus_title"]))
    return (
        f"Results on {_listed(titles)} with {slm} for various values of the temperature τ. Each metric is the mean "
        f"over {style.runs(section.num_topics or config.num_topics, section.seeds or config.seeds)}, "
        "scaled to [0, 1] over the temperatures to show trends, not sizes (a metric that does not vary is "
        "drawn at 0.5). Dotted: the temperature of all other experiments."
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
