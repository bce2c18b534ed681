"""Documents: the known figures of the embedded corpora, labels, stripping, sampling."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import ROOT
from topicbench.core.errors import TopicbenchError
from topicbench.corpora.documents import balanced_sample, number_labels, read_documents
from topicbench.corpora.section import Corpus, Sample

NEWSGROUPS = Corpus(
    title="20NewsGroup",
    path="data/20newsgroups.parquet",
    label_name_column="label_name",
    strip=["headers", "footers", "quotes"],
)
STACKOVERFLOW = Corpus(title="StackOverflow", path="data/stackoverflow.tsv.gz", label_name_column="label_name")


@pytest.fixture(scope="module")
def newsgroups():
    return read_documents(NEWSGROUPS, ROOT)


def test_20_newsgroups_has_the_papers_size_and_length(newsgroups):
    words = newsgroups["text"].str.split().str.len()
    assert len(newsgroups) == 18_846
    assert newsgroups["label"].nunique() == 20
    assert round(words.mean(), 1) == 181.6
    assert (words == 0).sum() == 515


def test_stackoverflow_has_the_papers_size():
    documents = read_documents(STACKOVERFLOW, ROOT)
    assert len(documents) == 20_000
    assert documents["label"].value_counts().tolist() == [1000] * 20
    # A title that holds a quoted tab is one row.
    assert documents["text"].str.contains("\t").sum() == 1


def test_labels_are_numbered_in_the_order_of_their_values(newsgroups):
    names = newsgroups.drop_duplicates("label").sort_values("label")["label_name"]
    assert names.is_monotonic_increasing
    assert number_labels(["10", "9", "9", "-1"]).tolist() == [2, 1, 1, 0]
    assert number_labels(["b", "10", "9"]).tolist() == [2, 0, 1]


def write(tmp_path, **columns):
    pd.DataFrame(columns).to_parquet(tmp_path / "corpus.parquet")
    return "corpus.parquet"


def test_duplicates_are_dropped_only_when_asked(tmp_path):
    corpus = Corpus(title="t", path=write(tmp_path, text=["a", "b", "a"], label=[1, 2, 1]))
    assert read_documents(corpus, tmp_path)["text"].tolist() == ["a", "b", "a"]
    assert read_documents(corpus, tmp_path, drop_duplicates=True)["text"].tolist() == ["a", "b"]


def test_a_corpus_without_labels_has_no_label_column(tmp_path):
    corpus = Corpus(title="t", path=write(tmp_path, text=["a", "b"]), label_column=None)
    assert list(read_documents(corpus, tmp_path).columns) == ["doc_id", "text"]


@pytest.mark.parametrize(
    ("columns", "changes", "message"),
    [
        ({"text": ["a", None], "label": [1, 2]}, {}, "row 2: column 'text' is not text: None"),
        ({"text": ["a", "b"], "label": ["x", None]}, {}, "row 2: column 'label' is empty"),
        ({"text": ["a", "b"], "label": ["x", ""]}, {}, "row 2: column 'label' is empty"),
        (
            {"text": ["a"]},
            {},
            "no column 'label'\\n  there are: text; for a corpus without labels set label_column: null",
        ),
        ({"text": ["a"], "label": [1]}, {"sample": Sample(documents=2)}, "a sample of 2 documents is asked of 1"),
        ({"text": ["a"], "label": [1]}, {"sha256": "0" * 64}, "wrong checksum: SHA-256 is [0-9a-f]{64}"),
    ],
)
def test_a_bad_corpus_is_refused(tmp_path, columns, changes, message):
    corpus = Corpus(title="t", path=write(tmp_path, **columns), **changes)
    with pytest.raises(TopicbenchError, match=message):
        read_documents(corpus, tmp_path)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=80), st.data())
def test_a_sample_is_balanced_as_far_as_the_classes_go(labels, data):
    labels = np.array(labels)
    size = data.draw(st.integers(1, len(labels)))
    chosen = balanced_sample(labels, size, seed=3)
    assert len(chosen) == size == len(set(chosen.tolist()))
    assert (np.diff(chosen) > 0).all()
    taken = np.bincount(labels[chosen], minlength=6)
    available = np.bincount(labels, minlength=6)
    # A class may be below the largest share only if it has no more to give, or by one for the remainder.
    assert ((taken >= taken.max() - 1) | (taken == available)).all()
    assert (chosen == balanced_sample(labels, size, seed=3)).all()


def test_a_class_is_drawn_independently_of_the_others():
    labels = np.array([0] * 30 + [1] * 30)
    alone = balanced_sample(np.array([0] * 30), 10, seed=1)
    assert set(alone) == set(balanced_sample(labels, 20, seed=1)[:10])
