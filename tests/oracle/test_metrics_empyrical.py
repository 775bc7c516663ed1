"""Metrics against empyrical-reloaded: the same numbers once it is told which of several conventions is meant.

Differences, each by name: it goes by 252, 52 or 12 periods a year (given to ours here) and counts years as n / periods
(so does ours without times); its risk-free rate is per period; its compound alpha is `method="compound"`; its captures
are annualised, ours by default too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics

from .peers import peer
from .series import SERIES

empyrical = peer("empyrical")
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

PARITY = 1e-9
RATE = 0.02


@pytest.fixture(scope="module", params=SERIES)
def known(request: pytest.FixtureRequest) -> tuple[pd.Series, pd.Series, int, str]:
    make, periods, name = SERIES[request.param]
    return *make(), periods, name


def close(ours: float, theirs: float) -> None:
    assert ours == pytest.approx(theirs, rel=PARITY, abs=1e-12)


def test_of_a_series_alone(known: Any) -> None:
    returns, _, periods, name = known
    plain, per_year = returns.to_numpy(), {"periods_per_year": periods}
    cash = (1 + RATE) ** (1 / periods) - 1
    close(metrics.total_return(plain), empyrical.cum_returns_final(returns))
    close(metrics.annual_return(plain, **per_year), empyrical.annual_return(returns, period=name))
    close(metrics.volatility(plain, **per_year), empyrical.annual_volatility(returns, period=name))
    close(
        metrics.sharpe(plain, risk_free=RATE, **per_year),
        empyrical.sharpe_ratio(returns, risk_free=cash, period=name),
    )
    close(
        metrics.sortino(plain, risk_free=RATE, **per_year),
        empyrical.sortino_ratio(returns, required_return=cash, period=name),
    )
    close(
        metrics.downside_deviation(plain, risk_free=RATE, **per_year),
        empyrical.downside_risk(returns, required_return=cash, period=name),
    )
    close(metrics.calmar(plain, **per_year), empyrical.calmar_ratio(returns, period=name))
    close(metrics.max_drawdown(plain), empyrical.max_drawdown(returns))
    close(metrics.omega(plain, risk_free=RATE, **per_year), empyrical.omega_ratio(returns, risk_free=cash))
    close(metrics.tail_ratio(plain), empyrical.tail_ratio(returns))
    close(metrics.stability(plain), empyrical.stability_of_timeseries(returns))
    close(metrics.value_at_risk(plain), empyrical.value_at_risk(returns))
    close(metrics.expected_shortfall(plain), empyrical.conditional_value_at_risk(returns))


def test_against_a_benchmark(known: Any) -> None:
    returns, benchmark, periods, name = known
    a, b, per_year = returns.to_numpy(), benchmark.to_numpy(), {"periods_per_year": periods}
    cash = (1 + RATE) ** (1 / periods) - 1
    close(metrics.beta(a, b), empyrical.beta(returns, benchmark))
    theirs = empyrical.alpha(returns, benchmark, risk_free=cash, period=name)
    close(metrics.alpha(a, b, risk_free=RATE, method="compound", **per_year), theirs)
    close(metrics.up_capture(a, b, **per_year), empyrical.up_capture(returns, benchmark, period=name))
    close(metrics.down_capture(a, b, **per_year), empyrical.down_capture(returns, benchmark, period=name))
    close(metrics.batting_average(a, b), empyrical.batting_average(returns, benchmark)["batting average"])
    close(metrics.information_ratio(a, b, periods_per_year=1), empyrical.excess_sharpe(returns, benchmark))


def test_rolling(known: Any) -> None:
    returns, benchmark, periods, name = known
    table = metrics.rolling(returns, 60, benchmark, periods_per_year=periods)
    theirs = empyrical.roll_sharpe_ratio(returns, 60, period=name)
    np.testing.assert_allclose(table["sharpe"].dropna(), theirs, rtol=PARITY)
    np.testing.assert_allclose(table["beta"].dropna(), empyrical.roll_beta(returns, benchmark, 60), rtol=PARITY)
    volatility = empyrical.roll_annual_volatility(returns, 60, period=name)
    np.testing.assert_allclose(table["volatility"].dropna(), volatility, rtol=PARITY)


def test_months_and_years(known: Any) -> None:
    returns, _, _, _ = known
    table = metrics.monthly_table(returns)
    theirs = empyrical.aggregate_returns(returns, "monthly")
    ours = table.drop(columns="Year").to_numpy().ravel()
    np.testing.assert_allclose(ours[~np.isnan(ours)], theirs.to_numpy(), rtol=PARITY, atol=1e-13)
    np.testing.assert_allclose(table["Year"], empyrical.aggregate_returns(returns, "yearly"), rtol=PARITY, atol=1e-13)


def test_a_constant_series_is_where_they_part() -> None:
    """Returns without any spread have a Sharpe ratio of rounding there; ours is not defined."""
    flat = pd.Series(np.full(100, 0.01), pd.bdate_range("2020-01-01", periods=100))
    assert np.isnan(metrics.sharpe(flat))
    assert not abs(empyrical.sharpe_ratio(flat)) < 1e6
