"""Returns that a caller gives: simple returns of rows whose times ascend, and neither prices nor percent."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import pandas as pd

from backtest.allocate.real import finite
from backtest.errors import InputError
from backtest.types import Floats

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

PRICES = 0.5
"""Returns of which none is 0 or less and the median is above this are prices, or 1 + return: 50 % each bar."""


def returns_of(given: pd.DataFrame | Floats) -> Floats:
    """Return the values `(n, N)` of a table of numbers, finite or NaN."""
    returns = finite("returns", given)
    _refuse_prices(returns)
    _refuse_ruin(given, returns)
    if isinstance(given, pd.DataFrame):
        _refuse_disorder(given.index)
    return returns


def _refuse_prices(returns: Floats) -> None:
    """Refuse what cannot be returns: numbers that all are above 0, and large. One look at two rows tells nearly all."""
    if not len(returns) or (returns[0] <= 0.0).any() or (returns[-1] <= 0.0).any() or (returns <= 0.0).any():
        return
    known = returns[~np.isnan(returns)]
    middle = float(np.median(known)) if len(known) else 0.0
    if middle > PRICES:
        raise InputError(
            f"returns: none is 0 or less, and the median is {middle:g}: these seem to be prices; allowed: simple "
            "returns a bar, where 0.01 is 1 %: prices.pct_change().iloc[1:]"
        )


def _refuse_ruin(given: pd.DataFrame | Floats, returns: Floats) -> None:
    """Refuse a loss of more than everything, as percent and logarithms say it: from there no money grows on."""
    if not (returns < -1.0).any():
        return
    row, column = np.argwhere(returns < -1.0)[0]
    name = given.columns[column] if isinstance(given, pd.DataFrame) else f"column {column}"
    raise InputError(
        f"returns: row {row}, {name}: received {returns[row, column]:g}, a loss of more than everything; allowed: "
        "simple returns a bar, where 0.01 is 1 % (no percent, and no logarithms: np.expm1 makes simple returns of them)"
    )


def _refuse_disorder(index: pd.Index) -> None:
    """Refuse rows whose times do not ascend: the last row would be taken for the latest. Other labels say no order."""
    if isinstance(index, pd.RangeIndex) and index.step > 0:
        return
    timed = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) or index.dtype.kind in "iuf"
    if not timed and len(index):
        first = index[0]
        timed = isinstance(first, date) or (isinstance(first, str) and ISO_DAY.match(first) is not None)
    if not timed or (index.is_monotonic_increasing and index.is_unique):
        return
    try:
        row = next(k for k in range(1, len(index)) if not index[k] > index[k - 1])
    except TypeError as error:
        raise InputError(f"returns: the index is of several kinds, in which nothing is later: {error}") from error
    raise InputError(
        f"returns: the index does not ascend: row {row} is {index[row]}, after {index[row - 1]}; "
        "the oldest row comes first, each once"
    )
