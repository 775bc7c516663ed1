"""History as it looked from one row: the one function through which everything looks back."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.errors import DataError, unknown
from backtest.market.actions import told_ruinous
from backtest.market.factors import ActionFactors
from backtest.market.market import FIELDS, Field, Market
from backtest.market.transfers import taken_over
from backtest.types import Floats, Ints

Adjust = Literal["total", "split", "none"]
ADJUSTMENTS: tuple[Adjust, ...] = ("total", "split", "none")


def history(market: Market, field: Field, row: int, n: int, adjust: Adjust = "total") -> Floats:
    """Return rows ``row - n + 1 .. row`` of a field, `(n, N)`, adjusted as of `row`.

    Only actions effective up to and including `row` count, so that nothing later shows. ``"total"`` takes splits,
    dividends and spin-offs out of prices, ``"split"`` only splits, ``"none"`` nothing; volume is moved by splits alone.
    A new name has the past of the old one, whatever is adjusted. The last row is always as traded. NaN means no bar.
    The array is read-only, and a view when nothing had to be adjusted.
    """
    values = _field(market, field)
    if adjust not in ADJUSTMENTS:
        raise DataError(unknown("adjustment", adjust, ADJUSTMENTS))
    low = row - n + 1
    if n < 1 or low < 0 or row >= market.n_rows:
        raise DataError(
            f"market {market.name!r}: history of {n} rows up to row {row} is not in the data; "
            f"it has {market.n_rows} rows, and {row + 1} up to there"
        )
    window = taken_over(values, market.actions, low, row)
    if adjust == "none" or market.actions.shape[0] == 0:
        return _readonly(window)
    return _adjusted(market, field, window, low, row, adjust)


def _field(market: Market, field: Field) -> Floats:
    """Return the whole field, or say which ones there are."""
    if field not in FIELDS:
        raise DataError(unknown("field", field, FIELDS))
    values = market.get(field)
    if values is None:
        present = ", ".join(name for name in FIELDS if market.get(name) is not None)
        raise DataError(f"market {market.name!r} has no field {field!r}; it has: {present}")
    return values


def _adjusted(market: Market, field: Field, window: Floats, low: int, row: int, adjust: Adjust) -> Floats:
    """Multiply the columns that actions in ``(low, row]`` touched; the others are copied as they are."""
    factors = market.action_factors
    first, stop = np.searchsorted(factors.row, (low, row), side="right")
    factor = _factors_of(factors, slice(int(first), int(stop)), field, adjust)
    moved = factor != 1.0
    if not moved.any():
        return _readonly(window)
    _refuse_ruinous(market, np.flatnonzero(~(factor > 0.0)) + first)
    rows, assets = factors.row[first:stop][moved], factors.asset[first:stop][moved]
    touched, column = np.unique(assets, return_inverse=True)
    product: Floats = np.ones((window.shape[0], touched.shape[0]))
    np.multiply.at(product, (rows - low - 1, column), factor[moved])
    out = window.copy()
    out[:, touched] *= np.cumprod(product[::-1], axis=0)[::-1]  # an action moves every row before its own
    return _readonly(out)


def _factors_of(factors: ActionFactors, part: slice, field: Field, adjust: Adjust) -> Floats:
    """Return what multiplies the rows before each action of `part`."""
    if field == "volume":
        return factors.split[part]
    prices: Floats = 1.0 / factors.split[part]
    return prices * factors.dividend[part] if adjust == "total" else prices


def _refuse_ruinous(market: Market, ruinous: Ints) -> None:
    """What gives away the whole price or more would turn history negative."""
    if len(ruinous):
        raise DataError(f"market {market.name!r}: " + told_ruinous(market, int(ruinous[0])))


def _readonly(values: Floats) -> Floats:
    """Return a view that cannot be written to."""
    view = values.view()
    view.flags.writeable = False
    return view
