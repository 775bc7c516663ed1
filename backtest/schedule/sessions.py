"""Whose sessions count where symbols have different calendars."""

from __future__ import annotations

import numpy as np

from backtest.errors import DataError, unknown
from backtest.market.market import Market
from backtest.types import Ints


def session_ends_of(market: Market, calendar: str | None) -> tuple[Ints, Ints]:
    """Return the rows that end the sessions of a calendar of the market, and the sessions known beyond the last row.

    None is the calendar of most of the symbols that are listed in each row, of equally many the first by name.
    """
    if market.n_clocks == 1:
        _refuse_unknown(market, calendar)
        return np.flatnonzero(market.session_end), market.sessions_after
    if calendar is None:
        leading = _leading(market)
        rows = np.flatnonzero(market.opens[np.arange(market.n_rows), leading])
        last = int(leading[-1])
    else:
        _refuse_unknown(market, calendar)
        last = market.calendars.index(calendar)
        rows = np.flatnonzero(market.opens[:, last])
    ends = rows[np.append(market.session[rows[1:]] != market.session[rows[:-1]], np.ones(min(1, len(rows)), np.bool_))]
    return ends, market.own_sessions_after[last]


def _leading(market: Market) -> Ints:
    """The clock of most of the symbols listed in each row, `(T,)`."""
    listed = np.ones(market.close.shape, np.bool_) if market.listed is None else market.listed
    counts = np.stack([listed[:, market.group == k].sum(axis=1) for k in range(market.n_clocks)], axis=1)
    leading: Ints = counts.argmax(axis=1)
    return leading


def _refuse_unknown(market: Market, calendar: str | None) -> None:
    known = market.calendars or (market.calendar,)
    if calendar is not None and calendar not in known:
        raise DataError(f"market {market.name!r}: {unknown('calendar', calendar, known)}")
