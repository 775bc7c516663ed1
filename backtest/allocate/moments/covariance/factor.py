"""A few common factors, and what each asset does alone."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.allocate.moments.base import Covariance, Estimate
from backtest.allocate.moments.covariance.parts import correlation_of, covariance_from, rebuilt
from backtest.allocate.moments.covariance.random_matrix import edge
from backtest.allocate.moments.gram import Gram
from backtest.types import Floats


class Factor(Covariance):
    """A strict factor model: correlations are those of the first principal components, variances those of the sample.

    The components are of the sample correlation. Residuals are independent of each other. `auto` keeps the eigenvalues
    above (1 + √(K/n))², the largest that independent returns would have (Laloux, Cizeau, Bouchaud and Potters 1999),
    and at least one. Source: Chan, Karceski and Lakonishok (1999), "On portfolio optimization: forecasting covariances
    and choosing the risk model"; principal components: Connor and Korajczyk (1988).
    """

    estimator: Literal["factor"] = "factor"
    """Statistical factors and independent residuals."""

    n_factors: Literal["auto"] | Annotated[int, Field(ge=1)] = "auto"
    """Number of factors, at most the number of assets; auto counts the eigenvalues that stand out from noise."""

    def estimate(self, returns: Floats, gram: Gram | None = None) -> Estimate:
        """Keep the first components, fill the diagonal."""
        correlation, volatility = correlation_of(returns, gram)
        values, vectors = np.linalg.eigh(correlation)
        n_factors = self._count(values, len(returns))
        common = rebuilt(values[-n_factors:], vectors[:, -n_factors:])
        np.fill_diagonal(common, 1.0)
        return Estimate(covariance_from(common, volatility), {"n_factors": float(n_factors)})

    def _count(self, values: Floats, n: int) -> int:
        if self.n_factors != "auto":
            return min(self.n_factors, len(values))
        return max(1, int((values > edge(len(values) / n)).sum()))
