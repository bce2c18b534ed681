"""Degenerate runs (missing, repeated or short topics, a loss that is not finite), and how tables mark them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

KINDS: Mapping[str, str] = {
    "topics_missing": "fewer topics than K",
    "topics_of_repeated_words": "several topics with the same top words",
    "topics_of_fewer_words": "topics with too few usable words",
    "epochs_without_loss": "epochs whose loss is infinite or no number",
}
"""Metrics that count what is wrong with a run, 0 for a sound one; in words for captions."""

MARK = "‡"
RUN = ["corpus", "vocabulary_size", "method", "variant", "num_topics", "seed"]


def with_degenerate(selected: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """``selected`` of the scores ``rows`` with a further column ``degenerate``: keys of `KINDS` joined by spaces."""
    found = rows[rows["metric"].isin(KINDS) & (rows["value"] > 0)].drop_duplicates([*RUN, "metric"])
    kinds: dict[tuple, list[str]] = {}
    for *run, metric in found[[*RUN, "metric"]].itertuples(index=False, name=None):
        kinds.setdefault(tuple(run), []).append(metric)
    runs = selected[RUN].itertuples(index=False, name=None)
    return selected.assign(degenerate=[" ".join(kinds.get(run, ())) for run in runs])


def degenerate_runs(selected: pd.DataFrame, num_topics: int | None = None) -> dict[tuple[str, str, str], int]:
    """How many runs of each (corpus, method, variant) are degenerate; only those of one K where it is given."""
    rows = selected[selected["degenerate"] != ""]
    if num_topics is not None:
        rows = rows[rows["num_topics"] == num_topics]
    counts = rows.drop_duplicates(RUN).groupby(["corpus", "method", "variant"]).size()
    return {key: int(count) for key, count in counts.items()}


def sentence(selected: pd.DataFrame) -> str:
    """What the caption says of the mark, and which kinds there are; empty where nothing is marked."""
    names = {name for kinds in selected["degenerate"] for name in kinds.split()}
    if not names:
        return ""
    found = ", ".join(text for kind, text in KINDS.items() if kind in names)
    return f" {MARK} marks values of runs of which some are flawed (flawed_runs in the CSV): {found}."
