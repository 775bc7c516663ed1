from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import beta, correlation, information_ratio, sharpe, tracking_error


def test_a_levered_copy_has_its_leverage_as_beta() -> None:
    benchmark = np.random.default_rng(3).normal(0.0, 0.01, 100)
    returns = 0.001 + 1.5 * benchmark
    assert beta(returns, benchmark) == pytest.approx(1.5)
    assert correlation(returns, benchmark) == pytest.approx(1.0)


def test_rows_that_one_side_misses_are_left_out() -> None:
    benchmark = np.array([0.01, np.nan, -0.02, 0.03, 0.5])
    returns = np.array([0.02, 0.9, -0.04, 0.06, np.nan])
    assert beta(returns, benchmark) == pytest.approx(2.0)


def test_information_ratio_is_the_sharpe_of_the_difference() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.normal(0.001, 0.01, (2, 60))
    assert information_ratio(a, b, 52.0) == pytest.approx(sharpe(a - b, 52.0))
    assert tracking_error(a, b, 52.0) == pytest.approx(np.std(a - b, ddof=1) * math.sqrt(52.0))


def test_flat_benchmark_and_identical_series_are_undefined() -> None:
    a = np.array([0.01, 0.02, 0.03])
    assert math.isnan(beta(a, np.full(3, 0.01)))
    assert math.isnan(correlation(a, np.zeros(3)))
    assert math.isnan(information_ratio(a, a, 252.0))
    assert tracking_error(a, a, 252.0) == 0.0
