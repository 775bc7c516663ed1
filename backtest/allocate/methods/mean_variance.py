"""Mean-variance: return against risk, at a price of risk, a target return or a target volatility."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from backtest.allocate.base import Weights
from backtest.allocate.claims import Claimed
from backtest.allocate.constraints.region import Region, RiskCap
from backtest.allocate.estimated import WithMean
from backtest.allocate.frontier import Frontier, Unreachable
from backtest.allocate.objective import PaysCosts, answer, variance, zeros
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError

GOALS = ("risk_aversion", "target_return", "target_volatility")


class MeanVariance(PaysCosts, WithMean):
    """A point of the efficient frontier, chosen by exactly one of three parameters.

    `risk_aversion` γ: maximise r + (μ − r)ᵀw − γ/2 · wᵀΣw. `target_return`: least variance among weights that earn at
    least this. `target_volatility`: most return among weights at most this risky. All are a year; cash, where the
    constraints allow it (a `net` that is a range), earns the risk-free rate r; with `cost_horizon`, return is after the
    costs a year. A target that cannot be reached is an error that names what can. The objective is the utility, the
    variance or the return, whichever is optimised. Source: Markowitz (1952), (1959); fully invested and unconstrained:
    Merton (1972).
    """

    optimises: ClassVar[bool] = True

    risk_aversion: float | None = Field(default=None, gt=0.0)
    """Return a year given up for half a unit of variance: 1 is Kelly's, 2 to 4 are common."""

    target_return: float | None = None
    """Least return a year, as a fraction, after costs where they are looked at."""

    target_volatility: float | None = Field(default=None, gt=0.0)
    """Most volatility a year, as a fraction."""

    @model_validator(mode="after")
    def _one_goal(self) -> Self:
        given = [name for name in GOALS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of {', '.join(GOALS)}; received {', '.join(given) or 'none'}")
        return self

    def weigh_sample(self, sample: Sample, region: Region) -> Weights:
        """Solve for the goal that was given."""
        rates, region = self.trading_rates(sample, region, self.bars_per_return)
        frontier = Frontier.of(sample, region, rates)
        try:
            solution = self._solved(frontier, sample)
        except Unreachable as error:
            raise AllocationError(self._out_of_reach(region, sample, error.best)) from error
        risk = variance(frontier.covariance, solution.weights)
        if self.target_return is not None:
            return answer(solution, risk)
        earned = sample.risk_free + frontier.earned(solution.weights)
        return answer(solution, earned - (self.risk_aversion or 0.0) / 2.0 * risk)

    def _solved(self, frontier: Frontier, sample: Sample) -> Claimed:
        if self.risk_aversion is not None:
            return frontier.at_price(self.risk_aversion)
        if self.target_return is not None:
            sample.needs_year("target_return")
            return frontier.earning(self.target_return - sample.risk_free)
        assert self.target_volatility is not None
        sample.needs_year("target_volatility")
        return frontier.within(RiskCap(self.target_volatility, zeros(sample), "target_volatility"))

    def _out_of_reach(self, region: Region, sample: Sample, best: float) -> str:
        if self.target_return is not None:
            said = f"target_return {self.target_return:g} is out of reach: the constraints allow at most "
            best += sample.risk_free
        else:
            said = f"target_volatility {self.target_volatility:g} is out of reach: the constraints allow at least "
        hint = "" if region.net_given else "; cash counts only where constraints.net is a range"
        return f"{said}{best:.6g} a year{hint}"
