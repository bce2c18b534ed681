"""A corpus of copies: what they do to retrieval, and that dropping them undoes it."""

import numpy as np
import pytest

from tests.support import ROOT
from topicbench.core.protocol import Protocol
from topicbench.corpora.documents import read_documents
from topicbench.corpora.section import Corpus
from topicbench.corpora.vocabulary import bag_of_words, build_vocabulary, tokenise, vocabulary_texts
from topicbench.metrics.retrieval import precision_at
from topicbench.models.contract import Inputs, create
from topicbench.runs.documents import documents_of
from topicbench.runs.fit import Job, fit_runs

COPIES = 4


@pytest.fixture(scope="module")
def copied():
    """200 titles, each four times: inputs, labels, kept and distinct documents."""
    corpus = Corpus(title="StackOverflow", path="data/stackoverflow.tsv.gz", sample={"documents": 200})
    documents = read_documents(corpus, ROOT)
    documents = documents.loc[np.tile(np.arange(200), COPIES)]
    tokens = list(tokenise(documents["text"]))
    vocabulary = build_vocabulary(tokens, 200)
    bow = bag_of_words(tokens, vocabulary)
    inputs = Inputs(vocabulary, bow, vocabulary_texts(tokens, vocabulary))
    distinct = ~documents["text"].duplicated().to_numpy()
    assert distinct.sum() == 200
    return inputs, documents["label"].to_numpy(), bow.getnnz(axis=1) > 0, distinct


def test_copies_inflate_retrieval_until_they_are_dropped(copied, tmp_path):
    inputs, labels, kept, distinct = copied
    method, found = create("lda", {}), {}
    for duplicates in ("keep", "drop"):
        documents = documents_of(method, Protocol(duplicates=duplicates), kept, distinct)
        fit_runs(Job(method, 5, [0], documents, 10, [], {"corpus": "copies"}), inputs, tmp_path / duplicates)
        theta = np.load(tmp_path / duplicates / "seed0/theta.npy")
        assert len(theta) == kept.sum() / (1 if duplicates == "keep" else COPIES)
        found[duplicates] = precision_at(theta, labels[documents.rows], [5])[5]
    assert found["keep"] > 3 * found["drop"] > 0, found
