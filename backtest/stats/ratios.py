"""Volatility, and return per unit of risk.

`periods_per_year` annualises: a mean by its product, a deviation by the product with its square root. `risk_free` is a
rate *per period*, one number or one per return. NaN returns are no observations and are left out. Every function
returns NaN where the ratio is not defined: fewer than two observations, or no risk at all.
"""

from __future__ import annotations

import math

import numpy as np

from backtest.types import Floats

NO_SPREAD = 1e-12
"""Deviations below this share of the largest value are rounding, not risk: a constant 0.01 deviates by about 1e-18."""


def deviation(values: Floats) -> float:
    """Return the sample deviation (ddof = 1), exactly 0 for a constant series; NaN under two observations."""
    seen = values[~np.isnan(values)]
    if seen.size < 2:
        return float("nan")
    spread = float(seen.std(ddof=1))
    return spread if spread > NO_SPREAD * float(np.abs(seen).max()) else 0.0


def volatility(returns: Floats, periods_per_year: float) -> float:
    """Return the annualised sample deviation (ddof = 1)."""
    return deviation(returns) * math.sqrt(periods_per_year)


def sharpe(returns: Floats, periods_per_year: float, risk_free: float | Floats = 0.0) -> float:
    """Return the arithmetic mean excess return over its sample deviation (ddof = 1), times √periods.

    Sharpe (1994), "The Sharpe Ratio": the deviation is that of the *excess* return.
    """
    excess = returns - risk_free
    return _over(excess, deviation(excess), periods_per_year)


def downside_deviation(returns: Floats, target: float | Floats = 0.0) -> float:
    """Return √(Σ min(r − target, 0)² / n) per period, n counting *all* observations; NaN without any.

    Sortino and van der Meer (1991); full n as in Rollinger and Hoffman, "Sortino: A Sharper Ratio".
    """
    excess = returns - target
    seen = excess[~np.isnan(excess)]
    return float(np.sqrt(np.mean(np.minimum(seen, 0.0) ** 2))) if seen.size else float("nan")


def sortino(returns: Floats, periods_per_year: float, target: float | Floats = 0.0) -> float:
    """Return the arithmetic mean return above `target` over the downside deviation below it, times √periods."""
    excess = returns - target
    return _over(excess, downside_deviation(returns, target), periods_per_year)


def calmar(annual_return: float, max_drawdown: float) -> float:
    """Return the annual return over the size of the deepest drawdown (a number ≤ 0), both of the whole period."""
    return annual_return / -max_drawdown if max_drawdown < 0.0 else float("nan")


def per_period(annual_rate: float, periods_per_year: float) -> float:
    """Return the rate per period that compounds to `annual_rate` in a year."""
    return math.expm1(math.log1p(annual_rate) / periods_per_year)


def _over(excess: Floats, risk: float, periods_per_year: float) -> float:
    if not risk > 0.0 or np.count_nonzero(~np.isnan(excess)) < 2:
        return float("nan")
    return float(np.nanmean(excess)) / risk * math.sqrt(periods_per_year)
