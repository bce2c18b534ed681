"""``docs/metrics.md``: every metric, from its declaration. ``python tools/list_metrics.py``, or ``make docs``."""

from __future__ import annotations

from pathlib import Path

from topicbench.core.files import write_text
from topicbench.metrics.contract import Context, Metric, metrics

INTRODUCTION = """\
<!-- Written by `make docs` from the metrics; do not edit. -->
# Metrics

Each is one entry of a file in `workflow/topicbench/metrics/`; [add_a_metric.md](add_a_metric.md) builds one. ↑: larger
is better. A metric *of topics* has a value for each topic, kept in `results/scores/`, of which the run's is the mean.
*needs* is what it is computed from; where a run or the configuration lacks it, the metric is left out.
`results/metrics.json` says how each was computed in your results, with reference corpus and judge by name.

| name | title | better | bounds | of topics | needs | definition |
|---|---|---|---|---|---|---|
"""

NAMES = Context(
    top_words="N",
    reference="the reference corpus",
    counting="gensim or boolean",
    second_reference="the second reference corpus",
    second_counting="gensim or boolean",
    judge="the judge",
    encoder="the encoder",
    language_models="the language models",
    word_vectors="the word vectors",
)


def page() -> str:
    """The page: one row per metric, in the order of scores."""
    return INTRODUCTION + "".join("| " + " | ".join(_cells(metric)) + " |\n" for metric in metrics().values())


def _cells(metric: Metric) -> list[str]:
    cells = [
        f"`{metric.name}`",
        metric.title,
        "↑" if metric.higher_is_better else "↓",
        f"{metric.minimum:g} to {metric.maximum:g}".replace("inf", "∞"),
        "yes" if metric.per_topic else "",
        ", ".join(f"`{need}`" for need in sorted(metric.needs)),
        metric.definition(NAMES),
    ]
    return [cell.replace("|", "\\|") for cell in cells]


if __name__ == "__main__":
    write_text(Path(__file__).resolve().parents[1] / "docs/metrics.md", page())
