"""A mean in which recent returns count more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from backtest.allocate.moments.base import Mean
from backtest.allocate.moments.weights import fading
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample


class EwmaMean(Mean):
    """Σ uₜ rₜ with uₜ ∝ ½^(age / half_life) adding up to 1 (pandas' ``ewm(halflife=…).mean()``), a year."""

    estimator: Literal["ewma"] = "ewma"
    """Exponentially weighted: recent returns count more."""

    half_life: float = Field(default=63.0, gt=0.0)
    """Age at which a return counts half as much as the last one, in returns."""

    def estimate(self, sample: Sample) -> Floats:
        """Average with weights."""
        returns = sample.scenarios()
        mean: Floats = fading(len(returns), self.half_life) @ returns * sample.scale
        return mean
