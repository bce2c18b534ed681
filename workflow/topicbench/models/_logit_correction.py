"""Corrections of a language model's logits and hidden states for what they have in common over the whole corpus.

Used by the soft-label methods; docs/calibration.md says what each correction gains.
"""

from __future__ import annotations

import numpy as np


def centred(logits: np.ndarray) -> np.ndarray:
    """N×V logits without each word's mean over the N documents, float32.

    A language model's logit is log p(v|x) + log Z(x). Over the corpus its mean is log g(v) + c, where g(v) is the
    geometric mean of p(v|x): how readily the model names v whatever the document. The difference is
    log(p(v|x) / g(v)) + c(x), the pointwise mutual information of word and document with g in place of the word's
    marginal probability. What depends on x alone cancels in the softmax; what is left favours words that the model
    gives to this document rather than to all of them.
    """
    return (logits - logits.mean(axis=0, dtype=np.float64).astype(np.float32)).astype(np.float32, copy=False)


def likeliest(logits: np.ndarray, count: int) -> np.ndarray:
    """N×V logits, float32, minus infinity for all but the ``count`` largest of each document.

    The target sparsity of the authors' ICML 2026 release (github.com/raymondzmc/dsl-topic-models, `topk_target` in
    ``dsl_topic/models/dsl/_objective.py``; flags ``--topk`` and ``--sparsity_ratio``). The paper's text has none.
    """
    sparse = np.full(logits.shape, -np.inf, dtype=np.float32)
    columns = np.argpartition(-logits, count - 1, axis=1)[:, :count]
    np.put_along_axis(sparse, columns, np.take_along_axis(logits, columns, axis=1), axis=1)
    return sparse


def temperature_for_perplexity(logits: np.ndarray, perplexity: float) -> float:
    """The τ at which softmax(logits / τ) has a mean perplexity of ``perplexity`` · V (0 < perplexity < 1).

    Found by bisection, as entropy grows with τ; measured on about a thousand documents spread over the corpus.
    """
    sample = np.asarray(logits[:: max(1, len(logits) // 1000)], dtype=np.float64)
    sample = sample - sample.max(axis=1, keepdims=True)
    low, high = 1e-3, 1e3
    for _ in range(40):
        temperature = float(np.sqrt(low * high))
        weights = np.exp(sample / temperature)
        total = weights.sum(axis=1)
        # Entropy of w / total is log total − Σ w log w / total.
        entropy = np.log(total) - (weights * sample).sum(axis=1) / (temperature * total)
        reached = np.exp(entropy).mean() / sample.shape[1]
        low, high = (temperature, high) if reached < perplexity else (low, temperature)
    return float(np.sqrt(low * high))


def column_moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column of N×D, float32; 1 for the deviation of a column that is constant."""
    deviation = x.std(axis=0, dtype=np.float64)
    mean = x.mean(axis=0, dtype=np.float64)
    return mean.astype(np.float32), np.where(deviation > 0, deviation, 1).astype(np.float32)
