"""Inverse volatility: calm symbols get more."""

from __future__ import annotations

from typing import ClassVar

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import Estimated
from backtest.allocate.sample import Sample


class InverseVolatility(Estimated):
    """Weights in proportion to 1/σ, with σ the sample deviation (ddof = 1) of simple returns over the lookback.

    Where a covariance is given in place of returns, σ is the square root of its diagonal. Source: the "naive" risk
    parity of Maillard, Roncalli and Teïletche (2010), exact when all correlations are equal.
    """

    computes: ClassVar[bool] = False

    @property
    def heeds(self) -> frozenset[str]:
        """A covariance, for its variances."""
        return frozenset({"covariance"})

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        """Invert, normalise."""
        calm = 1.0 / sample.volatility
        return Weights(calm / calm.sum())
