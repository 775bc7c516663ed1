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
    """Return the arithmetic mean difference over its sample deviation (ddof = 1), times √periods."""
    difference = returns - benchmark
    spread = deviation(difference)
    return float(np.nanmean(difference)) / spread * math.sqrt(periods_per_year) if spread > 0.0 else float("nan")


def _common(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    both = ~(np.isnan(x) | np.isnan(y))
    return x[both], y[both]
