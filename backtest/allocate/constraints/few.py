"""Weights that obey `max_positions` and `min_position`, where the rule found none; or what would have to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from backtest.allocate.constraints.feasible import later
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.rules import named, rounded
from backtest.allocate.constraints.ties import ordered
from backtest.allocate.constraints.whole import Whole, within
from backtest.errors import AllocationError, InfeasibleError
from backtest.types import Floats


def nearest_few(region: Region, weights: Floats) -> Region:
    """Return the part of a region, without limits on positions, that has the weights with the least Σ|w − weights|.

    Raise InfeasibleError where no weights obey the linear rules; caps on risk are not looked at. Where positions of any
    size may be held, the part has as many symbols as are allowed, the largest of `weights` first.
    """
    signs = Whole(region).near(weights)
    if signs is None:
        raise InfeasibleError(clash(region))
    if region.min_position > 0.0:
        return within(region, signs)
    ranked = ordered(region, np.abs(signs).astype(np.float64), np.abs(weights))
    return replace(region, max_positions=None).without(ranked[region.max_positions :])


def limits_of(region: Region) -> str:
    """Name the limits on positions."""
    number = [] if region.max_positions is None else [f"max_positions {region.max_positions}"]
    size = [f"min_position {region.min_position:g}"] if region.min_position > 0.0 else []
    return " and ".join(number + size)


def clash(region: Region) -> str:
    """Say that the limits on positions are what cannot be kept, and what would help."""
    helps = ", or ".join([*_fewest(region), *_smaller(region)] or [_both(region)])
    unseen = later(replace(region, max_positions=None, min_position=0.0))
    return (
        f"no weights obey {limits_of(region)} beside the other rules ({named(region)}). "
        f"Smallest change that works: {helps}{unseen}"
    )


def _fewest(region: Region) -> Iterator[str]:
    """Say how many positions are enough, where any number is."""
    if region.max_positions is None:
        return
    least = Whole(replace(region, max_positions=None)).fewest()
    if least is not None:
        yield f"raise max_positions from {region.max_positions} to {least}"


def _smaller(region: Region) -> Iterator[str]:
    """Say which size is small enough, where any is."""
    if region.min_position == 0.0:
        return
    size = Whole(replace(region, min_position=0.0)).largest(region.min_position)
    if size is not None:
        yield f"lower min_position from {region.min_position:g} to {rounded(size, False)}"


def _both(region: Region) -> str:
    """Say which changes of both limits are enough together: as few symbols as can be, then as large ones."""
    least = Whole(replace(region, max_positions=None, min_position=0.0)).fewest()
    if least is None:
        raise AllocationError(f"{limits_of(region)}: no symbols were found that obey all constraints")
    smaller = _smaller(replace(region, max_positions=least))
    return " and ".join([f"raise max_positions from {region.max_positions} to {least}", *smaller])
