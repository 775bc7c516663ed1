"""Alpha and beta with errors that allow for dependence and changing volatility."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from backtest.stats.inference.hac import long_run_variance
from backtest.stats.inference.interval import UNDEFINED, Interval
from backtest.stats.ratios import deviation
from backtest.types import Floats

COEFFICIENTS = 2
FEWEST = 10


def line_intervals(returns: Floats, benchmark: Floats, level: float = 0.95) -> dict[str, Interval]:
    """Return intervals of alpha and beta per bar of excess `returns` on an excess `benchmark`, `(T,)` each.

    θ̂ ± z √(V/(n − 2)), V the long-run variance of the influence of each bar: (x − x̄)e / σ²ₓ on beta, and e less x̄ times
    that on alpha, with residuals e; the larger of the Newey–West and the prewhitened quadratic-spectral one. Rows where
    either is NaN are left out; undefined with fewer than ten or on a flat benchmark. Newey and West (1987).
    """
    both = ~(np.isnan(returns) | np.isnan(benchmark))
    y, x = returns[both], benchmark[both]
    if x.size < FEWEST or not deviation(x) > 0.0:
        return {"alpha": UNDEFINED, "beta": UNDEFINED}
    apart, variance = x - x.mean(), float(x.var())
    beta = float(apart @ y) / (x.size * variance)
    residual = y - y.mean() - beta * apart
    on_beta = apart * residual / variance
    alpha = float(y.mean() - beta * x.mean())
    return {"alpha": _normal(alpha, residual - x.mean() * on_beta, level), "beta": _normal(beta, on_beta, level)}


def _normal(value: float, influence: Floats, level: float) -> Interval:
    variance = max(long_run_variance(influence, "bartlett"), long_run_variance(influence, "quadratic_spectral"))
    error = math.sqrt(max(variance, 0.0) / (influence.size - COEFFICIENTS))
    reach = NormalDist().inv_cdf((1.0 + level) / 2.0) * error
    return Interval(value, error, value - reach, value + reach)
