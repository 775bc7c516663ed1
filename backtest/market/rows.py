"""From dates to rows."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

from backtest.errors import DataError
from backtest.market.market import Market
from backtest.types import Ints

Day = date | str
SLACK_DAYS = 10
"""A date may lie this far outside the data, as holidays make it; no exchange closes for longer in an ordinary year."""

SESSIONS_AFTER = 10
"""Sessions told beyond the last row: one would do to know that a month ends, a few more cost nothing."""


def as_day(value: Day) -> int:
    """Return a date as days since 1970."""
    try:
        stamp = pd.Timestamp(value)
    except ValueError:
        raise DataError(f"{value!r} is not a date; write YYYY-MM-DD") from None
    if isinstance(value, (datetime, str)) and stamp != stamp.normalize():
        raise DataError(f"{value} has a time of day; allowed: a session, as YYYY-MM-DD")
    return int(np.datetime64(stamp.date(), "D").astype(np.int64))


def rows_between(market: Market, start: Day | None = None, end: Day | None = None) -> tuple[int, int]:
    """Return ``(first, stop)``: the rows of sessions `start` to `end`, both included; None means all there are."""
    return session_rows(market.session, start, end, market.name)


def session_rows(session: Ints, start: Day | None, end: Day | None, name: str) -> tuple[int, int]:
    """Do the work of `rows_between` on the sessions alone, and refuse dates that the data do not cover."""
    first_day, last_day = int(session[0]), int(session[-1])
    low = first_day if start is None else as_day(start)
    high = last_day if end is None else as_day(end)
    if low > high:
        raise DataError(f"start {iso(low)} is after end {iso(high)}")
    for what, day in (("start", low), ("end", high)):
        if not first_day - SLACK_DAYS <= day <= last_day + SLACK_DAYS:
            raise DataError(f"{what} {iso(day)} is outside the data of {name!r}: {iso(first_day)} to {iso(last_day)}")
    first = int(np.searchsorted(session, low, side="left"))
    stop = int(np.searchsorted(session, high, side="right"))
    if first >= stop:
        raise DataError(f"no session of {name!r} between {iso(low)} and {iso(high)}")
    return first, stop


def iso(day: int) -> str:
    """Return days since 1970 as an ISO date."""
    return str(np.datetime64(day, "D"))
