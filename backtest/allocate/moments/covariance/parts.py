"""Correlations and volatilities: what several estimators take apart, change, and put together again."""

from __future__ import annotations

import numpy as np

from backtest.allocate.moments.gram import Gram, scatter
from backtest.types import Floats


def correlation_of(returns: Floats, gram: Gram | None) -> tuple[Floats, Floats]:
    """Return the sample correlation `(K, K)` with ones on its diagonal, and the volatilities (ddof = 1) `(K,)`."""
    _, sums = scatter(returns, gram)
    volatility = np.sqrt(sums.diagonal() / (len(returns) - 1))
    return unit_diagonal(sums), volatility


def unit_diagonal(matrix: Floats) -> Floats:
    """Return a covariance scaled to a correlation, exactly symmetric if it was."""
    inverse = 1.0 / np.sqrt(matrix.diagonal())
    scaled: Floats = matrix * np.outer(inverse, inverse)
    np.fill_diagonal(scaled, 1.0)
    return scaled


def covariance_from(correlation: Floats, volatility: Floats) -> Floats:
    """Return the covariance with these correlations and volatilities."""
    together: Floats = correlation * np.outer(volatility, volatility)
    return together


def rebuilt(values: Floats, vectors: Floats) -> Floats:
    """Return V diag(λ) Vᵀ for λ ≥ 0, exactly symmetric."""
    half = vectors * np.sqrt(np.maximum(values, 0.0))
    whole: Floats = half @ half.T
    return whole
