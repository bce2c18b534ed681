"""Tokens, vocabulary and bag of words (SPEC 1.1, as the paper's released code does it)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from topicbench.errors import TopicbenchError


def tokenise(texts: Iterable[str], language: str = "en") -> Iterator[list[str]]:
    """The words of each text that may enter a vocabulary, in their order.

    A token of spaCy's rule-based tokeniser counts if it is alphabetic, lower-case as written, longer than two
    characters, no stop word, and does not start a sentence (by the rule-based ``sentencizer``): capitals of names and
    of sentence starts thus drop out without a tagger. No downloaded model is used.

    Raises:
        TopicbenchError: spaCy does not know the language.
    """
    import spacy

    try:
        nlp = spacy.blank(language)
    except ImportError as error:
        raise TopicbenchError(
            "language", f"spaCy has no tokeniser for '{language}': {error}", "use a spaCy code such as en, de or fr"
        ) from None
    nlp.add_pipe("sentencizer")
    # The limit guards parsers and taggers, of which there are none here.
    nlp.max_length = 2**31
    for document in nlp.pipe(texts, batch_size=256):
        yield [
            token.text
            for token in document
            if token.is_alpha
            and token.text.islower()
            and len(token.text) > 2
            and not token.is_stop
            and not token.is_sent_start
        ]


def build_vocabulary(tokens: Iterable[Sequence[str]], size: int) -> list[str]:
    """The ``size`` most frequent words, ties broken alphabetically, in alphabetical order.

    Raises:
        TopicbenchError: there are fewer distinct words.
    """
    counts = Counter(token for document in tokens for token in document)
    if len(counts) < size:
        raise TopicbenchError(
            "vocabulary_size",
            f"{size} words are asked for, the corpus has {len(counts)} after filtering",
            f"set vocabulary_size to {len(counts)} or less, or take a larger sample",
        )
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return sorted(ranked[:size])


def bag_of_words(tokens: Sequence[Sequence[str]], vocabulary: Sequence[str]) -> csr_matrix:
    """N×V int32 counts of the vocabulary's words in each document, rows with sorted columns."""
    index = {word: column for column, word in enumerate(vocabulary)}
    columns = [[index[token] for token in document if token in index] for document in tokens]
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in columns])])
    flat = np.array([column for row in columns for column in row], dtype=np.int32)
    matrix = csr_matrix((np.ones(len(flat), dtype=np.int32), flat, offsets), shape=(len(tokens), len(vocabulary)))
    matrix.sum_duplicates()
    return matrix


def vocabulary_texts(tokens: Sequence[Sequence[str]], vocabulary: Sequence[str]) -> list[str]:
    """Each document's vocabulary words in their order, joined by spaces: the paper's "bag-of-words string"."""
    known = set(vocabulary)
    return [" ".join(token for token in document if token in known) for document in tokens]
