"""Where rounding would change an answer by more than rounding."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest import stats


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.7, 0.71])
@pytest.mark.parametrize("n", [11, 21, 101])
def test_a_value_at_the_quantile_is_in_the_tail(level: float, n: int) -> None:
    """With n − 1 a multiple of what the tail needs the quantile is one of the values, and 1 − 0.9 is less than 0.1."""
    values = np.arange(n) / n - 0.5
    place = (n - 1) * (100 - round(100 * level)) / 100
    expected = values[: math.floor(place + 1e-9) + 1].mean()
    assert stats.expected_shortfall(np.random.default_rng(n).permutation(values), level) == pytest.approx(expected)
    assert stats.conditional_drawdown(np.append(0.0, values), level) == pytest.approx(expected)


def test_a_constant_factor_explains_nothing() -> None:
    """The mean of 0.0001 comes out a bit beside 0.0001: what is left is rounding, not a factor."""
    y = np.random.default_rng(2).normal(0.0, 0.01, 300)
    for constant in (0.0001, 0.01, 1.0 / 3.0):
        found = stats.regress(y, np.full((300, 1), constant))
        assert math.isnan(found.alpha)
        assert np.isnan(found.betas).all()
        assert found.influence.shape == (2, 300)


def test_factors_of_very_different_size_are_no_copies() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 2)) * [1.0, 1e-17]
    found = stats.regress(x @ [2.0, 3e17], x)
    np.testing.assert_allclose(found.betas, [2.0, 3e17])


def test_numbers_are_plain_floats_without_a_sign_on_zero() -> None:
    assert type(stats.skewness(np.array([0.1, 0.2, 0.4]))) is float
    assert math.copysign(1.0, stats.pain_index(np.zeros(3))) == 1.0


def test_a_path_stays_where_it_was_ruined() -> None:
    assert stats.path_from_returns(np.array([0.5, -1.0, 0.2])).tolist() == [1.0, 1.5, 0.0, 0.0]
    np.testing.assert_allclose(stats.path_from_returns(np.array([-1.2, 0.5, -3.0])), [1.0, -0.2, -0.2, -0.2])
