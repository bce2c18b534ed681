"""From a table of texts to the documents of a corpus: labels numbered, parts stripped, duplicates dropped, sampled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import require_checksum
from topicbench.corpora.reader import read_columns
from topicbench.corpora.section import Corpus


def read_documents(corpus: Corpus, root: str | Path, drop_duplicates: bool = False) -> pd.DataFrame:
    """The documents of a corpus.

    Args:
        corpus: its configuration.
        root: folder that relative paths start from.
        drop_duplicates: keep only the first of documents with the same text (the protocol's ``duplicates``).

    Returns:
        Columns doc_id (0 … N-1, in the order of the file) and text; for a corpus with labels also label (0 … C-1, in
        the order of the labels' values) and label_name.

    Raises:
        TopicbenchError: see `read_columns`; also a text or label that is missing, or a sample larger than the corpus.
    """
    path = Path(root) / corpus.path
    require_checksum(path, corpus.sha256)
    wanted = [corpus.text_column, corpus.label_column, corpus.label_name_column]
    try:
        table = read_columns(path, list(dict.fromkeys(column for column in wanted if column)))
    except TopicbenchError as error:
        if error.problem == f"no column '{corpus.label_column}'":
            remedy = f"{error.remedy}; for a corpus without labels set label_column: null"
            raise TopicbenchError(error.culprit, error.problem, remedy) from None
        raise
    texts = table[corpus.text_column]
    for row, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise TopicbenchError(
                f"{path}, row {row}",
                f"column '{corpus.text_column}' is not text: {text!r}",
                "every document needs a text, if an empty one; or name another text_column",
            )
    documents = pd.DataFrame({"text": [strip_post(text, corpus.strip) for text in texts]})
    if corpus.label_column:
        labels = _complete(table[corpus.label_column], path, corpus.label_column)
        names = table[corpus.label_name_column or corpus.label_column]
        documents["label"] = number_labels(labels)
        documents["label_name"] = [str(name) for name in names]
    if drop_duplicates:
        documents = documents.drop_duplicates("text", ignore_index=True)
    if corpus.sample:
        if corpus.sample.documents > len(documents):
            raise TopicbenchError(
                path,
                f"a sample of {corpus.sample.documents} documents is asked of {len(documents)}",
                "lower sample.documents, or leave sample out",
            )
        classes = documents["label"].to_numpy() if corpus.label_column else np.zeros(len(documents), dtype=np.int64)
        chosen = balanced_sample(classes, corpus.sample.documents, corpus.sample.seed)
        documents = documents.iloc[chosen].reset_index(drop=True)
    documents.insert(0, "doc_id", np.arange(len(documents), dtype=np.int64))
    return documents


def _complete(values: Sequence, path: Path, column: str) -> Sequence:
    for row, value in enumerate(values, start=1):
        if value is None or value == "" or value != value:
            raise TopicbenchError(f"{path}, row {row}", f"column '{column}' is empty", "every document needs a label")
    return values


def number_labels(labels: Sequence) -> np.ndarray:
    """Labels as 0 … C-1, in numerical order where all are whole numbers, else in alphabetical order."""
    texts = [str(label) for label in labels]
    numeric = all(text.lstrip("-").isdigit() for text in texts)
    order = {text: number for number, text in enumerate(sorted(set(texts), key=int if numeric else str))}
    return np.array([order[text] for text in texts], dtype=np.int64)


def strip_post(text: str, parts: Sequence[str]) -> str:
    """A newsgroup post without its headers, footers or quotes, by scikit-learn's own functions in its own order."""
    if not parts:
        return text
    from sklearn.datasets import _twenty_newsgroups as newsgroups

    # fetch_20newsgroups(remove=...) applies them in this order whatever the order of the argument.
    strippers = {
        "headers": newsgroups.strip_newsgroup_header,
        "footers": newsgroups.strip_newsgroup_footer,
        "quotes": newsgroups.strip_newsgroup_quoting,
    }
    for part, strip in strippers.items():
        if part in parts:
            text = strip(text)
    return text


def balanced_sample(labels: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Indices of ``size`` documents, ascending, with class counts as equal as the classes allow.

    Classes with fewer documents than their share give all they have and the others fill up. What does not divide
    evenly goes to the classes of lowest number. Each class is drawn by a generator of its own, so that a class's
    documents do not depend on the other classes.

    Args:
        labels: N class numbers.
        size: number of documents, at most N.
        seed: seed of the draw.
    """
    classes, counts = np.unique(labels, return_counts=True)
    quota = np.zeros_like(counts)
    while quota.sum() < size:
        room = np.flatnonzero(quota < counts)
        share, remainder = divmod(size - int(quota.sum()), len(room))
        if share == 0:
            quota[room[:remainder]] += 1
        else:
            quota[room] = np.minimum(quota[room] + share, counts[room])
    chosen = [
        np.random.default_rng([seed, int(label)]).permutation(np.flatnonzero(labels == label))[:count]
        for label, count in zip(classes, quota, strict=True)
    ]
    return np.sort(np.concatenate(chosen))
