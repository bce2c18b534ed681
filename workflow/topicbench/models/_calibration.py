"""What a language model says of every document, taken out of what it says of each.

Used by the soft-label methods; what the corrections are worth is in docs/calibration.md.
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


def temperature_of(logits: np.ndarray, perplexity: float) -> float:
    """The τ at which softmax(logits / τ) has a mean perplexity of ``perplexity`` · V (0 < perplexity < 1).

    Entropy grows with τ, so that halving an interval finds it; a thousand documents spread over the corpus tell it.
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


def moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column of N×D, float32; 1 for the deviation of a column that is constant."""
    deviation = x.std(axis=0, dtype=np.float64)
    mean = x.mean(axis=0, dtype=np.float64)
    return mean.astype(np.float32), np.where(deviation > 0, deviation, 1).astype(np.float32)
