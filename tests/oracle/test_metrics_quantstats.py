"""Metrics against quantstats: the same numbers once it is told which of several conventions is meant.

Differences, each by name. Value at risk and expected shortfall are Gaussian by default, with the sample deviation
(n − 1) where ours takes the population's; the Ulcer index divides by n − 1 (`ddof=1`); the Ulcer performance index
and the Treynor ratio divide the *total* return where ours divide the annual one; the information ratio is not
annualised (`periods_per_year=1`); wins, losses and streaks are of days where ours are of trades.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import metrics

from .peers import peer
from .series import SERIES

quantstats = peer("quantstats.stats")
pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]  # a peer's own warnings are its own

PARITY = 1e-9
RATE = 0.02


@pytest.fixture(scope="module", params=SERIES)
def known(request: pytest.FixtureRequest) -> tuple[pd.Series, pd.Series, int]:
    make, periods, _ = SERIES[request.param]
    return *make(), periods


def close(ours: float, theirs: float) -> None:
    assert ours == pytest.approx(theirs, rel=PARITY, abs=1e-12)


def test_of_a_series_alone(known: Any) -> None:
    returns, _, periods = known
    plain, per_year = returns.to_numpy(), {"periods_per_year": periods}
    close(metrics.total_return(plain), quantstats.comp(returns))
    close(metrics.annual_return(plain, **per_year), quantstats.cagr(returns, periods=periods))
    close(metrics.volatility(plain, **per_year), quantstats.volatility(returns, periods=periods))
    close(metrics.sharpe(plain, risk_free=RATE, **per_year), quantstats.sharpe(returns, rf=RATE, periods=periods))
    close(metrics.sortino(plain, risk_free=RATE, **per_year), quantstats.sortino(returns, rf=RATE, periods=periods))
    close(metrics.calmar(plain, **per_year), quantstats.calmar(returns, periods=periods))
    close(metrics.max_drawdown(plain), quantstats.max_drawdown(returns))
    close(metrics.omega(plain, risk_free=RATE, **per_year), quantstats.omega(returns, rf=RATE, periods=periods))
    close(metrics.gain_to_pain(plain), returns.sum() / abs(returns[returns < 0].sum()))
    close(metrics.tail_ratio(plain), quantstats.tail_ratio(returns))
    close(metrics.skewness(plain), quantstats.skew(returns))
    close(metrics.kurtosis(plain), quantstats.kurtosis(returns))
    close(metrics.best_bar(plain), quantstats.best(returns))
    close(metrics.worst_bar(plain), quantstats.worst(returns))


def test_gain_to_pain_of_days(known: Any) -> None:
    """It sums up to days or months first: of a daily series without gaps in the calendar that is the series itself."""
    returns, _, periods = known
    if periods == 252:
        close(metrics.gain_to_pain(returns), quantstats.gain_to_pain_ratio(returns))


def test_tails_by_their_deviation(known: Any) -> None:
    returns, _, _ = known
    mean, sample, z = returns.mean(), returns.std(), NormalDist().inv_cdf(0.05)
    close(quantstats.value_at_risk(returns), mean + z * sample)
    ours = metrics.value_at_risk(returns, method="gaussian")
    close((ours - mean) * math.sqrt(returns.size / (returns.size - 1)) + mean, quantstats.value_at_risk(returns))
    ours = metrics.expected_shortfall(returns, method="gaussian")
    theirs = quantstats.conditional_value_at_risk(returns)
    close((ours - mean) * math.sqrt(returns.size / (returns.size - 1)) + mean, theirs)
    close(metrics.expected_shortfall(returns), quantstats.conditional_value_at_risk(returns, method="historical"))


def test_ulcer(known: Any) -> None:
    returns, _, periods = known
    close(metrics.ulcer_index(returns, ddof=1), quantstats.ulcer_index(returns))
    total, annual = (
        f(returns.to_numpy(), periods_per_year=periods) for f in (metrics.total_return, metrics.annual_return)
    )
    ours = metrics.martin(returns.to_numpy(), periods_per_year=periods) * total / annual
    close(ours * math.sqrt((returns.size - 1) / returns.size), quantstats.ulcer_performance_index(returns))


def test_against_a_benchmark(known: Any) -> None:
    returns, benchmark, periods = known
    a, b, per_year = returns.to_numpy(), benchmark.to_numpy(), {"periods_per_year": periods}
    greeks = quantstats.greeks(returns, benchmark, periods=periods)
    close(metrics.beta(a, b), greeks["beta"])
    close(metrics.alpha(a, b, **per_year), greeks["alpha"])
    close(metrics.information_ratio(a, b, periods_per_year=1), quantstats.information_ratio(returns, benchmark))
    close(metrics.correlation(a, b) ** 2, quantstats.r_squared(returns, benchmark))
    total, annual = metrics.total_return(a), metrics.annual_return(a, **per_year)
    theirs = quantstats.treynor_ratio(returns, benchmark, periods=periods)
    close(metrics.treynor(a, b, **per_year) * total / annual, theirs)


def test_depths_of_drawdowns(known: Any) -> None:
    """It lists them in percent; a drawdown that begins with the first bar is one."""
    returns, _, _ = known
    theirs = quantstats.drawdown_details(quantstats.to_drawdown_series(returns))
    depth = np.sort(theirs["max drawdown"].to_numpy(float)) / 100.0
    np.testing.assert_allclose(metrics.drawdown_table(returns)["depth"], depth, rtol=PARITY, atol=1e-12)


def test_wins_are_of_days_there() -> None:
    """What quantstats calls the win rate, profit factor and payoff are the shares and ratios of bars: others here."""
    returns, _ = SERIES["daily"][0]()
    assert metrics.positive_bars(returns) == pytest.approx(quantstats.win_rate(returns), abs=1e-3)
    close(metrics.omega(returns), quantstats.profit_factor(returns))
