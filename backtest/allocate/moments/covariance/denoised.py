"""A covariance without what random returns would show as well."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from backtest.allocate.moments.base import Covariance, Estimate
from backtest.allocate.moments.covariance.parts import correlation_of, covariance_from, rebuilt, unit_diagonal
from backtest.allocate.moments.covariance.random_matrix import edge, noise_variance
from backtest.allocate.moments.gram import Gram
from backtest.errors import AllocationError
from backtest.types import Floats

NOTHING = 1e-12
"""A variance, in a correlation matrix, that is rounding."""


class Denoised(Covariance):
    """Eigenvalues of the sample correlation that random returns could have made are replaced by their mean.

    Those are the eigenvalues up to σ²(1 + √(K/n))², the edge of the Marchenko–Pastur law. σ² is the variance of what is
    noise: the one whose law is nearest to the eigenvalues smoothed by a normal kernel (the nearest of all; skfolio and
    Riskfolio search from 0.5 and may stop at another), or 1 with `noise: one`. Sample volatilities are kept. `detoned`
    also takes the first (market) component away, for clustering: what is left is singular. Sources: Laloux, Cizeau,
    Bouchaud and Potters (1999); López de Prado (2020), "Machine learning for asset managers", chapter 2.
    """

    estimator: Literal["denoised"] = "denoised"
    """Random matrix theory: a constant in place of the eigenvalues of noise."""

    noise: Literal["fitted", "one"] = "fitted"
    """Variance of the noise: fitted to the eigenvalues, or that of wholly random returns."""

    bandwidth: float = Field(default=0.01, gt=0.0)
    """Deviation of the normal kernel that smooths eigenvalues for the fit."""

    detoned: bool = False
    """Whether the first component, the market's, is taken away too."""

    def estimate(self, returns: Floats, gram: Gram | None = None) -> Estimate:
        """Replace eigenvalues, then put volatilities back."""
        correlation, volatility = correlation_of(returns, gram)
        values, vectors = np.linalg.eigh(correlation)
        ratio = len(values) / len(returns)
        variance = noise_variance(values, ratio, self.bandwidth) if self.noise == "fitted" else 1.0
        noisy = values <= edge(ratio, variance)
        if noisy.any():
            values = np.where(noisy, values[noisy].mean(), values)
        clean = unit_diagonal(rebuilt(values, vectors))
        if self.detoned:
            clean = _without_market(clean)
        notes = {"n_factors": float((~noisy).sum()), "noise_variance": variance}
        return Estimate(covariance_from(clean, volatility), notes)


def _without_market(correlation: Floats) -> Floats:
    """Return a correlation without its first component, scaled to ones on the diagonal again."""
    values, vectors = np.linalg.eigh(correlation)
    left = rebuilt(values[:-1], vectors[:, :-1])
    if (left.diagonal() <= NOTHING).any():
        raise AllocationError("covariance: detoned leaves nothing of an asset that is the market's component alone")
    return unit_diagonal(left)
