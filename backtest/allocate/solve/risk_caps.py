"""Quadratic programs under caps on volatility or tracking error, by their multipliers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backtest.allocate.constraints.region import Region, RiskCap
from backtest.allocate.solve.quadratic import objective, quadratic
from backtest.allocate.solve.root import Bracket, narrowed
from backtest.allocate.solve.solution import Solution
from backtest.errors import AllocationError, InputError
from backtest.types import Floats

MET = 1e-12
"""A cap on variance is met when it is missed by no more than this, relative; half of that for its root."""

WIDER = 4.0


def capped(Q: Floats, c: Floats, region: Region, *, rates: Floats | None = None, guess: Any = None) -> Solution:
    """Minimise ½wᵀQw + cᵀw + costs over a region with risk caps.

    The last cap goes into the objective: min x(½wᵀQw + cᵀw + costs) + ½(w − s)ᵀΣ(w − s), whose risk grows with x from
    the least there is. Where the cap binds, the x is sought at which it is met; with Q = 0 the variance is linear in x²
    between changes of the active set, so that the search is exact soon. The caps before it are handled in the same way
    inside.
    """
    if region.covariance is None:
        raise InputError(f"{region.risk_caps[-1].name}: a covariance is needed to measure risk")
    cap, rest = region.risk_caps[-1], replace(region, risk_caps=region.risk_caps[:-1])
    loose = quadratic(Q, c, rest, rates=rates, guess=guess)
    if _excess(region.covariance, cap, loose.weights) <= 0.0:
        return loose
    found = _sought(Q, c, region.covariance, cap, rest, rates, loose)
    return replace(found, objective=objective(Q, c, rest, found.weights, rates))


def _sought(
    Q: Floats, c: Floats, covariance: Floats, cap: RiskCap, rest: Region, rates: Floats | None, loose: Solution
) -> Solution:
    """Return the solution at the x at which the cap is met."""
    pull = covariance @ cap.start
    has_risk = bool(Q.any())

    def at(x: float, near: Solution) -> tuple[Solution, float]:
        mixed = x * Q + covariance if has_risk else covariance
        costs = None if rates is None else x * rates
        solution = quadratic(mixed, x * c - pull, rest, rates=costs, guess=near)
        return solution, _excess(covariance, cap, solution.weights)

    least, low = at(0.0, loose)
    if low > 0.0:
        _refuse(covariance, cap, least.weights)
        return least
    x = _scale(Q, c, covariance, cap, loose.weights)
    high, over = at(x, least)
    below = (0.0, least, low)
    for _ in range(200):
        if over > 0.0:
            break
        below, x = (x, high, over), WIDER * x
        high, over = at(x, high)
    else:
        return high
    bracket = Bracket(below[0] ** 2, below[2], x**2, over)
    return narrowed(lambda z, near: at(float(np.sqrt(z)), near), bracket, below[1], MET)


def _excess(covariance: Floats, cap: RiskCap, w: Floats) -> float:
    """Return how far the variance is above that of the cap, relative to it."""
    beside = w - cap.start
    allowed = max(cap.most**2, 1e-18 * float(covariance.diagonal().mean()))
    return float(beside @ covariance @ beside) / allowed - 1.0


def _refuse(covariance: Floats, cap: RiskCap, w: Floats) -> None:
    """Raise where even the least risk is above the cap."""
    if _excess(covariance, cap, w) > 2e-9:
        beside = w - cap.start
        risk = float(np.sqrt(beside @ covariance @ beside))
        raise AllocationError(
            f"{cap.name} {cap.most:g} is out of reach: the other constraints allow {risk:.6g} at least"
        )


def _scale(Q: Floats, c: Floats, covariance: Floats, cap: RiskCap, w: Floats) -> float:
    """Return an x at which objective and risk pull about equally."""
    wanted = float(np.abs(Q @ w + c).max())
    risk = float(np.abs(covariance @ (w - cap.start)).max())
    return risk / wanted if wanted > 0.0 and risk > 0.0 else 1.0
