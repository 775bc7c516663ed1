"""What the optimising methods share: costs beside risk and return, and an answer from a solution."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from backtest.allocate.base import Weights
from backtest.allocate.constraints.region import Region
from backtest.allocate.verify import worst_breach
from backtest.errors import AllocationError, InputError
from backtest.parameters import Parameters
from backtest.types import CostShape, Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample
    from backtest.allocate.solve.solution import Solution

CASH = "nothing beats cash"
"""Status of an answer that holds nothing, because nothing that is allowed earns more than cash."""

ALL_CASH = f"{CASH}: everything stays in cash"


NO_IMPACT = "impact grows faster than the trade, and the optimiser weighs only costs that grow with it"


class PaysCosts(Parameters):
    """Mixin of methods that can weigh the costs of getting there against what they gain."""

    cost_horizon: int | None = Field(default=None, ge=1)
    """Bars over which what is bought will be held, or null: costs are not looked at.

    The optimiser then pays the costs of the simulator (commission in bps and per share, half spread, slippage) on every
    trade away from the weights held now, spread over this many bars. A smallest commission is left out: with it the
    problem would not be convex; of tiers it is the one of who has traded nothing. With impact a horizon is refused.
    """

    per_cost: ClassVar[str | None] = None
    """Parameter that only says what costs are worth, and means nothing without a horizon."""

    @model_validator(mode="after")
    def _refuse_unused(self) -> Self:
        name = self.per_cost
        if (
            name is None
            or self.cost_horizon is not None
            or getattr(self, name) == type(self).model_fields[name].default
        ):
            return self
        raise ValueError(f"{name} is only looked at with cost_horizon: give that too, or leave {name} out")

    @property
    def looks_at_current(self) -> bool:
        """Whether the answer depends on what is held now: when costs are looked at."""
        return self.cost_horizon is not None

    def trading_rates(self, sample: Sample, region: Region, bars_per_return: int) -> tuple[Floats | None, Region]:
        """Return what one unit of turnover in each asset costs a year, `(K,)`, and the region it is counted from."""
        if self.cost_horizon is None:
            return None, region
        current = _current(sample)
        bars = bars_per_year(sample, bars_per_return)
        rates = _linear_rates(sample) * (bars / self.cost_horizon)
        return rates, replace(region, current=current)


def pays(link: object) -> bool:
    """Whether a method, or one inside it, looks at costs."""
    if isinstance(link, tuple):
        return any(pays(part) for part in link)
    if not isinstance(link, Parameters):
        return False
    if getattr(link, "cost_horizon", None) is not None:
        return True
    return any(pays(getattr(link, name)) for name in type(link).model_fields)


def bars_per_year(sample: Sample, bars_per_return: int) -> float:
    """Return bars a year; when that is not known, what the methods call a year is one return."""
    return sample.scale * bars_per_return


def variance(covariance: Floats, weights: Floats) -> float:
    """Return wᵀΣw, never below 0."""
    return max(0.0, float(weights @ covariance @ weights))


def excess_mean(sample: Sample) -> Floats:
    """Return the means above what cash earns, annual, `(K,)`."""
    assert sample.mean is not None  # `WithMean` has one, or has raised
    excess: Floats = sample.mean - sample.cash
    return excess


def covariance_of(sample: Sample) -> Floats:
    """Return the covariance, annual, `(K, K)`."""
    assert sample.covariance is not None  # `WithCovariance` has one, or has raised
    return sample.covariance


def zeros(sample: Sample) -> Floats:
    """Return no preference for any asset, `(K,)`."""
    return np.zeros(len(sample.symbols))


def answer(
    solution: Solution,
    objective: float,
    *,
    status: str = "ok",
    warnings: tuple[str, ...] = (),
    residual: str = "kkt",
) -> Weights:
    """Return a solver's solution as a method's answer; one that is not exact says so, and the verifier looks at it.

    `residual` is what the solver's own measure is called: that of a linear program is its duality gap.
    """
    inexact = () if solution.status == "ok" else (f"solver: {solution.status}, {residual} residual {solution.kkt:.3g}",)
    return Weights(
        solution.weights,
        status=status,
        objective=objective,
        residuals={residual: solution.kkt},
        iterations=solution.iterations,
        warnings=(*inexact, *warnings),
        claim=getattr(solution, "claim", None),
    )


def all_cash(region: Region, nothing: AllocationError) -> Weights:
    """Return the answer to hold nothing, because nothing beats cash; raise that error where the region forbids it."""
    weights = np.zeros(region.n_assets)
    if worst_breach(weights, region.with_cash()) is not None:
        raise AllocationError(f"{nothing}; and the constraints do not allow to hold only cash") from nothing
    return Weights(weights, CASH, objective=0.0, warnings=(ALL_CASH,), leaves_cash=True)


def _current(sample: Sample) -> Floats:
    if sample.current is None:
        raise InputError("cost_horizon: costs are counted from the weights held now: give current")
    return sample.current


def _linear_rates(sample: Sample) -> Floats:
    """Return what trading each asset costs, as a fraction of the value traded `(K,)`; prices only where they matter."""
    costs, prices = sample.costs, sample.prices
    if costs is None:
        raise InputError("cost_horizon: there are no costs to weigh: give costs")
    if costs.shape == CostShape.CURVED:
        raise InputError(f"cost_horizon: {NO_IMPACT}")
    if costs.commission_per_share == 0.0:
        prices = np.ones(len(sample.symbols))
    if prices is None:
        raise InputError(
            f"cost_horizon: costs.commission_per_share is {costs.commission_per_share:g}, which is a fraction of the "
            "value traded only at a price: give the prices"
        )
    if costs.half_spread is None:
        return costs.linear_rates(prices)
    if sample.half_spread_bps is None:
        raise InputError("cost_horizon: costs.half_spread is a series of a store: give half_spread_bps as a number")
    unknown = np.flatnonzero(np.isnan(sample.half_spread_bps))
    if len(unknown):
        symbol = sample.symbols[unknown[0]]
        raise InputError(f"cost_horizon: the series {costs.half_spread.series!r} knows no half spread of {symbol} yet")
    return costs.linear_rates(prices, sample.half_spread_bps)
