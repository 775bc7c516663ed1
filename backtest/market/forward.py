"""Prices adjusted forward: a whole panel at once in which no row depends on a later one."""

from __future__ import annotations

import numpy as np

from backtest.errors import DataError, unknown
from backtest.market.actions import refuse_large_dividends
from backtest.market.market import FIELDS, Field, Market
from backtest.types import Floats


def forward(market: Market, field: Field) -> Floats:
    """Return a field, `(T, N)`, in which ratios between rows are total returns; NaN where there was no bar.

    Each price is multiplied by the units that one unit of the first row has become through splits and reinvested
    dividends; volume is divided by the splits alone. Row *t* therefore holds only what was known at *t*. Without
    actions it is the market's own array.
    """
    if field not in FIELDS:
        raise DataError(unknown("field", field, FIELDS))
    values = market.get(field)
    if values is None:
        present = ", ".join(name for name in FIELDS if market.get(name) is not None)
        raise DataError(f"market {market.name!r} has no field {field!r}; it has: {present}")
    factors = market.action_factors
    if not len(factors.row):
        return values
    refuse_large_dividends(market)
    growth = 1.0 / factors.split if field == "volume" else factors.split / factors.dividend
    out = values.copy()
    for asset in np.unique(factors.asset):
        own = factors.asset == asset
        units = np.ones(market.n_rows)
        np.multiply.at(units, factors.row[own], growth[own])
        out[:, asset] *= np.cumprod(units)
    out.flags.writeable = False
    return out
