import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from topicbench.statistics.effects import hedges_g, small_sample_correction

samples = st.lists(st.floats(-1, 1).map(lambda value: round(value, 4)), min_size=2, max_size=20).filter(
    lambda values: np.ptp(values) > 0.01
)


def test_hand_worked():
    # d = (4 - 2) / 1 with 4 degrees of freedom; J(4) = Γ(2) / (√2 Γ(1.5)) = 0.79788.
    effect = hedges_g([3, 4, 5], [1, 2, 3])
    assert small_sample_correction(4) == pytest.approx(1 / (math.sqrt(2) * math.gamma(1.5)))
    assert effect.g == pytest.approx(2 * 0.7978845608)


@pytest.mark.parametrize("df", [2, 5, 20, 98, 500])
def test_correction_is_near_its_usual_approximation(df):
    assert small_sample_correction(df) == pytest.approx(1 - 3 / (4 * df - 1), abs=0.02 / df)


def test_interval_holds_the_tails_of_the_noncentral_t():
    a, b = np.random.default_rng(1).normal(size=(2, 20))
    a += 1
    effect = hedges_g(a, b)
    t = stats.ttest_ind(a, b).statistic
    to_noncentrality = math.sqrt(10) / small_sample_correction(38)
    assert stats.nct.sf(t, 38, effect.low * to_noncentrality) == pytest.approx(0.025, abs=1e-6)
    assert stats.nct.cdf(t, 38, effect.high * to_noncentrality) == pytest.approx(0.025, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(samples, samples)
def test_interval_excludes_zero_exactly_when_the_pooled_test_is_significant(a, b):
    effect = hedges_g(a, b)
    assert effect.low < effect.high
    p = stats.ttest_ind(a, b).pvalue
    if abs(p - 0.05) > 1e-6:
        assert (effect.low > 0 or effect.high < 0) == (p < 0.05)
    flipped = hedges_g(b, a)
    assert flipped.g == pytest.approx(-effect.g)
    assert flipped.low == pytest.approx(-effect.high, rel=1e-5, abs=1e-7)


def test_very_large_effects_still_have_limits():
    effect = hedges_g(np.linspace(0.78, 0.7801, 20), np.linspace(0.2, 0.2001, 20))
    assert effect.low < effect.g < effect.high
    assert effect.low > 1000


def test_limits_do_not_jump_where_the_computation_changes():
    limits = []
    for shift in (0.9999, 1.0001):
        # t is shift · 1000: both deviations are 1, n = 20 each.
        a = stats.zscore(np.arange(20.0), ddof=1)
        effect = hedges_g(a + shift * 1000 * math.sqrt(0.1), a)
        limits.append((effect.low / shift, effect.high / shift))
    np.testing.assert_allclose(limits[0], limits[1], rtol=1e-4)


def test_degenerate_samples():
    assert all(math.isnan(value) for value in vars(hedges_g([1], [1, 2])).values())
    assert hedges_g([0.1] * 3, [0.1] * 4).g == 0
    assert hedges_g([0.1] * 3, [0.2] * 4).g == -math.inf
    assert math.isnan(hedges_g([0.1] * 3, [0.2] * 4).low)
