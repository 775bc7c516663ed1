"""One return series against another, bar by bar. Rows where either is NaN are left out."""

from __future__ import annotations

import math

import numpy as np

from backtest.stats.ratios import deviation
from backtest.types import Floats


def beta(returns: Floats, benchmark: Floats) -> float:
    """Return the slope of `returns` on `benchmark` (both as they are, not in excess of cash); NaN on a flat one."""
    x, y = _common(benchmark, returns)
    if x.size < 2 or deviation(x) == 0.0:
        return float("nan")
    centred = x - x.mean()
    return float(centred @ (y - y.mean()) / (centred @ centred))


def correlation(returns: Floats, benchmark: Floats) -> float:
    """Return Pearson's correlation; NaN when either series is flat."""
    x, y = _common(benchmark, returns)
    if x.size < 2 or deviation(x) == 0.0 or deviation(y) == 0.0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])


def tracking_error(returns: Floats, benchmark: Floats, periods_per_year: float) -> float:
    """Return the annualised sample deviation (ddof = 1) of the difference of returns."""
    return deviation(returns - benchmark) * math.sqrt(periods_per_year)


def information_ratio(returns: Floats, benchmark: Floats, periods_per_year: float) -> float:
    """Return the arithmetic mean difference over its sample deviation (ddof = 1), times √periods.

    Goodwin (1998), "The Information Ratio". PerformanceAnalytics divides the difference of the compound annual returns
    by the tracking error instead.
    """
    difference = returns - benchmark
    spread = deviation(difference)
    return float(np.nanmean(difference)) / spread * math.sqrt(periods_per_year) if spread > 0.0 else float("nan")


def alpha(returns: Floats, benchmark: Floats, periods_per_year: float, risk_free: float | Floats = 0.0) -> float:
    """Return the intercept of the excess return on the benchmark's excess return, times the periods in a year.

    Jensen (1968), "The Performance of Mutual Funds". Arithmetic; empyrical compounds the intercept, (1 + α)ⁿ − 1, and
    PerformanceAnalytics' Jensen's alpha takes compound annual returns instead of means.
    """
    mine, theirs = _common(returns - risk_free, benchmark - risk_free)
    slope = beta(mine, theirs)
    return float(mine.mean() - slope * theirs.mean()) * periods_per_year if mine.size else float("nan")


def treynor(annual_excess: float, slope: float) -> float:
    """Return the annual excess return over beta; NaN for a beta of zero. Treynor (1965)."""
    return annual_excess / slope if slope != 0.0 else float("nan")


def _common(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    both = ~(np.isnan(x) | np.isnan(y))
    return x[both], y[both]
