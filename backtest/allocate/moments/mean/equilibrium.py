"""The returns at which everybody would hold the market."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from backtest.allocate.moments.base import Mean
from backtest.allocate.moments.mean.market import Market, covariance_of, market_remarks, market_weights
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample


class EquilibriumMean(Mean):
    """r + λ Σ w: reverse optimisation from the market portfolio w and a risk aversion λ.

    Maximising mean-variance utility with these returns gives w back. Source: Sharpe (1974); Black and Litterman (1992),
    "Global portfolio optimization"; the usual 2.5 is He and Litterman's (1999).
    """

    estimator: Literal["equilibrium"] = "equilibrium"
    """What the market's own weights imply."""

    needs_returns: ClassVar[bool] = False

    market: Market = "caps"
    """The market portfolio: market caps known at the decision, or all usable symbols alike."""

    risk_aversion: float = Field(default=2.5, gt=0.0)
    """Market return above cash, a year, per unit of market variance a year."""

    def estimate(self, sample: Sample) -> Floats:
        """Multiply."""
        covariance = covariance_of(sample, "equilibrium")
        mean: Floats = sample.cash + self.risk_aversion * (covariance @ market_weights(sample, self.market))
        return mean

    def remarks(self, sample: Sample) -> tuple[str, ...]:
        """Say what the market portfolio lacks."""
        return market_remarks(sample, self.market)
