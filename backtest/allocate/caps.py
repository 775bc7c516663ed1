"""From market caps to weights: the one place that says what a cap is and what is done without one."""

from __future__ import annotations

import numpy as np

from backtest.errors import AllocationError
from backtest.types import Floats, Strings


def cap_weights(caps: Floats | None, symbols: Strings, who: str) -> tuple[Floats, tuple[str, ...]]:
    """Return weights `(K,)` in proportion to the caps, adding up to 1, and the symbols that have none.

    A cap is a finite number above 0; a symbol with anything else (NaN, 0, a negative number) has no weight. Without any
    cap at this decision an AllocationError is raised, so that a fallback may take over; `who` begins its message.
    """
    if caps is None:
        raise AllocationError(f"{who}: no market caps are known at this decision")
    known = np.isfinite(caps) & (caps > 0.0)
    if not known.any():
        raise AllocationError(f"{who}: none of {len(caps)} symbols has a market cap at this decision")
    worth = np.where(known, caps, 0.0)
    weights: Floats = worth / worth.sum()
    return weights, tuple(str(symbol) for symbol in symbols[~known])
