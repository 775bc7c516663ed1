"""An order by size that rounding does not decide: nearly equal sizes are equal, and names come next."""

from __future__ import annotations

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.types import Floats, Ints

TIE = 1e-9
"""Relative: sizes, and values of what is optimised, that differ by less are the same."""


def ranks(sizes: Floats) -> Ints:
    """Return the place of each size, the largest 0; sizes of which each is within `TIE` of the next share one."""
    order = np.argsort(-sizes, kind="stable")
    falling = sizes[order]
    places = np.zeros(len(sizes), np.int64)
    places[order[1:]] = np.cumsum(falling[:-1] - falling[1:] > TIE * np.abs(falling[:-1]))
    return places


def ordered(region: Region, *sizes: Floats) -> Ints:
    """Return the columns by the first sizes, the largest first, then by the others, then by the symbol's name."""
    names = np.arange(region.n_assets) if region.symbols is None else region.symbols.astype(str)
    return np.lexsort((names, *(ranks(each) for each in reversed(sizes))))


def is_better(value: float, best: float) -> bool:
    """Say whether a value that is minimised is below another by more than rounding."""
    return value < best - TIE * max(abs(value), abs(best)) if np.isfinite(best) else value < best
