"""A covariance in which recent returns count more."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from backtest.allocate.moments.base import Covariance, Estimate
from backtest.allocate.moments.gram import Gram
from backtest.allocate.moments.weights import fading
from backtest.errors import AllocationError
from backtest.types import Floats

ONE_RETURN = 1.0 - 1e-9
"""A sum of squared weights above this means that one observation has them all."""


class EwmaCovariance(Covariance):
    """Exponentially weighted: Σ uₜ (rₜ − m)(rₜ − m)ᵀ / (1 − Σ uₜ²), with uₜ ∝ ½^(age / half_life) adding up to 1.

    m is the mean with the same weights. The divisor makes it unbiased for independent returns, and the sample
    covariance for a long half-life (pandas' ``ewm(halflife=…).cov()``). With `demean` false m is 0 and the divisor 1:
    RiskMetrics (J. P. Morgan and Reuters 1996), whose λ = 0.94 is a half-life of 11.2.
    """

    uses_gram: ClassVar[bool] = False

    estimator: Literal["ewma"] = "ewma"
    """Exponentially weighted: recent returns count more."""

    half_life: float = Field(default=63.0, gt=0.0)
    """Age at which a return counts half as much as the last one, in returns."""

    demean: bool = True
    """Whether deviations are from the weighted mean; false is from 0, as RiskMetrics does."""

    def estimate(self, returns: Floats, gram: Gram | None = None) -> Estimate:  # noqa: ARG002
        """Weigh, then multiply."""
        weights = fading(len(returns), self.half_life)
        squares = float(weights @ weights)
        observations = {"observations": 1.0 / squares}
        if not self.demean:
            scaled = returns * np.sqrt(weights)[:, None]
            return Estimate(scaled.T @ scaled, observations)
        if squares > ONE_RETURN:
            raise AllocationError(
                f"ewma: a half-life of {self.half_life:g} returns leaves the last one with all the weight; "
                "a covariance needs more than one"
            )
        scaled = (returns - weights @ returns) * np.sqrt(weights / (1.0 - squares))[:, None]
        return Estimate(scaled.T @ scaled, observations)
