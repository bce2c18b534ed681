"""Effect size: Hedges' g with a confidence interval.

g is the standardised difference of two means with the small-sample correction of Hedges (1981), standardised by the
pooled standard deviation. Its interval inverts the noncentral t distribution (Cumming & Finch 2001, "A primer on the
understanding, use, and calculation of confidence intervals that are based on central and noncentral distributions"),
which assumes equal variances; Welch's test beside it does not. g says how large a difference is, the test whether
there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy


@dataclass(frozen=True)
class Effect:
    """Hedges' g (positive: a above b) and the limits of its interval.

    Fewer than two values in a sample: all NaN. No variance in either: g is 0 for equal means and infinite for unequal
    ones, the limits are NaN.
    """

    g: float
    low: float
    high: float


def hedges_g(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray, confidence: float = 0.95) -> Effect:
    """Hedges' g of sample a over sample b with its ``confidence`` interval."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if min(a.size, b.size) < 2:
        return Effect(np.nan, np.nan, np.nan)
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        return Effect(0.0 if a[0] == b[0] else float(np.copysign(np.inf, a[0] - b[0])), np.nan, np.nan)
    df = a.size + b.size - 2
    pooled = np.sqrt(((a.size - 1) * a.var(ddof=1) + (b.size - 1) * b.var(ddof=1)) / df)
    d = (a.mean() - b.mean()) / pooled
    scale = np.sqrt(1 / a.size + 1 / b.size)
    correction = small_sample_correction(df)
    tail = (1 - confidence) / 2
    low, high = (scale * _noncentrality(d / scale, df, level) for level in (1 - tail, tail))
    return Effect(float(correction * d), float(correction * low), float(correction * high))


def small_sample_correction(df: int) -> float:
    """Hedges' J: Γ(df/2) / (√(df/2) Γ((df − 1)/2)); without logarithms Γ overflows at df = 343."""
    return float(np.exp(scipy.special.gammaln(df / 2) - scipy.special.gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def _noncentrality(t: float, df: int, level: float) -> float:
    """The noncentrality at which the noncentral t distribution puts probability ``level`` below ``t``."""
    if t < 0:
        return -_noncentrality(-t, df, 1 - level)
    if t > 1000:
        # scipy.special.nctdtr is inaccurate here; the numerator's variance no longer matters beside the denominator's.
        return float(t * np.sqrt(scipy.stats.chi2.isf(level, df) / df))

    def excess(noncentrality: float) -> float:
        return float(scipy.special.nctdtr(df, noncentrality, t)) - level

    # The distribution function falls with the noncentrality: widen a bracket around t until it crosses.
    width = 4 + t
    for _ in range(8):
        if excess(t - width) > 0 > excess(t + width):
            return float(scipy.optimize.brentq(excess, t - width, t + width, xtol=1e-10 * width, rtol=1e-12))
        width *= 2
    raise ArithmeticError(f"no noncentrality puts probability {level} below t = {t} with {df} degrees of freedom")
