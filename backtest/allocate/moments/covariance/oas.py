"""Oracle approximating shrinkage."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.allocate.moments.base import Covariance, Estimate
from backtest.allocate.moments.gram import Gram, scatter
from backtest.types import Floats


class Oas(Covariance):
    """(1 − ρ) S + ρ · (mean variance) · I, with the ρ that is best when returns are normal; S divides by n.

    ρ = ((1 − 2/K) tr S² + tr² S) / ((n + 1 − 2/K)(tr S² − tr² S / K)), at most 1: equation 23 of Chen, Wiesel, Eldar
    and Hero (2010), "Shrinkage algorithms for MMSE covariance estimation". scikit-learn leaves the 2/K out.
    """

    estimator: Literal["oas"] = "oas"
    """Linear shrinkage that is best for normal returns."""

    formula: Literal["paper", "scikit_learn"] = "paper"
    """With the terms in 2/K, as published, or without them, as scikit-learn has it."""

    def estimate(self, returns: Floats, gram: Gram | None = None) -> Estimate:
        """Compute the intensity, then blend."""
        n, k = returns.shape
        _, sample = scatter(returns, gram)
        sample /= n
        level, flat = float(np.trace(sample)) / k, sample.ravel()
        intensity = self._intensity(float(flat @ flat), level * k, n, k)
        sample *= 1.0 - intensity
        sample[np.diag_indices(k)] += intensity * level
        return Estimate(sample, {"shrinkage": intensity}, smallest=intensity * level if n <= k else None)

    def _intensity(self, squared: float, trace: float, n: int, k: int) -> float:
        small = 2.0 / k if self.formula == "paper" else 0.0
        distance = squared - trace * trace / k
        if distance <= 1e-15 * squared:
            return 0.0  # the sample is its own target
        return min(((1.0 - small) * squared + trace * trace) / ((n + 1.0 - small) * distance), 1.0)
