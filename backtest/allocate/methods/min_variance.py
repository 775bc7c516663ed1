"""Minimum variance: the calmest portfolio that the constraints allow."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from backtest.allocate.base import Weights
from backtest.allocate.claims import least
from backtest.allocate.constraints.region import Region
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.objective import PaysCosts, answer, covariance_of, variance, zeros
from backtest.allocate.sample import Sample


class MinVariance(PaysCosts, WithCovariance):
    """Minimise wᵀΣw: no opinion on returns is needed.

    Without constraints w ∝ Σ⁻¹1; with a diagonal Σ that is inverse variance. With `cost_horizon`, minimise
    γ/2 · wᵀΣw + costs a year, γ the `risk_aversion`. The objective is the variance a year. Source: Markowitz (1952);
    the closed forms are in Merton (1972), "An analytic derivation of the efficient portfolio frontier".
    """

    optimises: ClassVar[bool] = True

    per_cost: ClassVar[str | None] = "risk_aversion"

    risk_aversion: float = Field(default=2.5, gt=0.0)
    """What γ/2 of a year's variance is worth in a year's costs; only looked at with `cost_horizon`.

    2.5 is the market's in He and Litterman (1999).
    """

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve one quadratic program."""
        covariance = covariance_of(sample)
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        per_risk = None if rates is None else rates / self.risk_aversion
        solution = least(covariance, zeros(sample), region, rates=per_risk)
        return answer(solution, variance(covariance, solution.weights))
