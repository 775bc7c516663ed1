"""The sample covariance."""

from __future__ import annotations

from typing import Literal

from backtest.allocate.moments.base import Covariance, Estimate
from backtest.allocate.moments.gram import Gram, scatter
from backtest.types import Floats


class SampleCovariance(Covariance):
    """Σ (r − r̄)(r − r̄)ᵀ / (n − 1): unbiased, and singular when there are no more returns than assets."""

    estimator: Literal["sample"] = "sample"
    """The sample covariance, divided by n − 1."""

    def estimate(self, returns: Floats, gram: Gram | None = None) -> Estimate:
        """Divide the scatter by n − 1."""
        _, matrix = scatter(returns, gram)
        matrix /= len(returns) - 1
        return Estimate(matrix)
