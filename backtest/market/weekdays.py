"""Sessions of an invented exchange: weekdays without the holidays of a written rule.

It resembles New York of today without being it: the rule is the same in every year, nothing ever closes early and no
hurricane or funeral closes it. Synthetic markets use it so that they need no calendar package and never change.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from backtest.types import Ints

NAME = "us-weekdays"
TIMEZONE = "America/New_York"
_OPEN, _CLOSE = pd.Timedelta(hours=9, minutes=30), pd.Timedelta(hours=16)
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6


def sessions(first: date, last: date) -> Ints:
    """Return the sessions from `first` to `last`, both included, as days since 1970."""
    days = np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)
    closed = [np.datetime64(day, "D") for year in range(first.year, last.year + 2) for day in holidays(year)]
    kept = np.is_busday(days, holidays=np.array(closed, "datetime64[D]"))
    return days[kept].astype(np.int64)


def bounds(session: Ints) -> tuple[Ints, Ints]:
    """Return the open (09:30) and close (16:00, New York) of sessions in UTC nanoseconds."""
    midnight = pd.DatetimeIndex(session.astype("datetime64[D]").astype("datetime64[ns]"))
    opened, closed = (
        (midnight + time).tz_localize(TIMEZONE).tz_convert("UTC").as_unit("ns").asi8 for time in (_OPEN, _CLOSE)
    )
    return np.array(opened, np.int64), np.array(closed, np.int64)


def holidays(year: int) -> list[date]:
    """Return the days of `year` on which the exchange is closed (one may fall on the last day of the year before)."""
    return [
        _observed(date(year, 1, 1)),
        _nth(year, 1, _MONDAY, 3),
        _nth(year, 2, _MONDAY, 3),
        easter(year) - timedelta(days=2),
        _nth(year, 6, _MONDAY, 1) - timedelta(days=7),  # last Monday of May
        _observed(date(year, 6, 19)),
        _observed(date(year, 7, 4)),
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 11, _THURSDAY, 4),
        _observed(date(year, 12, 25)),
    ]


def easter(year: int) -> date:
    """Return Easter Sunday by the Gregorian computus (anonymous algorithm, Nature, 20 April 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _observed(day: date) -> date:
    """A holiday on a Saturday is kept on Friday, one on a Sunday on Monday."""
    shift = {_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0)
    return day + timedelta(days=shift)
