"""What is typical of a group of documents: words by class-based tf-idf, and scores of words brought together."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix


def class_tf_idf(bow: csr_matrix, groups: np.ndarray) -> np.ndarray:
    """K×V float64 class-based tf-idf of K groups of documents; 0 for a word that no document of the group has.

    A word's share of the group's words, times log(1 + A / f) with A the words of an average group and f the word's
    occurrences in all groups. Grootendorst (2022), "BERTopic: Neural topic modeling with a class-based TF-IDF
    procedure", equation 1, term frequencies as shares of the group as in BERTopic's own package.

    Args:
        bow: N×V counts.
        groups: N×K weights of the documents in the groups, or N numbers of groups from 0.
    """
    if groups.ndim == 1:
        groups = np.eye(int(groups.max()) + 1)[groups]
    counts = np.asarray((bow.T @ groups).T, dtype=np.float64)
    by_group, by_word = counts.sum(axis=1, keepdims=True), counts.sum(axis=0)
    shares = np.divide(counts, by_group, out=np.zeros_like(counts), where=by_group > 0)
    average = by_group.mean()
    return shares * np.log1p(np.divide(average, by_word, out=np.zeros_like(by_word), where=by_word > 0))


def standardised(scores: np.ndarray) -> np.ndarray:
    """K×V scores with mean 0 and variance 1 in each row; a row of equal scores becomes 0."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    deviation = centred.std(axis=1, keepdims=True)
    return np.divide(centred, deviation, out=np.zeros_like(centred), where=deviation > 1e-12)


def exclusive(scores: np.ndarray, share: float) -> np.ndarray:
    """K×V logarithms of how typical a word is, with ``share`` of the weight on how much it is this topic's alone.

    (1 − share) · s_kv + share · log p(k|v), where p(k|v) is the softmax of s over the topics: the blend of frequency
    and exclusivity of Bischof and Airoldi (2012), "Summarizing topical content with word frequency and exclusivity",
    on logarithms in place of ranks.
    """
    largest = scores.max(axis=0)
    return scores - share * (largest + np.log(np.exp(scores - largest).sum(axis=0)))
