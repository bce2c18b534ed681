"""From scores of single runs to the long tables that tables and figures read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from topicbench.core.errors import TopicbenchError

IDENTITY = ("corpus", "vocabulary_size", "method", "variant", "title", "slm", "prompt", "num_topics", "seed")


def long_scores(
    experiment: str,
    runs: Sequence[Mapping[str, Any]],
    scores: Mapping[str, Sequence[Mapping[str, Any]]],
    ratings: Mapping[str, Mapping[str, Any]] | None = None,
) -> pd.DataFrame:
    """One row per run and metric.

    Args:
        experiment: its name.
        runs: described runs (`topicbench.experiments.runs.describe`), each with the path of its scores as "scores".
        scores: the contents of each such path: one mapping per (num_topics, seed).
        ratings: per run folder the judge's "mean" over its topics; None without a judge.

    Raises:
        TopicbenchError: a run has no scores, or no rating where there is a judge.
    """
    rows = []
    for run in runs:
        found = [
            row for row in scores[run["scores"]] if (row["num_topics"], row["seed"]) == (run["num_topics"], run["seed"])
        ]
        if len(found) != 1:
            raise TopicbenchError(
                run["scores"],
                f"{len(found)} scores for K = {run['num_topics']}, seed {run['seed']}, expected one",
                "delete the file and run again",
            )
        identity = {"experiment": experiment, **{key: run[key] for key in IDENTITY}}
        metrics = {key: value for key, value in found[0].items() if key not in ("num_topics", "seed")}
        if ratings is not None:
            if run["folder"] not in ratings:
                raise TopicbenchError(run["folder"], "has no rating", "delete the experiment's ratings and run again")
            metrics["llm_rating"] = ratings[run["folder"]]["mean"]
        rows += [{**identity, "metric": metric, "value": value} for metric, value in metrics.items()]
    return pd.DataFrame(rows)


def costs(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Training seconds and peak memory of each run, and what it obtained."""
    keys = (
        *("corpus", "vocabulary_size", "method", "variant", "num_topics", "seed"),
        *("seconds", "peak_memory_mb", "documents_read", "documents_left_out"),
        *("topics_obtained", "topics_of_fewer_words", "topics_of_repeated_words"),
    )
    return pd.DataFrame([{key: record[key] for key in keys} for record in records])
