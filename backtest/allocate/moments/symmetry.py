"""The one look that every covariance gets: are its entries numbers, and do the two of each pair agree."""

from __future__ import annotations

from typing import Any, NamedTuple

from backtest.allocate.arrays import frozen_symmetric
from backtest.types import Floats


class Look(NamedTuple):
    """What one pass over a square matrix has seen."""

    bad: int  # flat index of the first entry that is not finite; −1 where there is none
    place: int  # flat index of the entry that is the furthest from its mirror image
    apart: float  # how far
    largest: float  # entry, absolute


def look_at(matrix: Floats) -> Look:
    """Look over a square matrix, 8 µs for 100 assets."""
    # Imported here: whoever only lists the methods needs no compiler.
    from backtest.kernels.square import look_over

    compiled: Any = look_over
    return Look(*compiled(frozen_symmetric(matrix)))
