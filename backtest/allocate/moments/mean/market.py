"""The market portfolio that equilibrium estimators start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from backtest.allocate.caps import cap_weights
from backtest.errors import InputError
from backtest.types import Floats

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample

Market = Literal["caps", "equal_weight"]

MARKET = "market: caps (or say equal_weight)"


def market_weights(sample: Sample, market: Market) -> Floats:
    """Return the weights `(K,)` of the market portfolio, adding up to 1; a symbol without a known cap has none."""
    k = len(sample.symbols)
    if market == "equal_weight":
        return np.full(k, 1.0 / k)
    return cap_weights(sample.caps, sample.symbols, MARKET)[0]


def market_remarks(sample: Sample, market: Market) -> tuple[str, ...]:
    """Say which symbols have no cap."""
    if market == "equal_weight" or sample.caps is None:
        return ()
    without = ", ".join(cap_weights(sample.caps, sample.symbols, MARKET)[1])
    return (f"without market cap, so not in the market portfolio: {without}",) if without else ()


def covariance_of(sample: Sample, estimator: str) -> Floats:
    """Return the sample's covariance `(K, K)`, annual; refuse to go on without one."""
    if sample.covariance is None:
        raise InputError(f"mean: {estimator} needs a covariance")
    return sample.covariance
