"""Ordinary least squares: how much of a series other series explain.

Rows where anything is NaN are left out. Standard errors are classical (homoskedastic, uncorrelated residuals); from the
`influence` of each row follow those that allow for dependence and changing variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.stats.ratios import deviation
from backtest.types import Floats


@dataclass(frozen=True)
class Regression:
    """y = α + Xβ + ε over `n` complete rows. Everything is NaN when there are too few, or the columns are dependent."""

    alpha: float  # per period
    betas: Floats  # (K,)
    alpha_error: float
    beta_errors: Floats  # (K,)
    r_squared: float
    residual_deviation: float  # per period, over n − K − 1
    n: int
    influence: Floats  # (1 + K, n) what each row adds to alpha and the betas, times n; rows of mean zero


def regress(y: Floats, x: Floats) -> Regression:
    """Regress `y` `(T,)` on the columns of `x` `(T, K)` with an intercept. Greene, "Econometric Analysis", ch. 3."""
    rows = ~(np.isnan(y) | np.isnan(x).any(axis=1))
    y, x = y[rows], x[rows]
    n, k = x.shape
    spread = np.array([deviation(column) for column in x.T])
    if n < k + 2 or not (spread > 0.0).all():
        return _undefined(n, k)
    mean = x.mean(axis=0)
    centred = x - mean
    if np.linalg.matrix_rank(centred / spread) < k:
        return _undefined(n, k)
    inverse = np.linalg.inv(centred.T @ centred)
    betas = inverse @ (centred.T @ (y - y.mean()))
    residual = y - y.mean() - centred @ betas
    variance = float(residual @ residual) / (n - k - 1)
    alpha_error = np.sqrt(variance * (1.0 / n + mean @ inverse @ mean))
    total = float(((y - y.mean()) ** 2).sum())
    on_betas = n * (inverse @ centred.T) * residual
    return Regression(
        alpha=float(y.mean() - mean @ betas),
        betas=betas,
        alpha_error=float(alpha_error),
        beta_errors=np.sqrt(variance * np.diag(inverse)),
        r_squared=1.0 - float(residual @ residual) / total if total > 0.0 else float("nan"),
        residual_deviation=float(np.sqrt(variance)),
        n=n,
        influence=np.vstack((residual - mean @ on_betas, on_betas)),
    )


def stability(path: Floats) -> float:
    """Return R² of a straight line through the logarithm of `path` against the bar number: 1 for steady growth.

    The start is left out, as empyrical does, and 0 to 1 says nothing about the direction. NaN with fewer than three
    bars, for a path that does not move, and for one that reaches zero.
    """
    ends = path[1:]
    if ends.size < 3 or not (ends > 0.0).all():
        return float("nan")
    time, height = np.arange(ends.size) - (ends.size - 1) / 2.0, np.log(ends)
    height = height - height.mean()
    spread = float(height @ height)
    return float(time @ height) ** 2 / (float(time @ time) * spread) if spread > 1e-24 * ends.size else float("nan")


def _undefined(n: int, k: int) -> Regression:
    nan, nans = float("nan"), np.full(k, np.nan)
    return Regression(nan, nans, nan, nans, nan, nan, n, np.full((1 + k, n), np.nan))
