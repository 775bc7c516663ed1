"""Co-movement counted, so that neither noise nor one extreme day decides it."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from backtest.allocate.moments.base import Covariance, Estimate
from backtest.allocate.moments.covariance.parts import covariance_from
from backtest.allocate.moments.gram import Gram
from backtest.types import Floats


class Gerber(Covariance):
    """The Gerber statistic of each pair, in place of its correlation, times the volatilities (ddof = 1).

    A return pierces when it is at least `threshold` deviations (ddof = 0) from 0. Of the times when both pierce, those
    on the same side less those on opposite sides are divided by the times when both do (`gs0`, the original), when at
    least one does (`gs1`), or by the root of the product of the times of each (`gs2`). The last two are positive
    semi-definite, being entry-wise products of matrices that are; the first need not be, and is then repaired where
    every covariance is, with a warning. Source: Gerber, Markowitz, Ernst, Miao, Javid and Sargen (2022), "The Gerber
    statistic: a robust co-movement measure for portfolio optimization".
    """

    uses_gram: ClassVar[bool] = False

    estimator: Literal["gerber"] = "gerber"
    """Counts of large moves together and apart."""

    threshold: float = Field(default=0.5, gt=0.0, lt=1.0)
    """Deviations that a return must be away from 0 to count."""

    variant: Literal["gs0", "gs1", "gs2"] = "gs1"
    """What co-movements are divided by: Riskfolio's gerber0 to 2; skfolio's psd_variant is gs1 when true, else gs2."""

    def estimate(self, returns: Floats, gram: Gram | None = None) -> Estimate:  # noqa: ARG002
        """Count, divide, scale."""
        limit = self.threshold * returns.std(axis=0)
        side = (returns >= limit).astype(np.float64) - (returns <= -limit)
        agreed = side.T @ side
        statistic = agreed / np.maximum(self._times(side), 1.0)
        np.fill_diagonal(statistic, 1.0)
        return Estimate(covariance_from(statistic, returns.std(axis=0, ddof=1)))

    def _times(self, side: Floats) -> Floats:
        """Return how many times there are to compare, `(K, K)`; below 1 only where there are none."""
        pierced = np.abs(side)
        each = pierced.sum(axis=0)
        if self.variant == "gs2":
            return np.sqrt(np.outer(each, each))
        both: Floats = pierced.T @ pierced
        return both if self.variant == "gs0" else each[:, None] + each - both
