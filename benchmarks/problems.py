"""The allocation problems that others solve too: made assets, our own call, and what is better or forbidden."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

YEAR = 252
CAP = 0.4  # largest weight
AVERSION = 5.0
CONFIDENCE = 0.95

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Assets:
    """Daily simple returns `(T, n)` with their sample mean and covariance, a year; weights are from 0 to `cap`."""

    returns: pd.DataFrame
    cap: float = CAP

    @cached_property
    def values(self) -> Array:
        """The returns as an array."""
        return np.ascontiguousarray(self.returns.to_numpy())

    @cached_property
    def mean(self) -> pd.Series[float]:
        """Arithmetic means a year."""
        return self.returns.mean() * YEAR

    @cached_property
    def covariance(self) -> pd.DataFrame:
        """Sample covariance (ddof = 1) a year."""
        names = self.returns.columns
        return pd.DataFrame(np.cov(self.values.T).reshape(len(names), -1) * YEAR, names, names)

    @cached_property
    def means(self) -> Array:
        """The means as an array."""
        return self.mean.to_numpy()

    @cached_property
    def matrix(self) -> Array:
        """The covariance as an array."""
        return self.covariance.to_numpy()

    @cached_property
    def limit(self) -> float:
        """Largest weight, at least what lets the weights add up to 1."""
        return max(self.cap, 1.0 / self.returns.shape[1])


def random_assets(n: int, seed: int = 0, rows: int = 1_000, cap: float = CAP) -> Assets:
    """Returns with a few common factors, unequal risks and means that differ by more than their sum of errors."""
    rng = np.random.default_rng([seed, n])
    k = 1 + n // 10
    factors = rng.normal(0.0, 0.01, (rows, k)) @ rng.normal(0.5, 0.5, (k, n)) / np.sqrt(k)
    own = rng.normal(0.0, 1.0, (rows, n)) * rng.uniform(0.005, 0.02, n)
    returns = 0.0004 + rng.normal(0.0, 0.0003, n) + factors + own
    return Assets(
        pd.DataFrame(returns, pd.bdate_range("2015-01-01", periods=rows), [f"A{k:03d}" for k in range(n)]), cap
    )


OURS: dict[str, dict[str, Any]] = {
    "min_variance": {},
    "max_sharpe": {},
    "mean_variance": {"risk_aversion": AVERSION},
    "risk_parity": {},
    "max_diversification": {},
    "min_cvar": {"confidence": CONFIDENCE},
    "min_cdar": {"confidence": CONFIDENCE},
    "hrp": {"linkage": "single", "distance": "correlation"},
}
"""Our methods' parameters for the same problems."""

CAPPED = ("min_variance", "max_sharpe", "mean_variance", "max_diversification", "min_cvar", "min_cdar")
BY_MEAN = ("max_sharpe", "mean_variance")
FROM_RETURNS = ("min_cvar", "min_cdar")


def ours(method: str, assets: Assets, **others: Any) -> Any:
    """The whole answer of our public call."""
    from backtest.allocate import allocate

    given: dict[str, Any] = {"covariance": assets.matrix, "periods_per_year": YEAR}
    if method in BY_MEAN:
        given["mean"] = assets.means
    if method in FROM_RETURNS:
        given = {"returns": assets.values, "lookback": len(assets.values)}
    constraints = {"max_weight": assets.limit} if method in CAPPED else None
    return allocate(method, constraints=constraints, **given, **{**OURS[method], **others})


def badness(method: str, assets: Assets, weights: Array) -> float:
    """What a method minimises, of weights `(n,)`: smaller is better, whoever found them."""
    w, covariance = weights, assets.matrix
    variance = float(w @ covariance @ w)
    if method == "min_variance":
        return variance
    if method == "max_sharpe":
        return -float(assets.means @ w) / np.sqrt(variance)
    if method == "mean_variance":
        return AVERSION / 2 * variance - float(assets.means @ w)
    if method == "max_diversification":
        return -float(np.sqrt(np.diag(covariance)) @ w) / np.sqrt(variance)
    if method == "risk_parity":
        return float(np.abs(w * (covariance @ w) / variance * len(w) - 1.0).max())
    if method == "min_cvar":
        return tail(-assets.values @ w)
    path = np.cumsum(assets.values @ w)
    return tail(np.maximum.accumulate(np.maximum(path, 0.0)) - path)


def tail(losses: Array) -> float:
    """Mean of the largest 5 % of losses `(T,)`, the last one of them in part."""
    size = len(losses) * (1.0 - CONFIDENCE)
    shares = np.clip(size - np.arange(len(losses)), 0.0, 1.0)
    return float(np.sort(losses)[::-1] @ shares / size)


def violation(method: str, assets: Assets, weights: Array) -> float:
    """By how much weights break the rules that everybody was given."""
    limit = assets.limit if method in CAPPED else 1.0
    return float(max(abs(weights.sum() - 1.0), -weights.min(), (weights - limit).max(), 0.0))


def repaired(method: str, assets: Assets, weights: Array) -> Array:
    """The nearest weights that break no rule, so that nobody looks better for having broken one."""
    limit = assets.limit if method in CAPPED else 1.0
    low, high = float(weights.min()) - 1.0, float(weights.max())
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (middle, high) if np.clip(weights - middle, 0.0, limit).sum() > 1.0 else (low, middle)
    return np.clip(weights - high, 0.0, limit)
