"""The numbers the paper prints, from ``data/paper``, and the setting they were measured in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from topicbench.core.data import data_file
from topicbench.core.errors import TopicbenchError

FOLDER = data_file("paper")

NUM_TOPICS = (25, 50, 75, 100)
SEEDS_PER_K = 5
VOCABULARY_SIZE = 2000
TOP_WORDS = 15
JUDGE = "gpt-4o"
REFERENCE = "Palmetto’s English Wikipedia"
ENCODER = "GTE-large-en-v1.5"
PROMPTS_NUM_TOPICS = 50

SLMS: Mapping[str, str] = {
    "ernie-4.5-0.3b": "ERNIE-4.5-0.3B",
    "llama-3.2-1b": "Llama-3.2-1B",
    "llama-3.1-8b": "Llama-3.1-8B",
}
"""Name in ``data/paper`` → title, smallest first."""

DOCUMENTS: Mapping[str, int] = {"20newsgroups": 18846, "tweet_topic": 21996, "stackoverflow": 20000}
"""Table 5."""

STRIP = ("footers", "headers", "quotes")
"""Parts of the posts of 20newsgroups that are removed."""

WORD_VECTORS: Mapping[str, str] = {"etm": "word2vec-google-news-300", "ecrtm": "glove-wiki-gigaword-200"}
"""Appendix C."""

_COLUMNS = {
    "table1": ("method", "dataset", "metric", "value"),
    "table2": ("method", "dataset", "metric", "value"),
    "table3": ("slm", "ablation", "dataset", "metric", "kind", "value", "as_printed"),
    "table5": ("dataset", "statistic", "value"),
    "table7": ("num_topics", "method", "dataset", "metric", "value"),
    "table9": ("dataset", "slm", "num_topics", "metric", "factor", "value"),
}


def read(table: str, folder: str | Path = FOLDER) -> pd.DataFrame:
    """A published table in long format, the paper's "dataset" renamed to corpus.

    Raises:
        TopicbenchError: the file is missing, or its columns or values are other than they should be.
    """
    path = Path(folder) / f"{table}.csv"
    try:
        frame = pd.read_csv(path, dtype={"as_printed": str})
    except FileNotFoundError:
        raise TopicbenchError(path, "file not found", "restore data/paper from the repository") from None
    if tuple(frame.columns) != _COLUMNS[table]:
        raise TopicbenchError(
            path, f"columns are {', '.join(frame.columns)}", f"expected: {', '.join(_COLUMNS[table])}"
        )
    numeric = pd.to_numeric(frame["value"], errors="coerce")
    if numeric.isna().any():
        line = int(numeric.isna().to_numpy().argmax()) + 2
        raise TopicbenchError(f"{path}, line {line}", "value is not a number", "restore data/paper from the repository")
    return frame.assign(value=numeric).rename(columns={"dataset": "corpus"})
