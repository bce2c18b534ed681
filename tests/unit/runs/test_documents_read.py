"""Which documents of a corpus a run reads."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.core.protocol import Protocol
from topicbench.models.contract import Inputs, create
from topicbench.runs.documents import Documents, document_mask, documents_of, select, split_documents

KEPT = np.array([True, False, True, True])
DISTINCT = np.array([True, True, True, False])


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
    whole, part = (split_documents(documents, 100, (0.2, 7)) for documents in (everything, some))
    assert (len(whole.rows), len(whole.heldout), len(whole.fitted_sample)) == (80, 20, 20)
    assert sorted([*whole.rows, *whole.heldout]) == list(range(100))
    assert set(whole.fitted_sample) <= set(whole.rows)
    for rows, mine in (
        (whole.heldout, part.heldout),
        (whole.rows, part.rows),
        (whole.fitted_sample, part.fitted_sample),
    ):
        assert mine.tolist() == [row for row in rows if row % 3]
    assert split_documents(everything, 100, (0.2, 8)).heldout.tolist() != whole.heldout.tolist()
    assert split_documents(everything, 100, None) is everything


@pytest.mark.parametrize(("total", "share"), [(4, 0.1), (3, 0.5)])
def test_nothing_to_fit_or_to_hold_out_is_an_error(total, share):
    with pytest.raises(TopicbenchError, match=r"experiments\.heldout\.share: .* held out"):
        split_documents(Documents("all", np.arange(total)), total, (share, 0))


def test_copies_are_left_out_where_the_protocol_drops_them():
    bag, soft = create("lda", {}), create("softlabel", {})
    drop = Protocol(duplicates="drop")
    assert documents_of(soft, drop, KEPT, DISTINCT).rows.tolist() == [0, 1, 2]
    assert documents_of(bag, drop, KEPT, DISTINCT).rows.tolist() == [0, 2]
    assert documents_of(soft, drop, KEPT, np.ones(4, bool)).name == "all"
    for method in (bag, soft):
        chosen = documents_of(method, drop, KEPT, DISTINCT)
        np.testing.assert_array_equal(np.flatnonzero(document_mask(chosen.name, KEPT, DISTINCT)), chosen.rows)


def test_a_selection_takes_the_same_rows_of_everything():
    inputs = Inputs(["a"], csr_matrix(np.arange(4)[:, None]), list("wxyz"), hidden_states=np.arange(8).reshape(4, 2))
    chosen = select(inputs, np.array([1, 3]))
    assert chosen.bow.toarray().ravel().tolist() == [1, 3]
    assert chosen.texts == ["x", "z"]
    assert chosen.hidden_states.tolist() == [[2, 3], [6, 7]]
    assert chosen.embeddings is None
