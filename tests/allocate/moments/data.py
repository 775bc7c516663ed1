"""Returns that the tests of moments share."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats


def factor_returns(n: int, k: int, seed: int = 0, factors: int = 1) -> Floats:
    """Return daily returns `(n, k)` that common factors and noise of different sizes drive."""
    rng = np.random.default_rng(seed)
    common = rng.normal(0.0004, 0.01, (n, factors))
    noise = rng.normal(0.0, 0.01, (n, k)) * rng.uniform(0.5, 2.0, k)
    moves: Floats = common @ rng.normal(1.0, 0.4, (factors, k)) + noise
    return moves


def apart(one: Floats, other: Floats) -> float:
    """Return the largest difference of two matrices, relative to the largest entry of the second."""
    return float(np.abs(one - other).max() / np.abs(other).max())
