from __future__ import annotations

import numpy as np
import pytest

from backtest.stats import (
    cagr,
    calmar,
    max_drawdown,
    path_from_equity,
    path_from_returns,
    returns_from_equity,
    total_return,
    volatility,
    years_between,
)

from .golden import case

PERIODS = {"mixed": 252, "weekly": 52, "monthly": 12}


def ns(day: str) -> int:
    return int(np.datetime64(day, "ns").astype(np.int64))


def test_first_bar_is_measured_from_the_capital() -> None:
    np.testing.assert_allclose(returns_from_equity(np.array([90.0, 99.0]), 100.0), [-0.1, 0.1])
    np.testing.assert_array_equal(path_from_equity(np.array([90.0]), 100.0), [100.0, 90.0])


def test_nothing_is_earned_on_nothing() -> None:
    got = returns_from_equity(np.array([-5.0, -5.0, 0.0]), 100.0)
    np.testing.assert_allclose(got, [-1.05, np.nan, np.nan])


def test_nan_return_changes_nothing() -> None:
    np.testing.assert_allclose(path_from_returns(np.array([np.nan, 0.1, np.nan])), [1.0, 1.0, 1.1, 1.1])
    assert total_return(np.array([50.0, 75.0])) == pytest.approx(0.5)


def test_cagr_counts_actual_days() -> None:
    years = years_between(ns("2000-01-01"), ns("2004-01-01"))  # 1461 days, one of them a leap day
    assert years == pytest.approx(4.0, abs=1e-12)
    assert cagr(np.array([100.0, 146.41]), years) == pytest.approx(0.1, abs=1e-12)


@pytest.mark.parametrize(("end", "expected"), [(0.0, -1.0), (-20.0, -1.0)])
def test_cagr_of_ruin(end: float, expected: float) -> None:
    assert cagr(np.array([100.0, end]), 2.0) == expected


def test_cagr_without_time_is_undefined() -> None:
    assert np.isnan(cagr(np.array([100.0, 110.0]), 0.0))


@pytest.mark.parametrize(("place", "name"), list(enumerate(PERIODS)))
def test_published_annual_return_volatility_and_calmar(place: int, name: str) -> None:
    """The source counts years as rows / periods, so the years are given that way here."""
    inputs, annual, tolerance = case("stats_returns", "empyrical_annual_return")
    returns = inputs[name]
    path = path_from_returns(returns)
    got = cagr(path, returns.size / PERIODS[name])
    assert got == pytest.approx(annual[place], abs=tolerance)
    expected = case("stats_returns", "empyrical_annual_volatility")[1][place]
    assert volatility(returns, PERIODS[name]) == pytest.approx(expected, abs=tolerance)
    fall = max_drawdown(path)
    assert fall is not None
    assert calmar(got, fall.depth) == pytest.approx(case("stats_returns", "empyrical_calmar")[1][place], rel=1e-8)


def test_a_loss_compounds_too_and_only_the_ends_count() -> None:
    path = np.array([100.0, 300.0, 50.0, 81.0])
    assert total_return(path) == pytest.approx(-0.19)
    assert cagr(path, 2.0) == pytest.approx(-0.1)
    np.testing.assert_allclose(returns_from_equity(np.array([0.5, 0.0, 1.0]), 1.0), [-0.5, -1.0, np.nan])
