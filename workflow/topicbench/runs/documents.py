"""Which documents of a corpus a run reads, and which it does not see until its topics are inferred."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from topicbench.core.errors import TopicbenchError
from topicbench.core.protocol import Protocol
from topicbench.models.contract import Inputs, Method

OF_DOCUMENTS = frozenset({"bow", "embeddings", "vocabulary_logits", "surface_forms", "hidden_states", "labels"})
"""The fields of `Inputs` and `ControlInputs` that are arrays with a row per document."""


def _no_rows() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Documents:
    """Which rows of the corpus a run reads.

    Attributes:
        name: "all", or what the documents have in common, joined by "-": "kept", with a vocabulary word; "distinct",
            without copies of an earlier document.
        rows: the numbers of those the method is fitted to, ascending.
        heldout: the numbers of those whose topics are inferred afterwards.
        fitted_sample: about as many of ``rows``, for scores of collections of one size.
        split: share and seed of the documents held out; None where none are.
    """

    name: str
    rows: np.ndarray
    heldout: np.ndarray = field(default_factory=_no_rows)
    fitted_sample: np.ndarray = field(default_factory=_no_rows)
    split: tuple[float, int] | None = None


def documents_of(method: Method, protocol: Protocol, kept: np.ndarray, distinct: np.ndarray) -> Documents:
    """The documents a method gets.

    The paper's code drops documents without a vocabulary word for the baselines and keeps them for its own model; the
    protocol's ``documents: same`` gives every method the same, kept, documents. Its ``duplicates: drop`` leaves out
    copies of earlier documents for all.

    Args:
        method: what is fitted.
        protocol: its switches ``documents`` and ``duplicates`` decide.
        kept: N, whether a document has a vocabulary word.
        distinct: N, whether no earlier document has the same text.
    """
    parts = ["kept"] if method.reads_bag_of_words or protocol.documents == "same" else []
    parts += ["distinct"] if protocol.duplicates == "drop" and not distinct.all() else []
    name = "-".join(parts) or "all"
    return Documents(name, np.flatnonzero(document_mask(name, kept, distinct)))


def document_mask(name: str, kept: np.ndarray, distinct: np.ndarray) -> np.ndarray:
    """Which of the N documents a name of `Documents` means."""
    masks = {"all": np.ones_like(kept), "kept": kept, "distinct": distinct}
    return np.logical_and.reduce([masks[part] for part in name.split("-")])


def split_documents(documents: Documents, total: int, split: Sequence[float] | None) -> Documents:
    """``documents`` without a share of the corpus, the same for all methods: a draw of rows, which knows no labels.

    Args:
        documents: what the method would get.
        total: N, the documents of the corpus.
        split: share and seed; None: nothing is held out.

    Raises:
        TopicbenchError: fewer than two documents on one side.
    """
    if split is None:
        return documents
    share, seed = float(split[0]), int(split[1])
    order = np.random.default_rng(seed).permutation(total)
    size = round(share * total)
    mine = np.zeros(total, dtype=bool)
    mine[documents.rows] = True
    heldout, fitted, sample = (
        np.sort(rows[mine[rows]]) for rows in (order[:size], order[size:], order[size : 2 * size])
    )
    if min(len(heldout), len(fitted)) < 2:
        raise TopicbenchError(
            "experiments.heldout.share",
            f"{share:g} of {total} documents leaves {len(fitted)} to fit and {len(heldout)} held out",
            "choose another share, or a larger corpus",
        )
    return Documents(documents.name, fitted, heldout, sample, (share, seed))


def select(inputs: Inputs, rows: np.ndarray) -> Inputs:
    """The same inputs for a subset of the documents."""
    arrays = {each.name: getattr(inputs, each.name) for each in fields(inputs) if each.name in OF_DOCUMENTS}
    chosen = {name: array[rows] for name, array in arrays.items() if array is not None}
    return replace(inputs, texts=[inputs.texts[row] for row in rows], **chosen)
