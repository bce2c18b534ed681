"""Figure 3: the four metrics against the temperature of the soft label, on one corpus. Figure 4 has all corpora."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from topicbench.config.schema import Config
from topicbench.views import figure4, style


def corpus(config: Config) -> str:
    """20newsgroups as in the paper where it is configured, else the first."""
    return "20newsgroups" if "20newsgroups" in config.corpora else next(iter(config.corpora))


def data(config: Config, frame: pd.DataFrame) -> pd.DataFrame:
    """The curves of `corpus`; see `topicbench.views.figure4.data`."""
    curves = figure4.data(config, frame)
    return curves[curves["corpus"] == corpus(config)].reset_index(drop=True)


def draw(data: pd.DataFrame, config: Config) -> Figure:
    """One panel; the legend gives each metric's range before it was scaled."""
    with style.applied():
        figure = Figure(figsize=(style.SINGLE_COLUMN, 2.35), layout="constrained")
        axes = figure.subplots()
        figure4.curves(axes, data, ranges=True)
        figure4.legend(figure, data, [axes])
    return figure


def caption(data: pd.DataFrame, config: Config) -> str:
    return figure4.caption(data, config) + " In brackets: the range of the means."
