from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import calmar, deviation, downside_deviation, per_period, sharpe, sortino, volatility

from .golden import case


def test_published_monthly_sharpe() -> None:
    inputs, expected, tolerance = case("stats_sharpe", "bacon_sharpe_lequant")
    portfolio, benchmark = inputs["portfolio"], inputs["benchmark"]
    got = [sharpe(portfolio, 1.0), sharpe(benchmark, 1.0), sharpe(portfolio, 1.0, benchmark)]
    np.testing.assert_allclose(got, expected, atol=tolerance, rtol=0)


def test_published_sharpe_over_cash() -> None:
    inputs, expected, tolerance = case("stats_sharpe", "sharpe_annual_12obs")
    assert sharpe(inputs["returns"], 1.0, inputs["rf"]) == pytest.approx(expected, abs=tolerance)


def test_published_annualised_sharpe() -> None:
    inputs, expected, tolerance = case("stats_sharpe", "empyrical_sharpe")
    for name, key in (("mixed", "mixed_rf0"), ("positive", "positive"), ("negative", "negative")):
        assert sharpe(inputs[name], 252.0) == pytest.approx(expected[key], abs=tolerance)
    over = sharpe(inputs["mixed"], 252.0, inputs["simple_benchmark"])
    assert over == pytest.approx(expected["mixed_minus_benchmark"], abs=tolerance)


def test_published_sortino() -> None:
    inputs, expected, tolerance = case("stats_sortino", "sortino_red_rock")
    assert sortino(inputs["returns"], 1.0, inputs["target"]) == pytest.approx(expected, abs=tolerance)
    inputs, expected, tolerance = case("stats_sortino", "empyrical_sortino")
    for name, periods in (("mixed", 252.0), ("negative", 252.0), ("weekly", 52.0), ("monthly", 12.0)):
        assert sortino(inputs[name], periods) == pytest.approx(expected[name], abs=tolerance)
    assert sortino(inputs["mixed"], 252.0, 0.01) == pytest.approx(expected["mixed_vs_flat1"], abs=tolerance)


def test_published_downside_deviation() -> None:
    inputs, expected, tolerance = case("stats_sortino", "bacon_downside_deviation")
    assert downside_deviation(inputs["portfolio"], inputs["target"]) == pytest.approx(expected, abs=tolerance)


@pytest.mark.parametrize("returns", [np.full(50, 0.01), np.zeros(5), np.array([0.02]), np.empty(0)])
def test_no_risk_or_too_little_data_has_no_ratio(returns: np.ndarray) -> None:
    assert math.isnan(sharpe(returns, 252.0))
    assert math.isnan(sortino(returns, 252.0))


def test_constant_series_has_volatility_zero_and_one_row_none() -> None:
    assert volatility(np.full(50, 0.01), 252.0) == 0.0
    assert math.isnan(volatility(np.array([0.01]), 252.0))
    assert deviation(np.array([1e-15, -1e-15])) > 0.0  # small, but all there is


def test_gains_only_have_no_sortino_and_no_calmar() -> None:
    assert math.isnan(sortino(np.array([0.01, 0.02, 0.03]), 252.0))
    assert math.isnan(calmar(0.1, 0.0))
    assert calmar(0.1, -0.2) == pytest.approx(0.5)


def test_cash_rate_per_period_compounds_to_the_annual_one() -> None:
    assert (1.0 + per_period(0.05, 251.7)) ** 251.7 == pytest.approx(1.05, abs=1e-12)
    assert per_period(0.0, 252.0) == 0.0


def test_two_observations_are_enough() -> None:
    returns = np.array([0.03, np.nan, -0.01])
    assert sharpe(returns, 4.0) == pytest.approx(0.01 / (0.04 / math.sqrt(2.0)) * 2.0)
    assert sortino(returns, 1.0) == pytest.approx(0.01 / (0.01 / math.sqrt(2.0)))
