"""How tables show runs that obtained less than they were asked for."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from topicbench.runs.flaws import FLAWS

MARK = "‡"
RUN = ["corpus", "vocabulary_size", "method", "variant", "num_topics", "seed"]


def flaws_of_runs(scores: pd.DataFrame) -> dict[Hashable, tuple[str, ...]]:
    """The flaws of each run that has any, by the columns `RUN`; scores as an experiment's file has them."""
    found = scores[scores["metric"].isin(FLAWS) & (scores["value"] > 0)]
    runs: dict[Hashable, list[str]] = {}
    for *run, metric in found[[*RUN, "metric"]].itertuples(index=False, name=None):
        runs.setdefault(tuple(run), []).append(metric)
    return {run: tuple(names) for run, names in runs.items()}


def with_flaws(chosen: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """``chosen`` rows of the scores with a further column ``flaws``: names joined by spaces, empty for none."""
    runs = flaws_of_runs(scores)
    keys = chosen[RUN].itertuples(index=False, name=None)
    return chosen.assign(flaws=[" ".join(runs.get(key, ())) for key in keys])


def flawed_runs(chosen: pd.DataFrame, num_topics: int | None = None) -> dict[tuple[str, str, str], int]:
    """How many of the runs of each (corpus, method, variant) are flawed; only those of one K where it is given."""
    rows = chosen[chosen["flaws"] != ""]
    if num_topics is not None:
        rows = rows[rows["num_topics"] == num_topics]
    counts = rows.drop_duplicates(RUN).groupby(["corpus", "method", "variant"]).size()
    return {key: int(count) for key, count in counts.items()}


def sentence(chosen: pd.DataFrame) -> str:
    """What the caption says of the mark, and which flaws there are; empty where nothing is marked."""
    names = {name for flaws in chosen["flaws"] for name in flaws.split()}
    if not names:
        return ""
    found = ", ".join(text for name, text in FLAWS.items() if name in names)
    return f" {MARK} marks values of runs of which some are flawed (flawed_runs in the CSV): {found}."
