"""Reading what a job fits from the files of earlier stages.

``files`` are paths by what they are to the fit: ``tokens``, ``vocabulary``, ``bow``, ``kept``, and one for each of the
method's needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import load_npz

from topicbench.core.files import read_json, read_lines, read_npy
from topicbench.core.protocol import Protocol
from topicbench.corpora.vocabulary import vocabulary_texts
from topicbench.models.contract import CONTROL_NEEDS, Control, ControlInputs, Inputs, Method, TopicModel
from topicbench.runs.documents import Documents, document_mask, documents_of, split_documents


def read_inputs(method: Method, files: Mapping[str, Any]) -> Inputs:
    """The inputs of all N documents of a corpus; for a control `ControlInputs`, without the fitted model.

    Features stay on disk until they are used.
    """
    vocabulary = read_lines(files["vocabulary"])
    tokens = [text.split() for text in pd.read_parquet(files["tokens"], columns=["tokens"])["tokens"]]
    texts, bow = vocabulary_texts(tokens, vocabulary), load_npz(files["bow"])
    features: dict[str, Any] = {need: read_npy(files[need], mapped=True) for need in method.needs - CONTROL_NEEDS}
    if not isinstance(method, Control):
        return Inputs(vocabulary, bow, texts, **features)
    labels = pd.read_parquet(files["labels"], columns=["label"])["label"] if "labels" in method.needs else None
    return ControlInputs(vocabulary, bow, texts, labels=None if labels is None else labels.to_numpy(), **features)


def read_documents(
    method: Method, protocol: Protocol, heldout: Sequence[float] | None, files: Mapping[str, Any]
) -> Documents:
    """Which documents the method gets; a control that reads a fitted model gets those that this was fitted to.

    Args:
        method: what is fitted.
        protocol: says which documents methods get.
        heldout: share and seed of the documents held out; None: none are.
        files: as above.
    """
    kept = read_npy(files["kept"])
    distinct = pd.read_parquet(files["tokens"], columns=["distinct"])["distinct"].to_numpy()
    if "fitted" in method.needs:
        name = read_json(f"{files['fitted'][0]}/run.json")["documents"]
        return Documents(name, np.flatnonzero(document_mask(name, kept, distinct)))
    return split_documents(documents_of(method, protocol, kept, distinct), len(kept), heldout)


def read_fitted(files: Mapping[str, Any]) -> Callable[[int], TopicModel] | None:
    """The model of a seed among the runs of another method, as a function of the seed; None where there are none."""
    if "fitted" not in files:
        return None
    folder = Path(files["fitted"][0]).parent

    def fitted(seed: int) -> TopicModel:
        run = folder / f"seed{seed}"
        return TopicModel(read_npy(run / "theta.npy"), read_npy(run / "beta.npy"))

    return fitted
