"""Fitting: what a record says, which runs are kept, and which are refused."""

import json
import shutil
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import read_json
from topicbench.models.contract import Inputs, Method, TopicModel, batch_size_without_remainder_one, create
from topicbench.runs import identity
from topicbench.runs.documents import Documents
from topicbench.runs.files import FILES, HELDOUT_FILES
from topicbench.runs.fit import Job, check, fit_runs, require_words
from topicbench.runs.identity import fingerprint, input_hashes
from topicbench.runs.losses import epochs_without_loss

ALL = Documents("all", np.arange(3))
SPLIT = Documents("all", np.array([0, 3]), np.array([1, 2]), np.array([3]), (0.5, 0))


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
def fit(tmp_path, monkeypatch):
    """A function that fits seeds into a folder and returns their fingerprints."""
    file = tmp_path / "input.npy"
    file.write_bytes(b"first")
    # Its code is not in the package.
    monkeypatch.setattr(identity, "method_code", lambda method: run.code)
    inputs = Inputs(["a", "b", "c"], csr_matrix(np.eye(4, 3, dtype=np.int32)), ["a", "b", "c", ""])
    Counting.fits.clear()

    def run(seeds, method=None, num_topics=2, documents=ALL, top_words=2):
        job = Job(method or Counting(), num_topics, seeds, documents, top_words, [file], {"corpus": "tiny"})
        fit_runs(job, inputs, tmp_path / "K2")
        return [read_json(tmp_path / f"K2/seed{seed}/run.json")["fingerprint"] for seed in seeds]

    run.folder, run.file, run.code = tmp_path / "K2", file, "first"
    return run


def test_topics_of_held_out_documents_are_written_beside_those_of_the_others(fit):
    class Inferring(Counting):
        def fit(self, inputs, num_topics, seed):
            model = super().fit(inputs, num_topics, seed)
            # A document is told by its words.
            return replace(model, infer=lambda others: others.bow.toarray()[:, :2].astype(np.float32))

    before = fit([0], Inferring(), documents=SPLIT)
    assert np.load(fit.folder / "seed0/theta.npy").shape == (2, 2)
    assert np.load(fit.folder / "seed0/theta_heldout.npy").tolist() == [[0, 1], [0, 0]]
    for name, rows in (("heldout", [1, 2]), ("fitted", [0, 3]), ("fitted_sample", [3])):
        assert np.load(fit.folder / f"seed0/rows_{name}.npy").tolist() == rows
    record = read_json(fit.folder / "seed0/run.json")
    assert record["heldout"] == {"share": 0.5, "split_seed": 0, "documents": 2, "inferred": True}
    assert (record["documents_read"], record["documents_left_out"]) == (2, 0)
    assert {path.name for path in (fit.folder / "seed0").iterdir()} == {*FILES, *HELDOUT_FILES}
    assert fit([0], Inferring(), documents=replace(SPLIT, split=(0.5, 1))) != before


def test_a_method_that_cannot_infer_says_so(fit):
    fit([0], documents=SPLIT)
    assert read_json(fit.folder / "seed0/run.json")["heldout"]["inferred"] is False
    assert np.load(fit.folder / "seed0/theta_heldout.npy").shape == (0, 2)


@pytest.mark.parametrize("theta", [np.full((2, 2), np.nan), np.full((2, 2), -1.0), np.ones((2, 3)), np.ones((1, 2))])
def test_broken_topics_of_held_out_documents_are_refused(fit, theta):
    class Broken(Counting):
        def fit(self, inputs, num_topics, seed):
            return replace(super().fit(inputs, num_topics, seed), infer=lambda others: theta)

    with pytest.raises(TopicbenchError, match="seed 0: topics of held-out documents are no 2×2"):
        fit([0], Broken(), documents=SPLIT)
    assert not (fit.folder / "seed0").exists()


def test_a_run_is_written_with_its_record(fit):
    fit([3, 5])
    files = {str(path.relative_to(fit.folder)) for path in fit.folder.glob("seed*/*")}
    assert files == {f"seed{seed}/{name}" for seed in (3, 5) for name in FILES}
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
    # As Snakemake does with the outputs of a job that it runs again.
    shutil.rmtree(fit.folder / "seed0")
    assert fit([0, 1, 2])[:2] == first
    assert Counting.fits == [0, 1, 2]


def test_seeds_that_were_finished_before_a_failure_are_kept_and_none_is_published(fit):
    class Failing(Counting):
        def fit(self, inputs, num_topics, seed):
            if seed == 2:
                raise KeyboardInterrupt
            return super().fit(inputs, num_topics, seed)

    with pytest.raises(KeyboardInterrupt):
        fit([0, 1, 2, 3], Failing())
    assert not list(fit.folder.glob("seed*"))
    fit([0, 1, 2, 3])
    assert Counting.fits == [0, 1, 2, 3]


def test_a_finished_run_that_was_damaged_is_fitted_again(fit):
    fit([0])
    theta = (fit.folder / "seed0/theta.npy").read_bytes()
    np.save(fit.folder / ".finished/seed0/theta.npy", np.zeros((3, 2), np.float32))
    fit([0])
    assert Counting.fits == [0, 0]
    assert (fit.folder / "seed0/theta.npy").read_bytes() == theta


def test_a_run_takes_its_room_on_the_disk_once(fit):
    fit([0])
    for name in FILES:
        assert (fit.folder / "seed0" / name).samefile(fit.folder / ".finished/seed0" / name)


def test_a_run_is_fitted_again_when_anything_it_rests_on_changes(fit):
    fit([0])
    fit([0], method=Counting(strength=2.0))
    fit.file.write_bytes(b"second")
    fit([0], method=Counting(strength=2.0))
    fit([0], method=Counting(strength=2.0), top_words=3)
    fit.code = "second"
    fit([0], method=Counting(strength=2.0), top_words=3)
    assert Counting.fits == [0, 0, 0, 0, 0]


def test_a_half_written_run_is_fitted_again(fit):
    fit([0])
    (fit.folder / ".finished/seed0/run.json").unlink()
    fit([0])
    assert Counting.fits == [0, 0]
    assert sorted(path.name for path in fit.folder.iterdir()) == [".finished", "seed0"]


def test_the_identity_names_files_by_content_not_by_place(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("same")
    method, first, second = create("lda", {}), input_hashes([tmp_path / "a"]), input_hashes([tmp_path / "b"])
    mine = fingerprint(method, 5, 0, first, ALL, 15)
    assert mine == fingerprint(method, 5, 0, second, ALL, 15)
    assert mine != fingerprint(method, 5, 0, first, replace(ALL, name="kept"), 15)
    assert mine != fingerprint(method, 6, 0, first, ALL, 15)


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
    check(TopicModel(GOOD_THETA, GOOD_BETA), "run", (3, 4), 2, Counting())
    with pytest.raises(TopicbenchError, match=message):
        check(TopicModel(theta, beta), "run", (3, 4), 2, Counting())


def test_outliers_may_leave_mass_out():
    check(TopicModel(GOOD_THETA / 2, GOOD_BETA), "run", (3, 4), 2, create("bertopic", {}))


def test_a_loss_that_ends_as_no_number_is_refused_and_one_on_the_way_is_counted():
    def fitted(*losses):
        return TopicModel(GOOD_THETA, GOOD_BETA, details={"epochs_run": len(losses), "loss_per_epoch": [*losses]})

    check(fitted(None, 2.0), "run", (3, 4), 2, Counting())
    assert epochs_without_loss(fitted(None, 2.0, 1.0).details) == [0]
    with pytest.raises(TopicbenchError, match="run: the final loss is infinite or NaN"):
        check(fitted(2.0, None), "run", (3, 4), 2, Counting())


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
