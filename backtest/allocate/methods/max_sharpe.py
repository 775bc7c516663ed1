"""Maximum Sharpe ratio: the most excess return per unit of risk."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.claims import best_ratio
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithMean
from backtest.allocate.frontier import Frontier
from backtest.allocate.objective import PaysCosts, all_cash, answer, variance
from backtest.allocate.sample import Sample
from backtest.allocate.solve.fractional import NothingBeatsCash
from backtest.types import Floats


class MaxSharpe(PaysCosts, WithMean):
    """Maximise (μ − r)ᵀw / √(wᵀΣw): the tangency portfolio.

    Without constraints w ∝ Σ⁻¹(μ − r). With `cost_horizon` the costs a year are taken off the numerator. When no
    weights that are allowed earn more than cash, everything stays in cash (status "nothing beats cash"); where the
    constraints forbid that (a net exposure or a least weight was asked for), it is an error. The objective is the
    Sharpe ratio a year, from the estimates. Where cash is allowed, several weights have that ratio: those with the
    least cash are taken. Sources: Tobin (1958), Sharpe (1966); solved after Schaible (1974).
    """

    optimises: ClassVar[bool] = True

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one fractional program."""
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        frontier = Frontier.of(sample, region, rates)
        try:
            solution = best_ratio(frontier.covariance, frontier.excess, region, rates=rates)
        except NothingBeatsCash as nothing:
            return all_cash(sample, region, nothing)
        return answer(solution, sharpe(frontier.covariance, frontier.earned(solution.weights), solution.weights))


def sharpe(covariance: Floats, gain: float, weights: Floats) -> float:
    """Return gain per volatility; infinite where the covariance sees no risk."""
    risk = np.sqrt(variance(covariance, weights))
    return float(gain / risk) if risk > 0.0 else float("inf")
