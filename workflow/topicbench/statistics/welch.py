"""Welch's t-test of the best sample against each other one, and Holm's correction.

Section 4.4 of the paper: independent samples, unequal variances, two-sided, alpha = 0.05 (Welch 1947).
"""

from __future__ import annotations

import gc
import warnings
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np
import scipy

ALPHA = 0.05

Key = TypeVar("Key", bound=Hashable)

Note = Literal["", "no variance", "too few values"]


@dataclass(frozen=True)
class Welch:
    """One test of sample a against sample b.

    Attributes:
        difference: mean of a minus mean of b.
        t, df, p: statistic, Welch–Satterthwaite degrees of freedom, two-sided p; NaN where there is none.
        note: "no variance" where neither sample varies, so that the statistic has no denominator: equal values
            are then not different (p = 1), unequal ones are (p = 0). "too few values" where a sample has fewer
            than two: nothing can be tested and p is NaN.
    """

    difference: float
    t: float
    df: float
    p: float
    note: Note = ""


@dataclass(frozen=True)
class Comparison(Generic[Key]):
    """The best sample against one other.

    Attributes:
        best, other: keys of the samples.
        test: Welch's test, best first.
        p_holm: p corrected for all comparisons of the same call (Holm 1979); NaN where p is.
    """

    best: Key
    other: Key
    test: Welch
    p_holm: float


def welch(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray) -> Welch:
    """Welch's two-sided t-test of two samples of finite numbers; see `Welch` for the degenerate cases."""
    a, b = _sample(a), _sample(b)
    difference = float(a.mean() - b.mean())
    if min(a.size, b.size) < 2:
        return Welch(difference, np.nan, np.nan, np.nan, "too few values")
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        # The mean of equal values may be off by a rounding error; the values themselves are not.
        if a[0] == b[0]:
            return Welch(0.0, 0.0, np.nan, 1.0, "no variance")
        return Welch(difference, float(np.copysign(np.inf, difference)), np.nan, 0.0, "no variance")
    with warnings.catch_warnings():
        # SciPy warns where one of the samples is constant; the statistic is sound as the other one varies.
        warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
        result = scipy.stats.ttest_ind(a, b, equal_var=False)
    return Welch(difference, float(result.statistic), float(result.df), float(result.pvalue))


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Holm's step-down correction of a family of p-values (Holm 1979), in the order given.

    NaN stands for a comparison that was not tested: it stays NaN and does not count.
    """
    # Lazily: importing statsmodels takes a second.
    from statsmodels.stats.multitest import multipletests

    p = np.asarray(p_values, dtype=float)
    corrected = np.full(p.shape, np.nan)
    tested = ~np.isnan(p)
    # It collects garbage at every call, a tenth of a second where pandas is loaded; what is frozen is not looked at.
    gc.freeze()
    corrected[tested] = multipletests(p[tested], method="holm")[1]
    gc.unfreeze()
    return corrected


def best_of(samples: Mapping[Key, np.ndarray], higher_is_better: bool) -> Key:
    """Key of the sample with the best mean; the first of those that tie."""
    sign = 1 if higher_is_better else -1
    return max(samples, key=lambda key: sign * float(np.mean(samples[key])))


def against_best(samples: Mapping[Key, np.ndarray], higher_is_better: bool) -> list[Comparison[Key]]:
    """The best sample against each other one, in the order of ``samples``; the comparisons form Holm's family."""
    best = best_of(samples, higher_is_better)
    return against(samples, best)


def against(samples: Mapping[Key, np.ndarray], reference: Key) -> list[Comparison[Key]]:
    """The sample ``reference`` against each other one, in the order of ``samples``; a family of Holm's."""
    others = [key for key in samples if key != reference]
    tests = [welch(samples[reference], samples[other]) for other in others]
    corrected = holm([test.p for test in tests])
    return [
        Comparison(reference, other, test, float(p)) for other, test, p in zip(others, tests, corrected, strict=True)
    ]


def _sample(values: Sequence[float] | np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"a sample is a non-empty row of finite numbers, not {values!r}")
    return values
