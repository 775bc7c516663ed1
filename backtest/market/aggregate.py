"""Coarser bars from finer ones: sessions, or stretches of a session of equal length. Completed ones only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtest.errors import DataError
from backtest.market.adjust import Adjust, history
from backtest.market.market import Field, Market
from backtest.types import Bools, Floats, Ints

SESSION = "session"
ROW = "row"
SHARED = "shared"
"""Bars that end with the rows in which every clock has a session; of one clock, its rows."""


@dataclass(frozen=True)
class Bins:
    """Which rows make each coarser bar: bar *b* begins with row `first[b]` and is known to be over after `done[b]`.

    A length counts from the start of the session's first row, and the session's end ends its last bar. A bar is over
    when a row ends at or beyond its end, or with the session; where the rows up to there are missing, with the first
    row after it (`n_rows` while there is none).
    """

    first: Ints
    done: Ints
    every: str


def bins_of(market: Market, every: str) -> Bins:
    """Divide the rows of a market into bars of `every`: ``"session"``, a length such as ``"1h"``, or ``"shared"``."""
    opened = np.flatnonzero(np.diff(market.session, prepend=market.session[:1] - 1))
    if every == SESSION:
        return _bins(market, opened, market.session_end[np.append(opened[1:], market.n_rows) - 1], every)
    if every == SHARED:
        first = np.append(0, market.shared + 1)
        first = first[first < market.n_rows]
        return _bins(market, first, np.arange(len(first)) < len(market.shared), every)
    length = _nanoseconds(every)
    start, end = market.start.min(axis=1), market.end.max(axis=1)
    begun = np.repeat(start[opened], np.diff(opened, append=market.n_rows))
    number = (start - begun) // length
    _refuse_straddling(market, end > begun + (number + 1) * length, every)
    first = np.flatnonzero((np.diff(number, prepend=-1) != 0) | (np.diff(market.session, prepend=-1) != 0))
    last = np.append(first[1:], market.n_rows) - 1
    over = (end[last] >= begun[last] + (number[last] + 1) * length) | market.session_end[last]
    return _bins(market, first, over, every)


def _bins(market: Market, first: Ints, over: Bools, every: str) -> Bins:
    after = np.append(first[1:], market.n_rows)
    return Bins(first, np.where(over, after - 1, after), every)


def _nanoseconds(every: str) -> int:
    try:
        length = int(pd.Timedelta(every).value)
    except ValueError:
        length = 0
    if length <= 0:
        raise DataError(
            f"every={every!r} is not a length of bars; allowed: 'session', 'shared', 'row', or a length like '1h', "
            "'15min'"
        )
    return length


def _refuse_straddling(market: Market, across: Ints, every: str) -> None:
    if across.any():
        row = int(np.argmax(across))
        lasts = pd.Timedelta(int(market.end[row].max() - market.start[row].min()), "ns")
        raise DataError(
            f"every={every!r}: the bar of {market.name!r} that ends {market.times[row]:%Y-%m-%d %H:%M} UTC lasts "
            f"{lasts} and lies in two of them; allowed: 'session', or a multiple of the length of the bars"
        )


def aggregated(market: Market, bins: Bins, field: Field, row: int, n: int, adjust: Adjust = "total") -> Floats:
    """Return the last `n` coarser bars of a field that are over at `row`, `(n, N)`, oldest first, adjusted as of `row`.

    The open is the first of its bars', the close the last, high and low the extremes, volume the sum; NaN where there
    was no bar at all.
    """
    stop = int(np.searchsorted(bins.done, row, side="right"))
    if not 1 <= n <= stop:
        raise DataError(
            f"market {market.name!r}: history of {n} bars of {bins.every!r} up to {market.times[row]:%Y-%m-%d %H:%M} "
            f"UTC is not in the data; {stop} are complete"
        )
    first = bins.first[stop - n : stop]
    end = int(bins.first[stop]) if stop < len(bins.first) else market.n_rows
    end = min(end, row + 1)
    values = history(market, field, row, row - int(first[0]) + 1, adjust)[: end - int(first[0])]
    whole = together(values, first - first[0], field)
    whole.flags.writeable = False
    return whole


def together(values: Floats, first: Ints, field: Field) -> Floats:
    """Make one row of each stretch that begins at one of `first`."""
    if field in ("high", "low"):
        extreme: Floats = (np.fmax if field == "high" else np.fmin).reduceat(values, first, axis=0)
        return extreme
    bar = ~np.isnan(values)
    if field == "volume":
        total = np.add.reduceat(np.where(bar, values, 0.0), first, axis=0)
        return np.where(np.logical_or.reduceat(bar, first, axis=0), total, np.nan)
    rows = np.arange(len(values))[:, None]
    if field == "open":
        found = np.minimum.reduceat(np.where(bar, rows, len(values)), first, axis=0)
    else:
        found = np.maximum.reduceat(np.where(bar, rows, -1), first, axis=0)
    inside = (found >= 0) & (found < len(values))
    picked = np.take_along_axis(values, np.where(inside, found, 0), axis=0)
    return np.where(inside, picked, np.nan)
