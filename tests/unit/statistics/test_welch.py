import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttest_ind

from topicbench.statistics.welch import against, against_best, best_of, holm, welch

numbers = st.floats(-1, 1, allow_nan=False).map(lambda value: round(value, 6))
samples = st.lists(numbers, min_size=2, max_size=12).filter(lambda values: np.ptp(values) > 1e-4)
p_values = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_hand_worked():
    # Means 3 and 7, variances 1 and 4, n = 3 and 4: t = -4 / sqrt(1/3 + 1), df = (4/3)^2 / ((1/9)/2 + 1/3).
    result = welch([2, 3, 4], [5, 6, 8, 9])
    variance_b = np.var([5, 6, 8, 9], ddof=1)
    assert result.difference == -4
    assert result.t == pytest.approx(-4 / math.sqrt(1 / 3 + variance_b / 4))
    assert result.df == pytest.approx((1 / 3 + variance_b / 4) ** 2 / ((1 / 9) / 2 + (variance_b / 4) ** 2 / 3))
    assert result.p == pytest.approx(2 * stats.t.sf(abs(result.t), result.df))
    assert result.note == ""


@given(samples, samples)
def test_agrees_with_statsmodels(a, b):
    t, p, df = ttest_ind(a, b, usevar="unequal")
    result = welch(a, b)
    assert result.t == pytest.approx(t, rel=1e-7, abs=1e-9)
    assert result.p == pytest.approx(p, rel=1e-6, abs=1e-12)
    assert result.df == pytest.approx(df, rel=1e-7)


@given(samples, samples, st.floats(0.5, 4), st.floats(-3, 3))
def test_is_antisymmetric_and_free_of_unit_and_origin(a, b, scale, shift):
    one, other = welch(a, b), welch(b, a)
    assert one.t == pytest.approx(-other.t)
    assert one.p == pytest.approx(other.p)
    moved = welch(scale * np.array(a) + shift, scale * np.array(b) + shift)
    assert moved.p == pytest.approx(one.p, rel=1e-5, abs=1e-9)


def test_no_variance_in_either_sample():
    equal, lower = welch([0.1] * 3, [0.1] * 7), welch([0.1] * 3, [0.3] * 3)
    assert (equal.difference, equal.t, equal.p, equal.note) == (0, 0, 1, "no variance")
    assert (lower.t, lower.p, lower.note) == (-math.inf, 0, "no variance")
    assert math.isnan(lower.df)


@pytest.mark.filterwarnings("ignore:Precision loss")
def test_variance_in_one_sample_is_an_ordinary_test():
    assert welch([1, 1, 1], [1, 2, 3]).p == pytest.approx(stats.ttest_ind([1, 1, 1], [1, 2, 3], equal_var=False).pvalue)


def test_a_single_value_cannot_be_tested():
    result = welch([0.5], [0.1, 0.2])
    assert result.note == "too few values"
    assert math.isnan(result.p)
    assert result.difference == pytest.approx(0.35)


@pytest.mark.parametrize("bad", [[], [0.1, math.nan], [0.1, math.inf]])
def test_refuses_what_is_no_sample(bad):
    with pytest.raises(ValueError, match="non-empty row of finite numbers"):
        welch(bad, [1, 2])


@settings(deadline=None)
@given(st.lists(st.floats(0, 1) | st.sampled_from([0, 0.01, 1, math.nan]), max_size=12))
def test_holm_is_the_step_down_procedure_over_what_was_tested(p):
    tested = sorted(value for value in p if not math.isnan(value))
    stepped = [
        min(1, max(value * (len(tested) - at) for at, value in enumerate(tested[: i + 1]))) for i in range(len(tested))
    ]
    expected = dict(zip(tested, stepped, strict=True))
    # Equal to the last bit, so that printed p-values stay the same.
    np.testing.assert_array_equal(holm(p), [expected.get(value, math.nan) for value in p])


def test_holm_by_hand_and_untested_comparisons_do_not_count():
    np.testing.assert_allclose(holm([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06])
    np.testing.assert_allclose(holm([0.04, math.nan, 0.01]), [0.04, math.nan, 0.02])
    assert holm([]).size == 0


@given(p_values)
def test_holm_never_lowers_and_keeps_order(p):
    corrected = holm(p)
    assert (corrected >= np.array(p)).all()
    assert (np.diff(corrected[np.argsort(p, kind="stable")]) >= 0).all()


def test_best_follows_the_direction_and_the_first_of_ties():
    values = {"a": np.array([1.0, 2]), "b": np.array([3.0, 3]), "c": np.array([2.0, 4])}
    assert best_of(values, higher_is_better=True) == "b"
    assert best_of(values, higher_is_better=False) == "a"


def test_against_best_compares_with_every_other_one_and_corrects_them_together():
    generator = np.random.default_rng(0)
    values = {name: generator.normal(mean, 1, 9) for name, mean in [("a", 0), ("b", 2), ("c", 0.5)]}
    comparisons = against_best(values, higher_is_better=True)
    assert [(c.best, c.other) for c in comparisons] == [("b", "a"), ("b", "c")]
    p = [stats.ttest_ind(values["b"], values[c.other], equal_var=False).pvalue for c in comparisons]
    np.testing.assert_allclose([c.test.p for c in comparisons], p)
    np.testing.assert_allclose([c.p_holm for c in comparisons], multipletests(p, method="holm")[1])
    assert [c.other for c in against(values, "a")] == ["b", "c"]
