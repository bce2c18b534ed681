import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from topicbench.statistics.anova import two_way

PROMPTS, SEEDS = ["p1", "p1", "p1", "p2", "p2", "p2"], [0, 1, 2, 0, 1, 2]


def test_hand_worked():
    # Rows 1 2 3 and 4 6 5. Prompts: means 2, 5, SS = 2·3·1.5² = 13.5. Seeds: means 2.5, 4, 4, SS = 2·(1+.25+.25) = 3.
    # Total SS = 17.5 about the mean 3.5; residual 1 with 2 degrees of freedom: F = 13.5/.5 = 27 and 1.5/.5 = 3.
    result = two_way([1, 2, 3, 4, 6, 5], PROMPTS, SEEDS)
    assert result.residual_sum_squares == pytest.approx(1)
    assert result.residual_df == 2
    assert (result.prompt.df, result.seed.df) == (1, 2)
    assert (result.prompt.sum_squares, result.seed.sum_squares) == pytest.approx((13.5, 3))
    assert (result.prompt.f, result.seed.f) == pytest.approx((27, 3))
    assert result.prompt.p == pytest.approx(stats.f.sf(27, 1, 2))
    assert result.seed.p == pytest.approx(stats.f.sf(3, 2, 2)) == pytest.approx(0.25)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.001, 100))
def test_agrees_with_the_textbook_sums_of_squares_in_any_unit(seed, unit):
    table = np.random.default_rng(seed).normal(0.5, 0.01, size=(5, 4))
    prompts, seeds = np.indices(table.shape).reshape(2, -1)
    result = two_way(unit * table.ravel(), prompts, seeds)
    grand, rows, columns = table.mean(), table.mean(axis=1), table.mean(axis=0)
    between_rows, between_columns = 4 * ((rows - grand) ** 2).sum(), 5 * ((columns - grand) ** 2).sum()
    residual = ((table - rows[:, None] - columns + grand) ** 2).sum()
    assert result.prompt.f == pytest.approx((between_rows / 4) / (residual / 12))
    assert result.seed.f == pytest.approx((between_columns / 3) / (residual / 12))
    assert result.prompt.sum_squares == pytest.approx(unit**2 * between_rows)


def test_levels_are_names_and_order_does_not_matter():
    values = [1, 2, 3, 4, 6, 5]
    order = [3, 0, 5, 1, 4, 2]
    shuffled = two_way([values[i] for i in order], [PROMPTS[i] for i in order], [SEEDS[i] for i in order])
    assert shuffled.prompt.f == pytest.approx(27)
    assert two_way(values, PROMPTS, [s + 100 for s in SEEDS]).seed.f == pytest.approx(3)


def test_values_that_do_not_vary_have_no_f():
    result = two_way([0.3] * 6, PROMPTS, SEEDS)
    assert math.isnan(result.prompt.f)
    assert math.isnan(result.seed.p)


@pytest.mark.parametrize(
    ("prompts", "seeds"), [(["a"] * 3, [0, 1, 2]), (["a", "b"], [0, 0]), (["a", "b", "b"], [0, 0, 1])]
)
def test_refuses_designs_without_two_levels_or_a_residual(prompts, seeds):
    with pytest.raises(ValueError, match="two prompts, two seeds"):
        two_way(range(len(prompts)), prompts, seeds)
