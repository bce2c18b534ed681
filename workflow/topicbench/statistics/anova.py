"""Two-way analysis of variance without interaction: does the prompt matter more than the seed? (section 5.3)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Effect:
    """One factor's main effect: degrees of freedom, sum of squares, F and p (NaN where nothing varies)."""

    df: int
    sum_squares: float
    f: float
    p: float


@dataclass(frozen=True)
class Anova:
    """Both main effects and what they leave over."""

    prompt: Effect
    seed: Effect
    residual_df: int
    residual_sum_squares: float


def two_way(values: Sequence[float], prompts: Sequence[Hashable], seeds: Sequence[Hashable]) -> Anova:
    """Main effects of prompt and seed on ``values`` (type II sums of squares, ordinary least squares).

    Args:
        values: one number per run.
        prompts: each run's prompt, at least two different ones.
        seeds: each run's seed, at least two different ones.

    Raises:
        ValueError: on fewer than two levels of a factor, or no degree of freedom left over.
    """
    # Lazily: importing statsmodels takes a second.
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    frame = pd.DataFrame({"value": np.asarray(values, dtype=float), "prompt": list(prompts), "seed": list(seeds)})
    levels = {factor: frame[factor].nunique() for factor in ("prompt", "seed")}
    residual_df = len(frame) - 1 - sum(count - 1 for count in levels.values())
    if min(levels.values()) < 2 or residual_df < 1:
        raise ValueError(f"needs two prompts, two seeds and a degree of freedom left over: {levels}, {len(frame)} runs")
    if np.ptp(frame["value"]) == 0:
        prompt, seed = (Effect(levels[factor] - 1, 0.0, np.nan, np.nan) for factor in ("prompt", "seed"))
        return Anova(prompt, seed, residual_df, 0.0)
    # F and p do not change with the unit; the unit deviation keeps tiny variances away from rounding error.
    deviation = float(frame["value"].std())
    frame["value"] = (frame["value"] - frame["value"].mean()) / deviation
    table = anova_lm(ols("value ~ C(prompt) + C(seed)", frame).fit(), typ=2)

    def effect(name: str) -> Effect:
        row = table.loc[f"C({name})"]
        return Effect(int(row["df"]), float(row["sum_sq"]) * deviation**2, float(row["F"]), float(row["PR(>F)"]))

    return Anova(effect("prompt"), effect("seed"), residual_df, float(table.loc["Residual", "sum_sq"]) * deviation**2)
