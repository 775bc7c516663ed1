"""What the tests of optimising methods share: a history from moments, regions, published cases, random problems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from backtest.allocate.base import Forecast, History, Method, Weights
from backtest.allocate.constraints.region import Region, long_only
from backtest.types import Floats

GOLDEN = Path(__file__).parents[1] / "golden"


def case(file: str, name: str) -> dict[str, Any]:
    """Return a published case: inputs, expected, tolerance, source."""
    found: dict[str, Any] = json.loads((GOLDEN / f"{file}.json").read_text())[name]
    return found


def names(n: int) -> Any:
    return np.array([f"S{k:03d}" for k in range(n)], np.str_)


def known(covariance: Any, mean: Any = None, **more: Any) -> History:
    """Return a history of which only the moments are known, annual."""
    matrix = np.array(covariance, np.float64)
    n = len(matrix)
    forecast = Forecast(None if mean is None else np.array(mean, np.float64), matrix)
    return History(names(n), np.empty((0, n)), forecast=forecast, **more)


def seen(returns: Floats, **more: Any) -> History:
    """Return a history of returns `(n, N)` of 252 bars a year."""
    return History(names(returns.shape[1]), returns, **{"periods_per_year": 252.0, **more})


def weigh(method: Method, history: History, region: Region | None = None) -> Weights:
    """Weigh, long only and fully invested unless a region is given."""
    return method.weigh(history, long_only(len(history.symbols)) if region is None else region)


def free(n: int, size: float = 100.0) -> Region:
    """Return the region of weights that add up to 1, of either sign."""
    one = np.array([1.0])
    return Region(np.full(n, -size), np.full(n, size), np.ones((1, n)), one, one, names=("net",))


def unbounded(n: int, size: float = 100.0) -> Region:
    """Return the region without any rule that could bind."""
    none = np.empty(0)
    return Region(np.full(n, -size), np.full(n, size), np.empty((0, n)), none, none)


def problem(seed: int, n: int, factors: int = 3) -> tuple[Floats, Floats]:
    """Return a covariance `(n, n)` with a factor structure, and means `(n,)`, some of them below 0; annual."""
    rng = np.random.default_rng(seed)
    loadings = rng.normal(0.1, 0.1, (n, factors))
    covariance = loadings @ loadings.T + np.diag(rng.uniform(0.01, 0.09, n))
    return covariance, rng.normal(0.06, 0.05, n)


def draws(seed: int, n: int, rows: int) -> Floats:
    """Return daily returns `(rows, n)` with a common factor, whose sample means are 0.0002 to 0.0012."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0.0, 0.008, (rows, 1)) * rng.uniform(0.5, 1.5, n)
    noise = common + rng.normal(0.0, 0.01, (rows, n)) * rng.uniform(0.5, 2.0, n)
    returns: Floats = noise - noise.mean(axis=0) + rng.permutation(np.linspace(0.0002, 0.0012, n))
    return returns
