"""Caps on risk that cannot be kept, and what they would have to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np

from backtest.allocate.constraints.region import NEAR, Region, RiskCap
from backtest.allocate.constraints.rules import named, rounded
from backtest.errors import AllocationError, InfeasibleError
from backtest.types import Floats

EXACT = 1e-10
"""Relative: a cap this near below the least risk is met."""

Least = Callable[[Region], float]
"""The least risk that the last cap of a region is about, within its other caps; inf where nothing obeys those."""


def refuse_caps(region: Region, least: Least, beside: str = "") -> None:
    """Raise InfeasibleError, with what would help, when the caps cannot be kept one beside the other.

    `least` knows what else must be obeyed, and `beside` names it. Told are the changes of as few caps as possible, and
    each of them that is enough.
    """
    ways = [way for order in permutations(region.risk_caps) if (way := _raised(region, order, least)) is not None]
    if not ways or not all(ways):
        return
    fewest = min(len(way) for way in ways)
    advice = dict.fromkeys(" and ".join(sorted(way)) for way in ways if len(way) == fewest)
    caps = " and ".join(f"{cap.name} {cap.most:g}" for cap in region.risk_caps)
    rules = "; ".join(filter(None, [beside, named(region)]))
    raise InfeasibleError(
        f"no weights obey {caps} beside the other rules ({rules}). Smallest change that works: {', or '.join(advice)}"
    )


def least_risk(region: Region) -> float:
    """Return the least risk that the last cap is about, within the other caps; inf where nothing obeys those."""
    weights = calmest(region)
    return np.inf if weights is None else risk_of(weights, region)


def calmest(region: Region) -> Floats | None:
    """Return the weights of the least risk that the last cap is about, within the other caps; None where none obey."""
    from backtest.allocate.solve.quadratic import quadratic

    covariance, cap = _measure(region), region.risk_caps[-1]
    others = replace(region, risk_caps=region.risk_caps[:-1])
    try:
        return quadratic(covariance, -covariance @ cap.start, others).weights
    except AllocationError:
        return None


def risk_of(weights: Floats, region: Region) -> float:
    """Return the risk of weights that the last cap is about, a year."""
    return region.risk_caps[-1].risk(weights, _measure(region))


def _measure(region: Region) -> Floats:
    assert region.covariance is not None
    return region.covariance


def is_met(cap: RiskCap, risk: float) -> bool:
    """Say whether a risk is within a cap."""
    return risk * (1.0 - EXACT) <= cap.most


def _raised(region: Region, caps: Sequence[RiskCap], least: Least) -> list[str] | None:
    """Return the changes that make room for each cap after those before it; None where no risk could be found."""
    kept: list[RiskCap] = []
    changes = []
    for cap in caps:
        risk = least(replace(region, risk_caps=(*kept, cap)))
        if np.isinf(risk):
            return None
        if not is_met(cap, risk):
            to = rounded(risk * (1.0 - EXACT) + NEAR / 2.0, True)
            changes.append(f"raise {cap.name} from {cap.most:g} to {to}")
            cap = replace(cap, most=float(to))
        kept.append(cap)
    return changes
