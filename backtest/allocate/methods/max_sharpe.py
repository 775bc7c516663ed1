"""Maximum Sharpe ratio: the most excess return per unit of risk."""

from __future__ import annotations

from dataclasses import replace
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

PARTLY = "nothing fully invested beats cash"
"""Status of an answer that holds cash, because no weights without it earn more than it does."""


class MaxSharpe(PaysCosts, WithMean):
    """Maximise (μ − r)ᵀw / √(wᵀΣw): the tangency portfolio.

    Without constraints w ∝ Σ⁻¹(μ − r). With `cost_horizon` the costs a year are taken off the numerator. The search is
    among fully invested weights unless the constraints have a `net`. Where none of those earns more than cash (a bound
    forces too much of what loses), it is among those that hold any part of cash, with the status "nothing fully
    invested beats cash"; where none of those does either, everything stays in cash (status "nothing beats cash"). Where
    the constraints forbid that (a net exposure or a least weight was asked for), it is an error. The objective is the
    Sharpe ratio a year, from the estimates. Where cash is allowed, several weights have that ratio: those with the
    least cash are taken. Sources: Tobin (1958), Sharpe (1966); solved after Schaible (1974).
    """

    optimises: ClassVar[bool] = True

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one fractional program, and one with cash where nothing without it beats it."""
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        frontier = Frontier.of(sample, region, rates)
        try:
            return tangent(frontier)
        except NothingBeatsCash as nothing:
            free = region.with_cash()
            try:
                found = tangent(replace(frontier, region=free))
            except NothingBeatsCash:
                return all_cash(region, nothing)
            said = f"{PARTLY}: the weights add up to {found.weights.sum():.6g}"
            return replace(found, status=PARTLY, warnings=(said, *found.warnings), leaves_cash=True)


def tangent(frontier: Frontier) -> Weights:
    """Return the weights of the largest Sharpe ratio; raise `NothingBeatsCash` where none is above 0."""
    solution = best_ratio(frontier.covariance, frontier.excess, frontier.region, rates=frontier.rates)
    return answer(solution, sharpe(frontier.covariance, frontier.earned(solution.weights), solution.weights))


def sharpe(covariance: Floats, gain: float, weights: Floats) -> float:
    """Return gain per volatility; infinite where the covariance sees no risk."""
    risk = np.sqrt(variance(covariance, weights))
    return float(gain / risk) if risk > 0.0 else float("inf")
