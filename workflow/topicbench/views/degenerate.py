"""Degenerate runs (missing, repeated or short topics, a loss that is not finite), and how tables mark them."""

from __future__ import annotations

import pandas as pd

from topicbench.views.contract import About

KINDS = ("topics_missing", "topics_of_repeated_words", "topics_of_fewer_words", "epochs_without_loss")
"""Metrics that count what is wrong with a run, 0 for a sound one; their definitions say what."""

MARK = "‡"
RUN = ["corpus", "vocabulary_size", "method", "variant", "num_topics", "seed"]


def with_degenerate(selected: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """``selected`` of the scores ``rows`` with a further column ``degenerate``: keys of `KINDS` joined by spaces.

    Controls are not fitted: what they lack is no failure.
    """
    found = rows[rows["metric"].isin(KINDS) & (rows["value"] > 0) & (rows["group"] != "control")]
    kinds = found.drop_duplicates([*RUN, "metric"]).groupby(RUN)["metric"].agg(" ".join)
    return selected.join(kinds.rename("degenerate").astype(str), on=RUN).fillna({"degenerate": ""})


def degenerate_runs(selected: pd.DataFrame, num_topics: int | None = None) -> dict[tuple[str, str, str], int]:
    """How many runs of each (corpus, method, variant) are degenerate; only those of one K where it is given."""
    rows = selected[selected["degenerate"] != ""]
    if num_topics is not None:
        rows = rows[rows["num_topics"] == num_topics]
    counts = rows.drop_duplicates(RUN).groupby(["corpus", "method", "variant"]).size()
    return {key: int(count) for key, count in counts.items()}


def sentence(about: About, selected: pd.DataFrame) -> str:
    """What the caption says of the mark, and which kinds there are; empty where nothing is marked."""
    names = set(" ".join(selected["degenerate"]).split())
    if not names:
        return ""
    found = ", ".join(about.metrics[kind].definition for kind in KINDS if kind in names)
    return f" {MARK} marks values of runs of which some are flawed (flawed_runs in the CSV): {found}."
