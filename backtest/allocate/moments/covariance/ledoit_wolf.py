"""Ledoit and Wolf's shrinkage: the sample covariance, drawn towards something calmer by as much as the data ask for."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.allocate.moments.base import Covariance, Estimate
from backtest.allocate.moments.gram import Gram, scatter
from backtest.types import Floats


class LedoitWolf(Covariance):
    """(1 − δ) S + δ F, with the δ that is closest to the true covariance in expectation, estimated from the data.

    S divides by n. `identity`: F is the mean variance on the diagonal (Ledoit and Wolf 2004, "A well-conditioned
    estimator for large-dimensional covariance matrices", also scikit-learn's). `constant_correlation`: F has the sample
    variances and one correlation, the mean of all (Ledoit and Wolf 2004, "Honey, I shrunk the sample covariance
    matrix").
    """

    estimator: Literal["ledoit_wolf"] = "ledoit_wolf"
    """Linear shrinkage with an estimated intensity."""

    target: Literal["identity", "constant_correlation"] = "identity"
    """What the sample covariance is drawn towards."""

    def estimate(self, returns: Floats, gram: Gram | None = None) -> Estimate:
        """Estimate the intensity, then blend."""
        mean, sample = scatter(returns, gram)
        sample /= len(returns)
        deviations = returns - mean
        if self.target == "identity":
            return _towards_identity(sample, deviations)
        return _towards_constant_correlation(sample, deviations)


def _towards_identity(sample: Floats, deviations: Floats) -> Estimate:
    n, k = deviations.shape
    level = float(np.trace(sample)) / k
    squared = _squared(sample)
    distance = squared - k * level * level
    noise = _noise(deviations, squared) / n
    intensity = _share(noise, distance, squared)
    sample *= 1.0 - intensity
    sample[np.diag_indices(k)] += intensity * level
    # With no more returns than assets the sample has an eigenvalue of 0, so that the smallest is known.
    return Estimate(sample, {"shrinkage": intensity}, smallest=intensity * level if n <= k else None)


def _towards_constant_correlation(sample: Floats, deviations: Floats) -> Estimate:
    n, k = deviations.shape
    variances = sample.diagonal().copy()
    volatility = np.sqrt(variances)
    scale = np.outer(volatility, volatility)
    common = (float((sample / scale).sum()) - k) / (k * (k - 1)) if k > 1 else 0.0
    target = common * scale
    target[np.diag_indices(k)] = variances
    squared = _squared(sample)
    noise = _noise(deviations, squared) - _noise_shared_with_target(sample, deviations, volatility, common)
    intensity = _share(noise / n, _squared(target - sample), squared)
    return Estimate((1.0 - intensity) * sample + intensity * target, {"shrinkage": intensity, "correlation": common})


def _squared(matrix: Floats) -> float:
    """Return the sum of squared entries."""
    flat = matrix.ravel()
    return float(flat @ flat)


def _noise(deviations: Floats, squared: float) -> float:
    """Return the sum over all entries of the asymptotic variance of √n · S: mean ‖x‖⁴ − ‖S‖²."""
    lengths = np.einsum("tk,tk->t", deviations, deviations)
    return float(lengths @ lengths) / len(deviations) - squared


def _noise_shared_with_target(sample: Floats, deviations: Floats, volatility: Floats, common: float) -> float:
    """Return the sum of asymptotic covariances of S with the target, ρ in the appendix of Ledoit and Wolf."""
    n = len(deviations)
    variances = volatility * volatility
    squares = deviations * deviations
    own = float(np.einsum("tk,tk->", squares, squares)) / n - float(variances @ variances)
    third = (squares * deviations).T @ deviations / n - variances[:, None] * sample
    np.fill_diagonal(third, 0.0)
    return own + common * float((third * (volatility[None, :] / volatility[:, None])).sum())


def _share(noise: float, distance: float, squared: float) -> float:
    """Return noise / distance within [0, 1]; 0 where sample and target are one and the same but for rounding."""
    if distance <= 1e-15 * squared:
        return 0.0
    return min(max(noise / distance, 0.0), 1.0)
