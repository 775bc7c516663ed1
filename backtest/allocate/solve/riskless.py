"""The most that can be gained without any risk, where a covariance is singular."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.linear import minimise_linear
from backtest.allocate.solve.solution import Solution
from backtest.errors import AllocationError
from backtest.types import Floats

NOTHING = 1e-12
"""A gain of less than this share of the largest entry of a is none."""


def riskless(Q: Floats, a: Floats, region: Region, rates: Floats | None) -> Solution | None:
    """Return the weights with wᵀQw = 0 that gain most, of an infinite ratio; None where none gain, or there is no most.

    A linear program with a row for each direction that has risk. A cap on risk from somewhere else than cash is left to
    the search.
    """
    if any(cap.start.any() for cap in region.risk_caps):
        return None
    try:
        return most_gained(a, _without_risk(Q, region), rates)
    except AllocationError:
        return None


def most_gained(a: Floats, region: Region, rates: Floats | None) -> Solution | None:
    """Return the weights that gain most, of an infinite ratio; None where none gain."""
    best = minimise_linear(-a, region, rates=rates, even=True)
    if -best.objective <= NOTHING * float(np.abs(a).max(initial=0.0)):
        return None
    return replace(best, objective=float("inf"))


def _without_risk(Q: Floats, region: Region) -> Region:
    """Return the region of weights without risk; assets in units of the same volatility, to tell what is rounding."""
    unit = np.sqrt(np.maximum(Q.diagonal(), 0.0))
    unit = np.where(unit > 0.0, unit, 1.0)
    values, vectors = np.linalg.eigh(Q / np.outer(unit, unit))
    risky = values > len(Q) * np.finfo(np.float64).eps * float(values.max())
    rows, none = (vectors[:, risky] * unit[:, None]).T, np.zeros(int(risky.sum()))
    return replace(
        region,
        rows=np.vstack([region.rows, rows / unit.mean()]),
        row_lower=np.append(region.row_lower, none),
        row_upper=np.append(region.row_upper, none),
        names=(*region.names, *("risk" for _ in none)),
        risk_caps=(),
    )
