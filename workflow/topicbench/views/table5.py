"""Table 5: the corpora, counted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from topicbench.core.files import read_npy
from topicbench.views import caption
from topicbench.views.contract import Scores, View
from topicbench.views.render import NOT_AVAILABLE, Cell, Heading, Section, Table

COLUMNS = {
    "documents": "# Docs",
    "labels": "# Labels",
    "mean_words": "Avg Words",
    "empty": "# Empty",
    "distinct": "# Distinct",
    "kept": "# Kept",
}


class Table5(View):
    name = "table5"
    label = "Table 5"
    summary = "Statistics of the corpora as used."
    category = "Reproduction"
    kind = "table"
    order = 5
    needs = ("documents", "kept")

    def make(self, scores: Scores) -> Table:
        rows = []
        for corpus, counts in counts_of_corpora(scores).items():
            cells = [
                Cell(_shown(value), record={"corpus": corpus, "statistic": key, "value": value})
                for key, value in counts.items()
            ]
            rows.append([Cell(scores.about.corpora[corpus].title), *cells])
        return Table(
            name=self.name,
            caption="Statistics of the corpora as used, counted. Avg Words: mean number of words between white space; "
            "# Empty: documents without any text; # Distinct: distinct texts; # Kept: documents with at least one word "
            f"of the vocabulary. {caption.setting(scores.about, scores.about.corpora)}",
            columns=[Heading("Corpus"), *(Heading(title) for title in COLUMNS.values())],
            sections=[Section(rows)],
        )


def counts_of_corpora(scores: Scores) -> dict[str, dict[str, float | int | None]]:
    """`count` of each corpus, from the files "documents" and "kept" of ``scores``."""
    paths = zip(scores.about.corpora, scores.files["documents"], scores.files["kept"], strict=True)
    return {name: count(pd.read_parquet(documents), read_npy(kept)) for name, documents, kept in paths}


def count(documents: pd.DataFrame, kept: np.ndarray) -> dict[str, float | int | None]:
    """What the table says of a corpus, by the keys of `COLUMNS`.

    Args:
        documents: N rows with text and, where there are labels, label.
        kept: bool N, whether a document has a vocabulary word.
    """
    texts = documents["text"].tolist()
    return {
        "documents": len(texts),
        "labels": documents["label"].nunique() if "label" in documents else None,
        "mean_words": float(np.mean([len(text.split()) for text in texts])),
        "empty": sum(not text.strip() for text in texts),
        "distinct": len(set(texts)),
        "kept": int(np.count_nonzero(kept)),
    }


def _shown(value: float | int | None) -> str:
    if value is None:
        return NOT_AVAILABLE
    return f"{value:.1f}" if isinstance(value, float) else f"{value:,}"
