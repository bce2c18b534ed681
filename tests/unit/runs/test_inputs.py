"""What a job reads for a method or a control."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix, save_npz

from topicbench.core.files import write_json, write_npy, write_text
from topicbench.core.protocol import Protocol
from topicbench.models.contract import ControlInputs, Inputs, create, methods
from topicbench.runs.inputs import read_documents, read_fitted, read_inputs


@pytest.fixture
def files(tmp_path):
    """A corpus of three documents with two fitted seeds, and a file for everything that any method or control reads."""
    paths = {name: str(tmp_path / name) for name in ("tokens", "vocabulary", "labels")}
    pd.DataFrame({"tokens": ["b x", "", "a b"], "distinct": [True, True, False]}).to_parquet(paths["tokens"])
    pd.DataFrame({"text": ["B x", "?", "A b"], "label": [4, 5, 4]}).to_parquet(paths["labels"])
    write_text(paths["vocabulary"], "a\nb\n")
    paths["bow"] = str(tmp_path / "bow.npz")
    save_npz(paths["bow"], csr_matrix(np.array([[0, 1], [0, 0], [1, 1]], np.int32)))
    of_documents = ("embeddings", "vocabulary_logits", "surface_forms", "hidden_states")
    for name in (*of_documents, "word_embeddings", "word_vectors"):
        paths[name] = str(tmp_path / f"{name}.npy")
        write_npy(paths[name], np.ones((3, 2), np.float32))
    paths["kept"] = str(tmp_path / "kept.npy")
    write_npy(paths["kept"], np.array([True, False, True]))
    paths["fitted"] = []
    for seed in (0, 1):
        folder = tmp_path / f"lda/K2/seed{seed}"
        write_npy(folder / "theta.npy", np.full((1, 2), seed, np.float32))
        write_npy(folder / "beta.npy", np.full((2, 2), 10 + seed, np.float32))
        write_json(folder / "run.json", {"documents": "kept-distinct"})
        paths["fitted"].append(str(folder))
    return paths


@pytest.mark.parametrize("name", methods())
def test_a_method_gets_what_it_needs_and_no_labels_whatever_files_there_are(name, files):
    method = create(name, {})
    inputs = read_inputs(method, files)
    assert type(inputs) is Inputs
    assert inputs.texts == ["b", "", "a b"]
    assert {field for field in vars(inputs) if getattr(inputs, field) is not None} == {
        "vocabulary", "bow", "texts", *method.needs
    }  # fmt: skip


def test_a_control_gets_the_labels_if_it_needs_them(files):
    inputs = read_inputs(create("label-oracle", {}), files)
    assert isinstance(inputs, ControlInputs)
    assert inputs.labels.tolist() == [4, 5, 4]
    assert read_inputs(create("random-topics", {}), files).labels is None


def test_a_control_that_reads_a_fitted_model_gets_its_documents(files):
    drop = Protocol(duplicates="drop")
    control = create("shuffled-documents", {})
    assert read_documents(control, Protocol(), None, files).name == "kept-distinct"
    assert read_documents(control, Protocol(), None, files).rows.tolist() == [0]
    assert read_documents(create("random-topics", {}), Protocol(), None, files).rows.tolist() == [0, 2]
    assert read_documents(create("lda", {}), drop, None, files).rows.tolist() == [0]
    assert read_documents(create("softlabel", {}), Protocol(), None, files).rows.tolist() == [0, 1, 2]


def test_the_fitted_model_is_that_of_the_seed(files):
    fitted = read_fitted(files)
    assert fitted(1).theta.tolist() == [[1, 1]]
    assert fitted(1).beta.tolist() == [[11, 11], [11, 11]]
    assert read_fitted({"tokens": files["tokens"]}) is None
