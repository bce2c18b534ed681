"""Figure 5: the four metrics of every method against the size of the vocabulary."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from topicbench.config.schema import Config
from topicbench.experiments.all import first_corpus, first_slm
from topicbench.experiments.runs import main_variants
from topicbench.metrics.contract import METRICS
from topicbench.views import style
from topicbench.views.frame import MAIN_METRICS, sample, select


def data(config: Config, frame: pd.DataFrame) -> pd.DataFrame:
    """The points of all panels.

    Args:
        config: with experiments.vocabulary.
        frame: the scores of the experiment (columns in `topicbench.views.frame`).

    Returns:
        corpus, metric, metric_title, method, variant, title, ours, vocabulary_size, mean, se (standard error over K
        and seeds, NaN for one run), n. A metric that cannot be had has no rows.

    Raises:
        TopicbenchError: the experiment is left out, or a value is missing.
    """
    scores = select(config, frame, "vocabulary", MAIN_METRICS)
    section = config.experiments.vocabulary
    corpus = first_corpus(config, section.corpus)
    rows = []
    for metric in MAIN_METRICS:
        for variant in main_variants(config, first_slm(config, section.slm)):
            for size in sorted(section.sizes):
                values = sample(scores[scores["vocabulary_size"] == size], corpus, variant, metric)
                if values.size:
                    rows.append(
                        {
                            "corpus": corpus,
                            "metric": metric,
                            "metric_title": METRICS[metric].title,
                            "method": variant.method,
                            "variant": variant.name,
                            "title": variant.title,
                            "ours": style.is_ours(config, variant.method),
                            "vocabulary_size": size,
                            "mean": values.mean(),
                            "se": values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan,
                            "n": len(values),
                        }
                    )
    return pd.DataFrame(rows)


def draw(data: pd.DataFrame, config: Config) -> Figure:
    """One panel per metric, two to a row; our method in red over the others."""
    metrics = list(dict.fromkeys(data["metric"]))
    sizes = sorted(data["vocabulary_size"].unique())
    with style.applied():
        count = -(-len(metrics) // 2)
        figure = Figure(figsize=(style.DOUBLE_COLUMN, 1.8 * count + 0.7), layout="constrained")
        panels = figure.subplots(count, 2, squeeze=False).ravel()
        for axes, metric in zip(panels, metrics, strict=False):
            axes.grid(True, axis="y")
            axes.set_xscale("log", base=2)
            for (method, _), points in data[data["metric"] == metric].groupby(["method", "variant"], sort=False):
                ours = bool(points["ours"].iloc[0])
                emphasis = {"linewidth": 1.7, "markersize": 6.5, "zorder": 3} if ours else {"zorder": 2}
                axes.errorbar(
                    points["vocabulary_size"],
                    points["mean"],
                    yerr=points["se"].fillna(0.0),
                    elinewidth=0.7,
                    capsize=1.5,
                    label=style.plain(points["title"].iloc[0]) + (" (ours)" if ours else ""),
                    **style.method_style(config, method),
                    **emphasis,
                )
            axes.xaxis.set_major_locator(FixedLocator(sizes))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(lambda size, _: f"{size:,.0f}")
            axes.set_ylabel(METRICS[metric].latex)
            axes.margins(x=0.04)
        for axes in panels[max(len(metrics) - 2, 0) : len(metrics)]:
            axes.set_xlabel("vocabulary size |V| (words)")
        for axes in panels[len(metrics) :]:
            axes.set_axis_off()
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(
            handles, labels, loc="outside lower center", ncols=min(5, len(handles)), title=style.absent(metrics)
        )
    return figure


def caption(data: pd.DataFrame, config: Config) -> str:
    section = config.experiments.vocabulary
    ours = ", ".join(dict.fromkeys(data.loc[data["ours"], "title"]))
    return (
        f"Effect of the size of the vocabulary on {config.corpora[data['corpus'].iloc[0]].title}: mean and standard "
        f"error over {style.runs(section.num_topics or config.num_topics, section.seeds or config.seeds)}."
        + (f" Ours with {ours} in red." if ours else "")
    )
