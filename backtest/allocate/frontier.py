"""Return against risk: at a price of risk, the least risk for a return, or the most return for a risk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.claims import Claimed, least
from backtest.allocate.constraints.region import Region, RiskCap, trading_cost
from backtest.allocate.objective import covariance_of, excess_mean
from backtest.allocate.sample import Sample
from backtest.allocate.solve.root import Bracket, narrowed
from backtest.errors import AllocationError
from backtest.types import Floats

NEAR = 1e-10
"""Relative to the target: a return nearer than this is reached."""

EXACT = 1e-13
"""Relative to the range searched: as near as rounding lets a search come."""

MAX_STEPS = 60

At = Callable[[float, Claimed | None], tuple[Claimed, float]]
"""From a price of return, and an answer near it, to the answer and what it earns beyond what is asked."""


class Unreachable(AllocationError):
    """A target that no weights in the region reach; `best` is what can be reached."""

    def __init__(self, best: float) -> None:
        self.best = best
        super().__init__(f"out of reach; the best that can be had is {best:.6g}")


@dataclass(frozen=True)
class Frontier:
    """What weights `(K,)` of a region earn above cash a year, after costs, and what they risk."""

    covariance: Floats  # (K, K)
    excess: Floats  # (K,)
    region: Region
    rates: Floats | None  # (K,) costs a year per unit traded

    @classmethod
    def of(cls, sample: Sample, region: Region, rates: Floats | None) -> Frontier:
        """Return the frontier of a sample."""
        return cls(covariance_of(sample), excess_mean(sample), region, rates)

    def earned(self, weights: Floats) -> float:
        """Return what weights earn above cash a year, after costs."""
        return float(self.excess @ weights) - trading_cost(weights, self.rates, self.region)

    def at_price(self, price: float, base: Floats | None = None) -> Claimed:
        """Return the weights that maximise what is earned less `price`/2 times the variance (away from `base`)."""
        linear = -self.excess if base is None else -self.excess - price * (self.covariance @ base)
        return least(price * self.covariance, linear, self.region, rates=self.rates)

    def within(self, cap: RiskCap, price: float = 0.0) -> Claimed:
        """Return the weights of `at_price` away from the cap's start, among those within the cap.

        Raises `Unreachable` with the least risk that the region allows. Where the cap is that least, its weights are
        the answer.
        """
        calmest = least(self.covariance, -self.covariance @ cap.start, self.region)
        risk = cap.risk(calmest.weights, self.covariance)
        if risk > cap.most * (1.0 + NEAR):
            raise Unreachable(risk)
        if risk > cap.most * (1.0 - NEAR):
            return calmest
        capped = replace(self.region, risk_caps=(*self.region.risk_caps, cap)).with_covariance(self.covariance)
        return replace(self, region=capped).at_price(price, cap.start)

    def earning(self, floor: float) -> Claimed:
        """Return the weights of least variance among those that earn at least `floor` above cash a year, after costs.

        Without costs a row more; with costs, whose absolute values are no row, a search for the price of return. Raises
        `Unreachable` with the most that can be earned.
        """
        if self.rates is None or not self.rates.any():
            return least(self.covariance, np.zeros(len(self.excess)), earning(self.region, self.excess, floor))
        return self._searched(self.rates, reachable(self.excess, self.region, self.rates, floor))

    def _searched(self, rates: Floats, floor: float) -> Claimed:
        """Return the weights that minimise ½wᵀΣw − ν · (what is earned), at the least ν that earns `floor`."""

        def at(price: float, near: Claimed | None) -> tuple[Claimed, float]:
            guess = None if near is None else near.active
            found = least(self.covariance, -price * self.excess, self.region, rates=price * rates, guess=guess)
            return found, self.earned(found.weights) - floor

        solution, short = at(0.0, None)
        if short >= 0.0:
            return solution
        low, high = 0.0, float(np.trace(self.covariance)) / float(np.abs(self.excess).sum() + rates.sum())
        for _ in range(MAX_STEPS):
            solution, over = at(high, solution)
            if over >= 0.0:
                return self._narrowed(at, (low, short), (high, over), solution)
            low, short, high = high, over, 2.0 * high
        raise Unreachable(floor + short)

    @staticmethod
    def _narrowed(at: At, low: tuple[float, float], high: tuple[float, float], enough: Claimed) -> Claimed:
        """Return the answer at the least price that earns enough: from above, so that both axes are turned round."""

        def turned(place: float, near: Claimed) -> tuple[Claimed, float]:
            found, over = at(-place, near)
            return found, -over

        bracket = Bracket(-high[0], -high[1], -low[0], -low[1])
        return narrowed(turned, bracket, enough, EXACT * (high[1] - low[1]))


def reachable(excess: Floats, region: Region, rates: Floats | None, floor: float) -> float:
    """Return the floor, with room for rounding where it is the most that can be earned; else raise `Unreachable`.

    The room lets a solver choose the calmest of several that earn the most.
    """
    best = least(np.zeros((len(excess), len(excess))), -excess, region, rates=rates).weights
    most = float(excess @ best) - trading_cost(best, rates, region)
    near = NEAR * max(abs(floor), abs(most), float(np.abs(excess).max()))
    if most < floor - near:
        raise Unreachable(most)
    return min(floor, most - near)


def earning(region: Region, excess: Floats, floor: float) -> Region:
    """Return the region with excess · w ≥ floor beside its other rules; raise `Unreachable` where it is empty."""
    return replace(
        region,
        rows=np.vstack([region.rows, excess]),
        row_lower=np.append(region.row_lower, reachable(excess, region, None, floor)),
        row_upper=np.append(region.row_upper, np.inf),
        names=(*region.names, "target_return"),
    )


def earning_a_year(sample: Sample, scenarios: Floats, region: Region, target: float | None, method: str) -> Region:
    """Return the region of weights whose scenarios `(n, K)` earn at least `target` a year on average, cash nothing."""
    if target is None:
        return region
    sample.needs_year("target_return")
    try:
        return earning(region, scenarios.mean(axis=0) * sample.scale, target)
    except Unreachable as error:
        raise AllocationError(
            f"{method}: target_return {target:g} is out of reach: the constraints allow at most {error.best:.6g} a year"
        ) from error
