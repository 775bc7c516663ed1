"""The market portfolio that equilibrium estimators start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from backtest.errors import AllocationError, InputError
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample

Market = Literal["caps", "equal_weight"]


def market_weights(sample: Sample, market: Market) -> Floats:
    """Return the weights `(K,)` of the market portfolio, adding up to 1; a symbol without a known cap has none."""
    k = len(sample.symbols)
    if market == "equal_weight":
        return np.full(k, 1.0 / k)
    if sample.caps is None:
        raise InputError("market: caps: no market caps are known; give them, or say market: equal_weight")
    caps = np.nan_to_num(sample.caps, nan=0.0)
    if not caps.sum() > 0.0:
        raise AllocationError(f"market: caps: none of {k} symbols has a market cap at this decision")
    weights: Floats = caps / caps.sum()
    return weights


def market_remarks(sample: Sample, market: Market) -> tuple[str, ...]:
    """Say which symbols have no cap, and whether the caps know the future."""
    if market == "equal_weight" or sample.caps is None:
        return ()
    without = ", ".join(str(symbol) for symbol in sample.symbols[np.isnan(sample.caps)])
    missing = (f"without market cap, so not in the market portfolio: {without}",) if without else ()
    ahead = ("market caps are one static table, which looks ahead",) if sample.caps_look_ahead else ()
    return missing + ahead


def covariance_of(sample: Sample, estimator: str) -> Floats:
    """Return the sample's covariance `(K, K)`, annual; refuse to go on without one."""
    if sample.covariance is None:
        raise InputError(f"mean: {estimator} needs a covariance")
    return sample.covariance
