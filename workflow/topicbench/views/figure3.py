"""Figure 3: the four metrics against the temperature of the soft label, on one corpus. Figure 4 has all corpora."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from topicbench.views import figure4, style
from topicbench.views.contract import About, Drawing, Scores, View


class Figure3(View):
    """Of 20newsgroups as in the paper where there are scores of it, else of the first corpus."""

    name = "figure3"
    label = "Figure 3"
    summary = "Coherence, rating, diversity and purity against the temperature of the soft label, on one corpus."
    category = "Reproduction"
    kind = "figure"
    order = 3
    experiment = "temperature"

    def make(self, scores: Scores) -> Drawing:
        points = figure4.curves(scores)
        corpora = points["corpus"].tolist()
        corpus = "20newsgroups" if "20newsgroups" in corpora else corpora[0]
        points = points[points["corpus"] == corpus].reset_index(drop=True)
        caption = f"{figure4.caption(points, scores)} In brackets: the range of the means."
        return Drawing(draw(points, scores.about), points, caption)


def draw(points: pd.DataFrame, about: About) -> Figure:
    """One panel; the legend gives each metric's range before it was scaled."""
    with style.applied():
        figure = Figure(figsize=(style.SINGLE_COLUMN, 2.35), layout="constrained")
        axes = figure.subplots()
        figure4.panel(axes, points, about, ranges=True)
        figure4.legend(figure, points, about, [axes])
    return figure
