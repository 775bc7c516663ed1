"""Maximum diversification: the most volatility of the parts per volatility of the whole."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from backtest.allocate.base import Weights
from backtest.allocate.claims import best_ratio
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.methods.max_sharpe import sharpe
from backtest.allocate.objective import PaysCosts, answer, covariance_of
from backtest.allocate.sample import Sample
from backtest.allocate.solve.fractional import NothingBeatsCash
from backtest.errors import AllocationError


class MaxDiversification(PaysCosts, WithCovariance):
    """Maximise the diversification ratio σᵀw / √(wᵀΣw), with σ the volatilities of the assets.

    The maximum Sharpe portfolio of assets that all have the same Sharpe ratio. Without constraints w ∝ Σ⁻¹σ; with equal
    correlations that is inverse volatility. With `cost_horizon`, maximise (s · σᵀw − costs a year) / √(wᵀΣw), with s
    the `common_sharpe`; where costs eat all of s · σᵀw whatever is held, that is an error. The objective is the
    diversification ratio. Sources: Choueifaty and Coignard (2008); Choueifaty, Froidure and Reynier (2013),
    "Properties of the most diversified portfolio".
    """

    optimises: ClassVar[bool] = True

    per_cost: ClassVar[str | None] = "common_sharpe"

    common_sharpe: float = Field(default=0.5, gt=0.0)
    """Sharpe ratio a year that every asset is taken to have; only looked at with `cost_horizon`."""

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one fractional program."""
        covariance = covariance_of(sample)
        volatility = sample.volatility
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        per_sharpe = None if rates is None else rates / self.common_sharpe
        try:
            solution = best_ratio(covariance, volatility, region, rates=per_sharpe)
        except NothingBeatsCash as nothing:
            raise AllocationError(
                "max_diversification has nothing to spread: no weights that the constraints allow have a σᵀw above 0"
                + ("" if rates is None else " once the costs are paid")
            ) from nothing
        return answer(solution, sharpe(covariance, float(volatility @ solution.weights), solution.weights))
