from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import alpha, beta, correlation, information_ratio, sharpe, tracking_error, treynor

from .golden import case


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


def test_published_systematic_risk() -> None:
    """Beta times the annual deviation of the benchmark, which the source takes over n − 1."""
    inputs, expected, tolerance = case("stats_relative", "bacon_capm")
    portfolio, benchmark = inputs["portfolio"], inputs["benchmark"]
    risk = beta(portfolio, benchmark) * benchmark.std(ddof=1) * math.sqrt(inputs["periods_per_year"])
    assert risk == pytest.approx(expected["systematic_risk"], abs=tolerance["systematic_risk"])


def test_alpha_is_what_a_levered_copy_earns_beside() -> None:
    benchmark = np.random.default_rng(5).normal(0.0, 0.01, 100)
    assert alpha(0.001 + 1.5 * benchmark, benchmark, 252.0) == pytest.approx(0.252)
    # Cash at 0.0004 a bar: the copy pays it on the half that it borrows.
    assert alpha(0.001 + 1.5 * benchmark, benchmark, 252.0, 0.0004) == pytest.approx((0.001 + 0.5 * 0.0004) * 252.0)
    gap = np.where(np.arange(100) == 3, np.nan, benchmark)
    assert alpha(0.001 + gap, benchmark, 12.0) == pytest.approx(0.012)


def test_alpha_and_treynor_need_something_to_go_by() -> None:
    assert math.isnan(alpha(np.array([0.01, 0.02]), np.zeros(2), 12.0))
    assert math.isnan(alpha(np.array([np.nan]), np.array([0.1]), 12.0))
    assert treynor(0.1, 0.5) == pytest.approx(0.2)
    assert math.isnan(treynor(0.1, 0.0))
    assert math.isnan(treynor(0.1, float("nan")))


def test_two_common_bars_are_enough() -> None:
    a, b = np.array([0.01, 0.03]), np.array([0.02, 0.06])
    assert beta(a, b) == pytest.approx(0.5)
    assert correlation(a, b) == pytest.approx(1.0)
    assert math.isnan(beta(a[:1], b[:1]))
    assert math.isnan(correlation(np.zeros(3), np.array([0.01, 0.02, 0.03])))
