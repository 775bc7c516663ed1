"""Where the risk of a portfolio comes from. Weights are `(N,)`, the covariance `(N, N)` per period."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np

from backtest.types import Floats


def portfolio_deviation(weights: Floats, covariance: Floats) -> float:
    """Return √(w′Σw) per period."""
    variance = float(weights @ covariance @ weights)
    return math.sqrt(variance) if variance > 0.0 else 0.0 if variance == 0.0 else math.nan


def marginal_risk(weights: Floats, covariance: Floats) -> Floats:
    """Return ∂σ/∂wᵢ = (Σw)ᵢ / σ, `(N,)`; NaN for a portfolio without risk. Litterman (1996), "Hot Spots and Hedges"."""
    total = portfolio_deviation(weights, covariance)
    return np.asarray(covariance @ weights / (total if total > 0.0 else math.nan))


def risk_contributions(weights: Floats, covariance: Floats) -> Floats:
    """Return wᵢ · ∂σ/∂wᵢ, `(N,)`, which add up to σ by Euler's theorem. Maillard, Roncalli and Teiletche (2010)."""
    return weights * marginal_risk(weights, covariance)


def marginal_var(weights: Floats, covariance: Floats, level: float = 0.95, mean: Floats | None = None) -> Floats:
    """Return ∂VaR/∂wᵢ = μᵢ + z (Σw)ᵢ / σ, `(N,)`, of the Gaussian value at risk, a return (usually negative).

    z is the normal (1 − level) quantile and `mean` μ the expected return per period, 0 when left out. wᵢ times this is
    the component VaR, and components add up to the VaR. Jorion (2007), "Value at Risk", ch. 7; Garman (1996).
    """
    z = NormalDist().inv_cdf(1.0 - level)
    return (0.0 if mean is None else mean) + z * marginal_risk(weights, covariance)


def active_share(weights: Floats, benchmark: Floats) -> Floats:
    """Return ½ Σ|w − b| for weights `(N,)` or `(T, N)`, one answer a row; NaN counts as no position.

    Cremers and Petajisto (2009), "How Active Is Your Fund Manager?". 0 for the benchmark itself, 1 for a long-only
    portfolio without any of its names. Cash is a name like any other: what neither side invests has to be a column.
    """
    return np.asarray(np.abs(np.nan_to_num(weights) - np.nan_to_num(benchmark)).sum(axis=-1) / 2.0)
