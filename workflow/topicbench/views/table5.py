"""Table 5: the corpora, counted."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from topicbench.config.schema import Config
from topicbench.views import caption
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Section, Table

COLUMNS = {
    "documents": "# Docs",
    "labels": "# Labels",
    "mean_words": "Avg Words",
    "empty": "# Empty",
    "distinct": "# Distinct",
    "kept": "# Kept",
}


def count(documents: pd.DataFrame, kept: np.ndarray) -> dict[str, float | int | None]:
    """What the table says of a corpus.

    Args:
        documents: N rows with text and, where there are labels, label.
        kept: bool N, whether a document has a vocabulary word.
    """
    texts = documents["text"]
    return {
        "documents": len(texts),
        "labels": documents["label"].nunique() if "label" in documents else None,
        "mean_words": float(np.mean([len(text.split()) for text in texts])),
        "empty": sum(not text.strip() for text in texts),
        "distinct": texts.nunique(),
        "kept": int(np.count_nonzero(kept)),
    }


def make(config: Config, documents: Mapping[str, pd.DataFrame], kept: Mapping[str, np.ndarray]) -> Table:
    """The table from each corpus's documents (N rows) and which of them have a vocabulary word (bool N)."""
    rows = []
    for name, corpus in config.corpora.items():
        counts = count(documents[name], kept[name])
        cells = [
            Cell(_shown(value), record={"corpus": name, "statistic": key, "value": value})
            for key, value in counts.items()
        ]
        rows.append([Cell(corpus.title), *cells])
    return Table(
        name="table5",
        caption="Statistics of the corpora as used, counted. Avg Words: mean number of words between white space; "
        "# Empty: documents without any text; # Distinct: distinct texts; # Kept: documents with at least one word of "
        f"the vocabulary. {caption.setting(config, config.corpora)}",
        columns=[Heading("Corpus"), *(Heading(title) for title in COLUMNS.values())],
        sections=[Section(rows)],
    )


def _shown(value: float | int | None) -> str:
    if value is None:
        return NOT_AVAILABLE
    return f"{value:.1f}" if isinstance(value, float) else f"{value:,}"
