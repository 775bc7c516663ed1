"""Shares of the risk where weights are bounded: what is not at a bound shares the risk as budgeted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.allocate.arrays import frozen
from backtest.allocate.budgeting import ACCEPTED, Budgeted, budgeted
from backtest.allocate.constraints.region import Region
from backtest.types import Floats

PRECISION = 1e-13  # of λ: aim for the largest gap between a contribution and what its budget says
SWEEPS = 500
STEPS = 60  # of λ by a factor e, either way, until the weights add up to clearly too much or too little
CLEARLY = 1e-9

IGNORED = "no weights within the bounds share the risk as budgeted: answered without bounds, and moved to the nearest"


def budgeted_within(covariance: Floats, budgets: Floats, region: Region) -> Budgeted:
    """Return the budgeted weights within the region's bounds and net exposure; its other rules are not looked at.

    Where no bound binds they are `budgeted`, scaled to the net exposure. Otherwise they are the x within bounds with
    the least ½ xᵀΣx − λ Σ bᵢ log xᵢ, and λ is such that they add up: the contributions xᵢ (Σx)ᵢ are λbᵢ between the
    bounds, less where an upper bound holds a weight down, more where a lower one holds it up. A lower bound below 0
    is 0 here. Bounds that cannot hold the net exposure, or a search that does not end, give the weights without
    bounds, and a warning. Source: Richard and Roncalli (2019), "Constrained risk budgeting portfolios: theory,
    algorithms, applications and puzzles".
    """
    plain = budgeted(covariance, budgets)
    low, high = region.net
    net = min(max(1.0, low), high)
    if not 0.0 < net < np.inf:
        return plain
    scaled = replace(plain, weights=plain.weights * net)
    bounds = np.stack([np.maximum(region.lower, 0.0), region.upper])
    inside = ((scaled.weights >= bounds[0]) & (scaled.weights <= bounds[1])).all()
    if inside:
        return scaled
    if not bounds[0].sum() < net < bounds[1].sum():
        return replace(scaled, warnings=(IGNORED,))
    found = _Search(covariance, budgets, bounds, net, scaled.weights).found()
    return found if found is not None else replace(scaled, warnings=(IGNORED,))


class _Search:
    """The weights as a function of λ, each time from those found last."""

    def __init__(self, covariance: Floats, budgets: Floats, bounds: Floats, net: float, start: Floats) -> None:
        self.covariance, self.budgets, self.bounds = frozen(covariance), frozen(budgets), frozen(bounds)
        self.net = net
        self.x = np.clip(start, bounds[0], bounds[1])
        self.start = float(np.log(start @ covariance @ start))
        self.sweeps = 0

    def found(self) -> Budgeted | None:
        """Return the weights that add up to the net exposure, or None when there are none to be found."""
        from scipy.optimize import brentq

        ends = self._bracket()
        if ends is None:
            return None
        level = brentq(self._surplus, *ends, xtol=1e-15, rtol=1e-15, disp=False)
        if not abs(self._surplus(level)) <= ACCEPTED * self.net / 100.0:
            return None
        gap = self._gap(float(np.exp(level)))
        return Budgeted(self.x, gap, self.sweeps, self.bounds) if gap <= ACCEPTED else None

    def _bracket(self) -> tuple[float, float] | None:
        """Return two values of log λ, at the first of which the weights are too small, and at the second too large."""
        low = high = self.start
        for _ in range(STEPS):
            if self._surplus(high) > CLEARLY * self.net:
                break
            low, high = high, high + 1.0
        else:
            return None  # only what has no budget could take the rest
        for _ in range(STEPS):
            if self._surplus(low) < -CLEARLY * self.net:
                return low, high
            low -= 1.0
        return None

    def _surplus(self, log_level: float) -> float:
        """Return by how much the weights at this λ add up to more than the net exposure."""
        from backtest.kernels.risk_budget import descend_within

        gradient = self.covariance @ self.x
        self.sweeps += descend_within(
            self.covariance, self.budgets, self.bounds, self.x, gradient, float(np.exp(log_level)), SWEEPS, PRECISION
        )
        return float(self.x.sum()) - self.net

    def _gap(self, level: float) -> float:
        """Return the largest share of the risk that is not what budget and bounds say, per λ."""
        excess = self.x * (self.covariance @ self.x) / level - self.budgets
        excess[self.x <= self.bounds[0]] = np.minimum(excess[self.x <= self.bounds[0]], 0.0)
        excess[self.x >= self.bounds[1]] = np.maximum(excess[self.x >= self.bounds[1]], 0.0)
        return float(np.abs(excess).max())
