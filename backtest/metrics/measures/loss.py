"""How uncertain the returns are, and what the bad ones look like."""

from __future__ import annotations

import math

from backtest import stats
from backtest.metrics.measure import solo
from backtest.metrics.track import Track
from backtest.stats.moments import Bias
from backtest.stats.tails import Tail


@solo(
    "Volatility",
    "fraction",
    "s(r) · √n",
    "sample deviation (n − 1) of simple bar returns, {root}",
    "definition; empyrical, quantstats and ffn agree",
)
def volatility(track: Track) -> float:
    """Return the annualised deviation of returns."""
    return stats.volatility(track.returns, track.periods.per_year)


@solo(
    "Downside deviation",
    "fraction",
    "√(Σ min(r − f, 0)² / n) · √n",
    "root mean square of the returns below the risk-free rate over all n bars, {root}; {over}",
    "Sortino and van der Meer (1991); full n as in Rollinger and Hoffman",
)
def downside_deviation(track: Track) -> float:
    """Return the annualised downside deviation; `periods_per_year=1` gives it per bar."""
    return stats.downside_deviation(track.returns, track.cash_rate) * math.sqrt(track.periods.per_year)


@solo(
    "Value at risk",
    "fraction",
    "q(1 − level), or μ + σz, or μ + σz′ with Cornish and Fisher's z′",
    "return of one bar that {level:.0%} of the bars exceed, {method}; a loss is negative",
    "Jorion (2007); Zangari (1996); population moments and the sign as in PerformanceAnalytics",
)
def value_at_risk(track: Track, level: float = 0.95, method: Tail = "historical") -> float:
    """Return the value at risk of one bar, a return and so usually negative."""
    return stats.value_at_risk(track.returns, level, method)


@solo(
    "Expected shortfall",
    "fraction",
    "mean of r ≤ VaR, or μ − σφ(z) / (1 − level), or Boudt, Peterson and Croux's modified one",
    "mean return of the bars at or beyond the {level:.0%} value at risk, {method}; a loss is negative",
    "Acerbi and Tasche (2002); Boudt, Peterson and Croux (2008)",
)
def expected_shortfall(track: Track, level: float = 0.95, method: Tail = "historical") -> float:
    """Return the expected shortfall of one bar, a return and so usually negative."""
    return stats.expected_shortfall(track.returns, level, method)


@solo(
    "Skewness",
    "ratio",
    "m₃ / m₂^1.5 · √(n(n − 1)) / (n − 2)",
    "of bar returns, {bias}; 0: symmetric, below: the long tail is on the side of losses",
    "Joanes and Gill (1998), G₁; population: g₁ as the deflated Sharpe ratio takes it",
)
def skewness(track: Track, bias: Bias = "sample") -> float:
    """Return the skewness of the bar returns."""
    return stats.skewness(track.returns, bias)


@solo(
    "Excess kurtosis",
    "ratio",
    "(n − 1) / ((n − 2)(n − 3)) · ((n + 1)(m₄ / m₂² − 3) + 6)",
    "of bar returns, {bias}, less 3; 0: as a normal, above: fatter tails",
    "Joanes and Gill (1998), G₂; population: g₂, which is 3 below what the deflated Sharpe ratio takes",
)
def kurtosis(track: Track, bias: Bias = "sample") -> float:
    """Return the excess kurtosis of the bar returns."""
    return stats.kurtosis(track.returns, bias)
