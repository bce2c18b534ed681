"""Tokens, vocabulary and bag of words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from tests.support import ROOT
from topicbench.core.errors import TopicbenchError
from topicbench.corpora.documents import read_documents
from topicbench.corpora.section import Corpus
from topicbench.corpora.vocabulary import bag_of_words, build_vocabulary, tokenise, vocabulary_texts

WORDS = st.lists(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon"]), max_size=8), min_size=1)


def test_the_filter_of_the_paper():
    text = "Rockets fly. Moon landings by NASA in 1969 were not cheap, e.g. go to U.S. bases! Engines fired twice"
    # Out: sentence starts (Rockets, Moon, Engines), capitals (NASA), numbers, stop words, short words.
    assert list(tokenise([text])) == [["fly", "landings", "cheap", "bases", "fired", "twice"]]


def test_stackoverflow_titles_without_a_vocabulary_word():
    corpus = Corpus(title="StackOverflow", path="data/stackoverflow.tsv.gz")
    tokens = list(tokenise(read_documents(corpus, ROOT)["text"]))
    bow = bag_of_words(tokens, build_vocabulary(tokens, 2000))
    # What the paper's code drops for the baselines and keeps for its own model.
    assert (bow.getnnz(axis=1) == 0).sum() == 2815


def test_another_language_has_its_own_stop_words():
    assert list(tokenise(["Heute gehen die kleinen hunde nicht spazieren"], "de")) == [["hunde", "spazieren"]]


def test_an_unknown_language_is_refused():
    with pytest.raises(TopicbenchError, match="no tokeniser for 'zz'"):
        list(tokenise(["text"], "zz"))


def test_ties_are_broken_alphabetically_and_the_vocabulary_is_sorted():
    tokens = [["pear", "fig", "apple"], ["fig", "zebra"]]
    assert build_vocabulary(tokens, 3) == ["apple", "fig", "pear"]
    assert build_vocabulary(tokens[::-1], 3) == ["apple", "fig", "pear"]


def test_too_few_words_are_an_error():
    with pytest.raises(TopicbenchError, match="4 words are asked for, the corpus has 2"):
        build_vocabulary([["a", "b"]], 4)


@given(WORDS)
def test_the_bag_of_words_is_scikit_learns(tokens):
    vocabulary = ["alpha", "beta", "delta"]
    expected = CountVectorizer(vocabulary=vocabulary, analyzer=list).transform(tokens).toarray()
    bow = bag_of_words(tokens, vocabulary)
    assert bow.dtype == np.int32
    assert bow.has_canonical_format
    assert (bow.toarray() == expected).all()
    texts = vocabulary_texts(tokens, vocabulary)
    assert [len(text.split()) for text in texts] == expected.sum(axis=1).tolist()


def test_the_texts_keep_the_order_of_the_words():
    assert vocabulary_texts([["b", "x", "a", "b"], ["x"]], ["a", "b"]) == ["b a b", ""]
