"""From scores of single runs to the long tables that views read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.contract import Context, definitions, metrics
from topicbench.metrics.rating import INFORMATIVE_AUC

if TYPE_CHECKING:
    import pandas as pd

RUN_COLUMNS = (
    *("corpus", "corpus_title", "vocabulary_size", "method", "variant", "title", "group", "block", "role"),
    *("slm", "prompt", "num_topics", "seed"),
)
"""What names a run in gathered scores; block and role say what it is to the experiment."""

OF_SOME_RUNS = frozenset({"heldout", "siblings"})
"""Needs that only some runs of a corpus meet."""


def gather(
    experiment: str,
    runs: Sequence[Mapping[str, Any]],
    scores: Mapping[str, pd.DataFrame],
    ratings: tuple[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """One row per run and metric, in the order of the runs, then of `metrics`.

    Args:
        experiment: its name.
        runs: `RUN_COLUMNS` of each, with its "folder" and the path of its "scores". A run stands here once for each
            block and role that it has.
        scores: content of each such path, as `topicbench.metrics.score.score_runs` gives it.
        ratings: path and content of the ratings of the experiment's runs; None where nobody rates.

    Raises:
        TopicbenchError: a run has no scores, lacks one that other runs of its corpus have, or has one twice; the
            culprit is the file.
    """
    import pandas as pd

    found = {path: _of_runs(path, table) for path, table in scores.items()}
    rated = _of_runs(*ratings) if ratings else {}
    expected: dict[str, set[str]] = {}
    for run in runs:
        expected.setdefault(run["corpus"], set()).update(found[run["scores"]].get(run["folder"], ()))
    rows = []
    for run in runs:
        files = [(run["scores"], found[run["scores"]]), *([(ratings[0], rated)] if ratings else [])]
        values: dict[str, float] = {}
        for path, by_folder in files:
            if run["folder"] not in by_folder:
                raise TopicbenchError(path, f"has no scores of {run['folder']}", "delete the file and run again")
            values |= by_folder[run["folder"]]
        for name in sorted(expected[run["corpus"]] - set(values)):
            if name not in metrics() or not metrics()[name].needs & OF_SOME_RUNS:
                raise TopicbenchError(
                    run["scores"], f"lacks {name} of {run['folder']}", "delete the file and run again"
                )
        described = {"experiment": experiment, **{key: run[key] for key in RUN_COLUMNS}}
        rows += [{**described, "metric": name, "value": values[name]} for name in metrics() if name in values]
    return pd.DataFrame(rows, columns=["experiment", *RUN_COLUMNS, "metric", "value"])


def _of_runs(path: str, table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Folder → metric → the run's value."""
    of_runs = table[table["topic"].isna()]
    repeated = of_runs[of_runs.duplicated(["folder", "metric"])]
    if len(repeated):
        folder, metric = repeated.iloc[0][["folder", "metric"]]
        raise TopicbenchError(path, f"has {metric} of {folder} twice", "delete the file and run again")
    found: dict[str, dict[str, float]] = {}
    for folder, metric, value in of_runs[["folder", "metric", "value"]].itertuples(index=False, name=None):
        found.setdefault(folder, {})[metric] = value
    return found


def complete(about: Mapping[str, Any], context: Context, check: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """``about`` an experiment, in plain values, with the definitions of its metrics and how good the judge is.

    Args:
        about: what is written beside gathered scores, without these.
        context: what definitions name; without a judge where nobody rated the experiment's topics.
        check: what `topicbench.metrics.judges.check.check` found; None: nothing was tested.
    """
    judge = about["judge"]
    if judge and check:
        judge = {**judge, "auc": check["auc"], "pairs": check["n"], "tested": True, "informative_auc": INFORMATIVE_AUC}
    return {**about, "metrics": definitions(context), "judge": judge}


def costs(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Training seconds and peak memory of each run, and what it obtained."""
    import pandas as pd

    keys = (
        *("corpus", "vocabulary_size", "method", "variant", "num_topics", "seed"),
        *("seconds", "peak_memory_mb", "documents_read", "documents_left_out"),
        *("topics_obtained", "topics_of_fewer_words", "topics_of_repeated_words"),
    )
    return pd.DataFrame([{key: record[key] for key in keys} for record in records])
