"""The scores frame that tables and figures are made of, checked against what the configuration asks for.

One row per (run, metric). Nothing is averaged over what happened to work: a run or metric that is missing, repeated
or not a number is an error that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from topicbench.config.schema import Config
from topicbench.core.errors import TopicbenchError
from topicbench.experiments.all import experiment_runs
from topicbench.experiments.runs import RESULTS, Run, Variant
from topicbench.metrics.contract import METRICS
from topicbench.statistics.ranks import labels as labels
from topicbench.views.flawed import with_flaws

COLUMNS = {
    "experiment": str,
    "corpus": str,
    "vocabulary_size": int,
    "method": str,
    "variant": str,
    "title": str,
    "slm": str,
    "prompt": str,
    "num_topics": int,
    "seed": int,
    "metric": str,
    "value": float,
}
"""Columns of ``results/experiments/{experiment}.csv``; slm and prompt are empty where a method reads neither."""

MAIN_METRICS = ("c_v", "llm_rating", "i_rbo", "purity")
RETRIEVAL_METRICS = ("precision_at_5", "precision_at_10")
SECOND_METRICS = ("c_v_second", "c_npmi_second")


def read_scores(path: str | Path) -> pd.DataFrame:
    """Read an experiment's scores; `TopicbenchError` names the column or line that does not fit."""
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except FileNotFoundError:
        raise TopicbenchError(path, "file not found", "run the experiment first") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise TopicbenchError(path, f"not a CSV file: {error}", "delete it and run again") from None
    _require_columns(raw, path)
    for column, kind in COLUMNS.items():
        if kind is not str:
            raw[column] = _numbers(raw[column], kind, path)
    return raw[list(COLUMNS)]


def available(config: Config, corpus: str, metric: str) -> bool:
    """Whether ``metric`` can be had: no rating without a judge, nothing about labels without labels.

    Coherence over a second reference corpus needs one.
    """
    if metric == "llm_rating" and config.judge is None:
        return False
    if metric in SECOND_METRICS and config.second_reference is None:
        return False
    return not (METRICS[metric].needs_labels and config.corpora[corpus].label_column is None)


def select(config: Config, frame: pd.DataFrame, experiment: str, metrics: Sequence[str]) -> pd.DataFrame:
    """The rows of ``experiment``'s runs and ``metrics``, in the order of the runs, then of the metrics.

    Metrics that are not `available` on a corpus are left out. A further column, ``flaws``, says what the run obtained
    less than it was asked for; see `topicbench.views.flawed`.

    Raises:
        TopicbenchError: a value is missing, repeated, not finite or not asked for; the culprit is run and metric.
    """
    _require_columns(frame, f"scores of experiment '{experiment}'")
    runs = experiment_runs(config, experiment)
    if not runs:
        raise TopicbenchError(f"experiments.{experiment}", "is left out of the configuration", "add the section")
    wanted = {_key(run, metric): run for run in runs for metric in metrics if available(config, run.corpus, metric)}
    shown = frame[frame["metric"].isin(metrics) & (frame["experiment"] == experiment)]
    places: dict[tuple, int] = {}
    for place, row in enumerate(shown.itertuples(index=False)):
        key = (row.corpus, row.vocabulary_size, row.method, row.variant, row.num_topics, row.seed, row.metric)
        if key not in wanted:
            if row.corpus in config.corpora and not available(config, row.corpus, row.metric):
                continue
            raise TopicbenchError(_named(key), "the configuration asks for no such value", "gather the scores again")
        if key in places:
            raise TopicbenchError(_named(key), "appears twice in the scores", "gather the scores again")
        if not np.isfinite(row.value):
            raise TopicbenchError(
                _named(key), f"is {row.value}, not a number", "see the run's record, and score it again"
            )
        places[key] = place
    for key in wanted:
        if key not in places:
            raise TopicbenchError(_named(key), "is missing from the scores", "score the run, then gather again")
    chosen = shown.iloc[[places[key] for key in wanted]].reset_index(drop=True)
    return with_flaws(chosen, frame[frame["experiment"] == experiment])


def sample(
    scores: pd.DataFrame, corpus: str, variant: Variant, metric: str, num_topics: int | None = None
) -> np.ndarray:
    """All K × seed values of a method on a corpus, or those of one K; empty where the metric is not available."""
    chosen = (
        (scores["corpus"] == corpus)
        & (scores["method"] == variant.method)
        & (scores["variant"] == variant.name)
        & (scores["metric"] == metric)
    )
    if num_topics is not None:
        chosen &= scores["num_topics"] == num_topics
    return scores.loc[chosen, "value"].to_numpy(dtype=float)


def samples(scores: pd.DataFrame, num_topics: int | None = None) -> dict[tuple[str, str, str, str], np.ndarray]:
    """All of `sample` at once: (corpus, metric, method, variant) → values."""
    if num_topics is not None:
        scores = scores[scores["num_topics"] == num_topics]
    found: dict[tuple[str, str, str, str], list[float]] = {}
    columns = (scores[name].tolist() for name in ("corpus", "metric", "method", "variant", "value"))
    for *key, value in zip(*columns, strict=True):
        found.setdefault(tuple(key), []).append(value)
    return {key: np.array(values) for key, values in found.items()}


def _key(run: Run, metric: str) -> tuple:
    variant = run.variant
    return (run.corpus, run.vocabulary_size, variant.method, variant.name, run.num_topics, run.seed, metric)


def _named(key: tuple) -> str:
    corpus, size, method, variant, num_topics, seed, metric = key
    return f"{RESULTS}/runs/{corpus}/v{size}/{method}/{variant}/K{num_topics}/seed{seed}, metric {metric}"


def _require_columns(frame: pd.DataFrame, source: object) -> None:
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing:
        raise TopicbenchError(source, f"lacks the column {missing[0]}", f"columns: {', '.join(COLUMNS)}")


def _numbers(values: pd.Series, kind: type, path: object) -> np.ndarray:
    places = (f"{path}, line {line}, {values.name}" for line in range(2, len(values) + 2))
    return np.array([_number(value, kind, place) for value, place in zip(values, places, strict=True)], kind)


def _number(value: str, kind: type, place: str) -> float | int:
    # An empty value is a missing number: `select` says which run's it is.
    if kind is float and value == "":
        return np.nan
    try:
        return kind(value)
    except ValueError:
        raise TopicbenchError(place, f"'{value}' is not a number", "delete the file and run again") from None
