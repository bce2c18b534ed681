"""Tokens, vocabulary and bag of words as in the paper's released code: the most frequent words that pass its filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
from scipy.sparse import csr_matrix

from topicbench.core.errors import TopicbenchError
from topicbench.corpora.tokens import Tokens, is_word, tokeniser

PAPER_TOKENS = Tokens()


def tokenise(
    texts: Iterable[str],
    language: str = "en",
    tokens: Tokens = PAPER_TOKENS,
    stop_words: Collection[str] | None = None,
) -> Iterator[list[str]]:
    """The words of each text that may enter a vocabulary, in their order.

    By default a token of spaCy's rule-based tokeniser counts if it is alphabetic, lower-case as written, longer than
    two characters, no stop word, and does not start a sentence (by the rule-based ``sentencizer``): capitals of names
    and of sentence starts thus drop out without a tagger. No downloaded model is used.

    Args:
        texts: the texts.
        language: spaCy code of the tokeniser.
        tokens: the filter. With ``case: lower`` a word may also hold the marks that some scripts write vowels as.
        stop_words: lower-cased words that do not count; None: spaCy's of the language.

    Raises:
        TopicbenchError: spaCy does not know the language.
    """
    nlp = tokeniser(language, sentences=tokens.sentence_initial == "drop")
    for document in nlp.pipe(texts, batch_size=256):
        words = []
        for token in document:
            if tokens.sentence_initial == "drop" and token.is_sent_start:
                continue
            if tokens.case == "lower":
                text, counts = token.lower_, is_word(token.text)
            else:
                text, counts = token.text, token.is_alpha and token.text.islower()
            stopped = token.is_stop if stop_words is None else text in stop_words
            if counts and not stopped and len(text) >= tokens.min_length:
                words.append(text)
        yield words


def all_words(texts: Iterable[str], language: str) -> Iterator[list[str]]:
    """Every word of each text in lower case, as the tokeniser of a language splits them: a reference corpus's tokens.

    What is no word takes no place among them, as in `topicbench.metrics.windows.tokenise_reference`.
    """
    for document in tokeniser(language, sentences=False).pipe(texts, batch_size=256):
        yield [token.lower_ for token in document if is_word(token.text)]


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
