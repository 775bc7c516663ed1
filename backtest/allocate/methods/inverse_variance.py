"""Inverse variance: calm symbols get much more."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import Estimated
from backtest.allocate.sample import Sample


class InverseVariance(Estimated):
    """Weights in proportion to 1/σ², with σ the sample deviation (ddof = 1) of simple returns over the lookback.

    Minimum variance when all correlations are 0; López de Prado (2016) calls it the inverse-variance portfolio. Where
    the caller gives a covariance, its variances are taken. Constraints that the answer breaks move it to the nearest
    allowed weights.
    """

    computes: ClassVar[bool] = False

    @property
    def heeds(self) -> frozenset[str]:
        """A covariance, for its variances."""
        return frozenset({"covariance"})

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:  # noqa: ARG002
        """Invert and normalise."""
        calm = (sample.volatility.min() / sample.volatility) ** 2  # at most 1, whatever the scale
        return Weights(np.asarray(calm / calm.sum(), np.float64))
