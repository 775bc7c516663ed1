"""Expected returns in proportion to market risk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from backtest.allocate.moments.base import Mean
from backtest.allocate.moments.mean.market import Market, covariance_of, market_remarks, market_weights
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample


class CapmMean(Mean):
    """r + β · (market premium), with β = Σw / wᵀΣw against the market portfolio w and the chosen covariance Σ.

    The premium is the mean return of w over the lookback above the risk-free rate, unless it is given. Source: Sharpe
    (1964), "Capital asset prices: a theory of market equilibrium under conditions of risk".
    """

    estimator: Literal["capm"] = "capm"
    """Risk-free rate plus beta times the market premium."""

    market: Market = "equal_weight"
    """The market portfolio: market caps known at the decision, or all usable symbols alike."""

    premium: float | None = None
    """Market return above the risk-free rate a year; null is what it was in the lookback."""

    def estimate(self, sample: Sample) -> Floats:
        """Multiply betas by the premium."""
        covariance = covariance_of(sample, "capm")
        weights = market_weights(sample, self.market)
        covered = covariance @ weights
        mean: Floats = sample.cash + covered / (weights @ covered) * self._premium(sample, weights)
        return mean

    def remarks(self, sample: Sample) -> tuple[str, ...]:
        """Say what the market portfolio lacks."""
        return market_remarks(sample, self.market)

    def _premium(self, sample: Sample, weights: Floats) -> float:
        if self.premium is not None:
            sample.needs_year("premium")
            return self.premium
        return float((sample.scenarios() @ weights).mean() * sample.scale) - sample.cash
