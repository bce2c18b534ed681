"""Fitting: which documents a method gets, what a record says, what is kept and what is refused."""

import json
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json
from topicbench.core.protocol import Protocol
from topicbench.models.contract import Inputs, Method, TopicModel, batch_size_without_remainder_one, create
from topicbench.runs.fitting import (
    Documents,
    check,
    documents_of,
    fingerprint,
    fit_runs,
    held_out,
    input_hashes,
    mask_of,
    require_words,
    select,
)
from topicbench.runs.losses import epochs_without_loss

KEPT = np.array([True, False, True, True])
DISTINCT = np.array([True, True, True, False])


class Counting(Method):
    """Topics drawn from the seed; counts its fits."""

    name: ClassVar[str] = "counting"
    title: ClassVar[str] = "Counting"
    environment: ClassVar[str] = "slm"
    fits: ClassVar[list[int]] = []
    strength: float = 1.0

    def fit(self, inputs, num_topics, seed):
        Counting.fits.append(seed)
        rng = np.random.default_rng(seed)
        theta = rng.dirichlet(np.ones(num_topics), size=inputs.bow.shape[0])
        return TopicModel(theta, rng.random((num_topics, len(inputs.vocabulary))) * self.strength)


@pytest.fixture
def fit(tmp_path):
    """A function that fits seeds into a folder and returns the manifest."""
    file = tmp_path / "input.npy"
    file.write_bytes(b"first")
    inputs = Inputs(["a", "b", "c"], csr_matrix(np.eye(4, 3, dtype=np.int32)), ["a", "b", "c", ""])
    Counting.fits.clear()

    def run(seeds, method=None, num_topics=2, documents=None):
        return fit_runs(
            method or Counting(),
            inputs,
            documents or Documents("kept", np.array([0, 1, 2])),
            num_topics,
            seeds,
            tmp_path / "K2",
            [file],
            2,
            {"corpus": "tiny"},
        )

    run.folder, run.file = tmp_path / "K2", file
    return run


def test_the_paper_keeps_all_documents_for_its_own_model_only():
    bag, soft = create("lda", {}), create("softlabel", {})
    paper = Protocol()
    assert documents_of(bag, paper, KEPT, DISTINCT).rows.tolist() == [0, 2, 3]
    assert documents_of(soft, paper, KEPT, DISTINCT).rows.tolist() == [0, 1, 2, 3]
    assert documents_of(soft, paper, KEPT, DISTINCT).name == "all"
    assert documents_of(soft, Protocol(documents="same"), KEPT, DISTINCT).rows.tolist() == [0, 2, 3]


def test_held_out_documents_are_drawn_from_the_corpus_alike_for_all_methods():
    everything = Documents("all", np.arange(100))
    some = Documents("kept", np.flatnonzero(np.arange(100) % 3))
    whole, part = (held_out(documents, 100, (0.2, 7)) for documents in (everything, some))
    assert (len(whole.rows), len(whole.heldout), len(whole.compared)) == (80, 20, 20)
    assert sorted([*whole.rows, *whole.heldout]) == list(range(100))
    assert set(whole.compared) <= set(whole.rows)
    for rows, mine in ((whole.heldout, part.heldout), (whole.rows, part.rows), (whole.compared, part.compared)):
        assert mine.tolist() == [row for row in rows if row % 3]
    assert held_out(everything, 100, (0.2, 8)).heldout.tolist() != whole.heldout.tolist()
    assert held_out(everything, 100, None) is everything


@pytest.mark.parametrize(("total", "share"), [(4, 0.1), (3, 0.5)])
def test_nothing_to_fit_or_to_hold_out_is_an_error(total, share):
    with pytest.raises(TopicbenchError, match=r"experiments\.heldout\.share: .* held out"):
        held_out(Documents("all", np.arange(total)), total, (share, 0))


def test_topics_of_held_out_documents_are_written_beside_those_of_the_others(fit):
    class Inferring(Counting):
        def fit(self, inputs, num_topics, seed):
            model = super().fit(inputs, num_topics, seed)
            # A document is told by its words.
            return replace(model, infer=lambda others: others.bow.toarray()[:, :2].astype(np.float32))

    documents = Documents("all", np.array([0, 3]), np.array([1, 2]), np.array([3]), (0.5, 0))
    entry = fit([0], Inferring(), documents=documents)[0]
    assert np.load(fit.folder / "seed0/theta.npy").shape == (2, 2)
    assert np.load(fit.folder / "seed0/theta_heldout.npy").tolist() == [[0, 1], [0, 0]]
    for name, rows in (("heldout", [1, 2]), ("fitted", [0, 3]), ("compared", [3])):
        assert np.load(fit.folder / f"seed0/rows_{name}.npy").tolist() == rows
    record = read_json(fit.folder / "seed0/run.json")
    assert record["heldout"] == {"share": 0.5, "split_seed": 0, "documents": 2, "inferred": True}
    assert (record["documents_read"], record["documents_left_out"]) == (2, 0)
    again = fit([0], Inferring(), documents=replace(documents, split=(0.5, 1)))[0]
    assert again["fingerprint"] != entry["fingerprint"]


def test_a_method_that_cannot_infer_says_so(fit):
    fit([0], documents=Documents("all", np.array([0, 3]), np.array([1, 2]), np.array([3]), (0.5, 0)))
    assert read_json(fit.folder / "seed0/run.json")["heldout"]["inferred"] is False
    assert not (fit.folder / "seed0/theta_heldout.npy").exists()


@pytest.mark.parametrize("theta", [np.full((2, 2), np.nan), np.full((2, 2), -1.0), np.ones((2, 3)), np.ones((1, 2))])
def test_broken_topics_of_held_out_documents_are_refused(fit, theta):
    class Broken(Counting):
        def fit(self, inputs, num_topics, seed):
            return replace(super().fit(inputs, num_topics, seed), infer=lambda others: theta)

    with pytest.raises(TopicbenchError, match="seed 0: topics of held-out documents are no 2×2"):
        fit([0], Broken(), documents=Documents("all", np.array([0, 3]), np.array([1, 2]), np.array([3]), (0.5, 0)))
    assert not (fit.folder / "seed0").exists()


def test_copies_are_left_out_where_the_protocol_drops_them():
    bag, soft = create("lda", {}), create("softlabel", {})
    drop = Protocol(duplicates="drop")
    assert documents_of(soft, drop, KEPT, DISTINCT).rows.tolist() == [0, 1, 2]
    assert documents_of(bag, drop, KEPT, DISTINCT).rows.tolist() == [0, 2]
    assert documents_of(soft, drop, KEPT, np.ones(4, bool)).name == "all"
    for method in (bag, soft):
        chosen = documents_of(method, drop, KEPT, DISTINCT)
        np.testing.assert_array_equal(np.flatnonzero(mask_of(chosen.name, KEPT, DISTINCT)), chosen.rows)


def test_a_selection_takes_the_same_rows_of_everything():
    inputs = Inputs(["a"], csr_matrix(np.arange(4)[:, None]), list("wxyz"), hidden_states=np.arange(8).reshape(4, 2))
    chosen = select(inputs, np.array([1, 3]))
    assert chosen.bow.toarray().ravel().tolist() == [1, 3]
    assert chosen.texts == ["x", "z"]
    assert chosen.hidden_states.tolist() == [[2, 3], [6, 7]]
    assert chosen.embeddings is None


def test_a_run_is_written_with_its_record(fit):
    manifest = fit([3, 5])
    assert [entry["seed"] for entry in manifest] == [3, 5]
    record = read_json(fit.folder / "seed3/run.json")
    assert record["corpus"] == "tiny"
    assert record["settings"] == {"strength": 1.0}
    assert (record["documents_read"], record["documents_left_out"]) == (3, 1)
    assert record["topics_obtained"] == 2
    assert record["seconds"] >= 0
    assert record["peak_memory_mb"] > 1
    assert "torch" in record["versions"]
    assert np.load(fit.folder / "seed3/theta.npy").shape == (3, 2)
    topics = json.loads((fit.folder / "seed3/topics.json").read_text())
    assert [len(words) for words in topics] == [2, 2]


def test_a_finished_run_is_not_fitted_again(fit):
    first = fit([0, 1])
    assert fit([0, 1, 2])[:2] == first
    assert Counting.fits == [0, 1, 2]


def test_a_run_is_fitted_again_when_anything_it_rests_on_changes(fit):
    fit([0])
    fit([0], method=Counting(strength=2.0))
    fit.file.write_bytes(b"second")
    fit([0], method=Counting(strength=2.0))
    assert Counting.fits == [0, 0, 0]


def test_a_half_written_run_is_fitted_again(fit):
    fit([0])
    (fit.folder / "seed0/run.json").unlink()
    fit([0])
    assert Counting.fits == [0, 0]
    assert sorted(path.name for path in fit.folder.iterdir()) == ["seed0"]


def test_the_identity_names_files_by_content_not_by_place(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("same")
    method, first, second = create("lda", {}), input_hashes([tmp_path / "a"]), input_hashes([tmp_path / "b"])
    assert fingerprint(method, 5, 0, first, "kept") == fingerprint(method, 5, 0, second, "kept")
    assert fingerprint(method, 5, 0, first, "kept") != fingerprint(method, 5, 0, first, "all")
    assert fingerprint(method, 5, 0, first, "kept") != fingerprint(method, 6, 0, first, "kept")


def test_more_topics_than_documents_are_refused(fit):
    with pytest.raises(TopicbenchError, match=r"tiny, counting, K = 4: more topics than documents \(3\)"):
        fit([0], num_topics=4)
    assert not fit.folder.exists()


GOOD_THETA, GOOD_BETA = np.full((3, 2), 0.5), np.zeros((2, 4))


@pytest.mark.parametrize(
    ("theta", "beta", "message"),
    [
        (GOOD_THETA, np.zeros((0, 4)), "0 topics where at most 2"),
        (np.full((3, 3), 1 / 3), np.zeros((3, 4)), "3 topics where at most 2"),
        (GOOD_THETA[:2], GOOD_BETA, r"theta is \(2, 2\), expected \(3, 2\)"),
        (GOOD_THETA, np.zeros((2, 5)), r"beta is \(2, 5\), expected V = 4"),
        (GOOD_THETA * np.nan, GOOD_BETA, "theta holds NaN"),
        (GOOD_THETA, GOOD_BETA + np.inf, "beta holds NaN or infinite"),
        (GOOD_THETA - 1, GOOD_BETA, "theta holds negative"),
        (GOOD_THETA * 3, GOOD_BETA, "a row of theta sums to more than 1"),
        (GOOD_THETA * [[1], [1], [0.9]], GOOD_BETA, "a row of theta sums to less than 1"),
    ],
)
def test_a_model_that_breaks_the_contract_is_refused(theta, beta, message):
    check(TopicModel(GOOD_THETA, GOOD_BETA), "run", 3, 4, 2)
    with pytest.raises(TopicbenchError, match=message):
        check(TopicModel(theta, beta), "run", 3, 4, 2)


def test_outliers_may_leave_mass_out():
    check(TopicModel(GOOD_THETA / 2, GOOD_BETA), "run", 3, 4, 2, leaves_mass_out=True)


def test_a_loss_that_ends_as_no_number_is_refused_and_one_on_the_way_is_counted():
    def fitted(*losses):
        return TopicModel(GOOD_THETA, GOOD_BETA, details={"epochs_run": len(losses), "loss_per_epoch": [*losses]})

    check(fitted(None, 2.0), "run", 3, 4, 2)
    assert epochs_without_loss(fitted(None, 2.0, 1.0).details) == [0]
    with pytest.raises(TopicbenchError, match="run: the loss ended infinite or as no number"):
        check(fitted(2.0, None), "run", 3, 4, 2)


def test_a_topic_of_one_word_is_refused():
    require_words([["a", "b"], ["c", "d"]], "run")
    with pytest.raises(TopicbenchError, match="run: topic 1 has 1 usable words"):
        require_words([["a", "b"], ["c"]], "run")


def test_top_words_break_ties_in_vocabulary_order_and_respect_the_floor():
    beta = np.array([[0.0, 2.0, 2.0, 1.0], [0.0, 0.0, 0.0, 3.0]])
    assert TopicModel(GOOD_THETA, beta).top_words("abcd", 3) == [["b", "c", "d"], ["d", "a", "b"]]
    assert TopicModel(GOOD_THETA, beta, floor=0.0).top_words("abcd", 3) == [["b", "c", "d"], ["d"]]


@pytest.mark.parametrize(("documents", "size"), [(64, 64), (65, 65), (129, 65), (193, 65), (1, 64), (100, 64)])
def test_no_batch_of_one_document_remains(documents, size):
    assert batch_size_without_remainder_one(documents, 64) == size
    assert documents % size != 1 or documents == 1
