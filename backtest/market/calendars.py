"""From the stamps of bars to the rows of a market: sessions, starts and ends.

========== ==================================================================================================
calendar   sessions
========== ==================================================================================================
``data``   the distinct local dates of the data; each lasts from local midnight to the next, nothing is known
           beyond the last. Rows without any bar are left out.
``24/7``   every day, from midnight to midnight.
a name     an exchange of the package exchange_calendars (``XNYS``), with its opens, closes and holidays. A bar
           on no session is refused.
========== ==================================================================================================

A session of ``24/7`` or of an exchange between the first and the last one with data, of which there are no data at
all, is one row without real bars: that nothing is known of a day the market was open is a fact, not a gap in the clock.
A daily bar lasts from the open to the close of its session. An intraday bar lasts from its stamp for the usual distance
of stamps (or ends there), cut at the session's bounds and at the next bar.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from backtest.errors import DataError, unknown
from backtest.market.rows import SESSIONS_AFTER, iso
from backtest.market.stamps import DAY, NAT, localise, midnights, wall_clock
from backtest.types import Ints

OWN = ("data", "24/7")
StampsAre = Literal["start", "end"]
StampKind = Literal["date", "naive", "aware"]
_MARGIN_DAYS = 40  # asked of an exchange beyond the data, so that enough sessions after the last are among them


@dataclass(frozen=True)
class Clock:
    """Rows of a market: `start`, `end`, `session` are `(T,)`; `row` is the row of each stamp, -1 for none."""

    start: Ints
    end: Ints
    session: Ints
    sessions_after: Ints
    row: Ints
    refused: str
    """Why stamps have no row."""


@dataclass(frozen=True)
class Sessions:
    """Sessions of a calendar: their day and bounds in UTC nanoseconds, and the days known after them."""

    day: Ints
    open: Ints
    close: Ints
    after: Ints


def default_timezone(calendar: str) -> str:
    """Return the zone in which a calendar lives: the exchange's own, else UTC."""
    return "UTC" if calendar in OWN else str(_exchange(calendar, None, None).tz)


def resolve(
    stamps: Ints,
    kind: StampKind,
    calendar: str,
    timezone: str,
    *,
    interval: int | None = None,
    stamps_are: StampsAre = "start",
) -> Clock:
    """Turn distinct sorted stamps into rows.

    Stamps of kind ``date`` are midnights as written and name a session. ``naive`` stamps are read in `timezone`,
    ``aware`` ones are instants. Bars are daily when no local date has two stamps; `interval` (nanoseconds) says
    otherwise.
    """
    if kind == "date" and (interval is None or interval == DAY):
        return _daily(stamps // DAY, calendar, timezone)
    instants = stamps if kind == "aware" else localise(stamps, timezone)
    known = instants != NAT
    days = np.full(stamps.shape[0], NAT)
    days[known] = wall_clock(instants[known], timezone) // DAY
    daily = np.unique(days[known]).shape[0] == int(known.sum()) if interval is None else interval == DAY
    if daily:
        return _daily(days, calendar, timezone)
    return _intraday(instants, days, calendar, timezone, interval, stamps_are)


def _daily(days: Ints, calendar: str, timezone: str) -> Clock:
    sessions = _sessions(calendar, timezone, np.unique(days[days != NAT]))
    row = np.minimum(np.searchsorted(sessions.day, days), sessions.day.shape[0] - 1)
    placed = sessions.day[row] == days
    sessions, cut = _with_data(sessions, row[placed], calendar, days)
    row = np.where(placed, row - cut, -1)
    return Clock(sessions.open, sessions.close, sessions.day, sessions.after, row, _why(calendar, timezone))


def _intraday(
    instants: Ints, days: Ints, calendar: str, timezone: str, interval: int | None, stamps_are: StampsAre
) -> Clock:
    known = instants != NAT
    length = interval or _usual_distance(instants[known])
    start = instants if stamps_are == "start" else instants - length
    end = start + length
    if stamps_are == "end":
        days = days.copy()
        days[known] = wall_clock(start[known], timezone) // DAY
    sessions = _sessions(calendar, timezone, np.unique(days[known]))
    place = np.minimum(np.searchsorted(sessions.close, start, side="right"), sessions.day.shape[0] - 1)
    inside = known & (start < sessions.close[place]) & (end > sessions.open[place])
    sessions, cut = _with_data(sessions, place[inside], calendar, days[known])
    place = place - cut
    empty = np.setdiff1d(np.arange(sessions.day.shape[0]), place[inside])
    rows = np.concatenate([np.flatnonzero(inside), np.full(empty.shape[0], -1)])
    at = np.concatenate([place[inside], empty])
    opened = np.where(rows < 0, sessions.open[at], np.maximum(start[rows], sessions.open[at]))
    closed = np.where(rows < 0, sessions.close[at], np.minimum(end[rows], sessions.close[at]))
    order = np.argsort(opened, kind="stable")
    opened, closed = _apart(opened[order], closed[order], stamps_are)
    row = np.full(instants.shape[0], -1)
    real = rows[order] >= 0
    row[rows[order][real]] = np.flatnonzero(real)
    return Clock(opened, closed, sessions.day[at[order]], sessions.after, row, _why(calendar, timezone))


def _apart(start: Ints, end: Ints, stamps_are: StampsAre) -> tuple[Ints, Ints]:
    """Cut bars where the next one begins (the last one ended): irregular stamps must not make rows overlap."""
    if stamps_are == "start":
        end = np.append(np.minimum(end[:-1], start[1:]), end[-1:])
    else:
        start = np.append(start[:1], np.maximum(start[1:], end[:-1]))
    return start, end


def _usual_distance(instants: Ints) -> int:
    """Return the most frequent distance of stamps."""
    if instants.shape[0] < 2:
        raise DataError("one stamp says nothing about the length of a bar; give the interval, such as '1h'")
    distances, counts = np.unique(np.diff(np.sort(instants)), return_counts=True)
    return int(distances[counts.argmax()])


def _why(calendar: str, timezone: str) -> str:
    if calendar in OWN:
        return f"a stamp that a clock in {timezone} shows twice or never"
    return f"a stamp on no session of {calendar}"


def _sessions(calendar: str, timezone: str, days: Ints) -> Sessions:
    if days.shape[0] == 0:
        raise DataError(f"no stamp can be placed in time zone {timezone}")
    none_known = np.empty(0, np.int64)
    if calendar == "data":
        return Sessions(days, midnights(days, timezone), midnights(days + 1, timezone), none_known)
    if calendar == "24/7":
        every = np.arange(days[0], days[-1] + 1)
        after = days[-1] + 1 + np.arange(SESSIONS_AFTER)
        return Sessions(every, midnights(every, timezone), midnights(every + 1, timezone), after)
    return _exchange_sessions(calendar, days)


def _exchange_sessions(name: str, days: Ints) -> Sessions:
    """Sessions of an exchange that touch the local days of the data; one may open the evening before its day."""
    schedule = _exchange(name, int(days[0]) - 7, int(days[-1]) + _MARGIN_DAYS).schedule
    day = pd.DatetimeIndex(schedule.index).as_unit("ns").asi8 // DAY
    opened = pd.DatetimeIndex(schedule["open"]).as_unit("ns").asi8
    closed = pd.DatetimeIndex(schedule["close"]).as_unit("ns").asi8
    stop = int(np.searchsorted(day, days[-1], side="right")) + 1
    kept = slice(max(int(np.searchsorted(day, days[0], side="left")) - 1, 0), stop)
    return Sessions(day[kept], opened[kept], closed[kept], day[stop : stop + SESSIONS_AFTER])


def _with_data(sessions: Sessions, used: Ints, calendar: str, days: Ints) -> tuple[Sessions, int]:
    """Cut off the sessions before the first and after the last of `used`; return how many were cut in front."""
    if used.shape[0] == 0:
        raise DataError(
            f"calendar {calendar}: none of its sessions has a bar of these data, "
            f"which are of {iso(int(days.min()))} to {iso(int(days.max()))}"
        )
    first, stop = int(used.min()), int(used.max()) + 1
    kept = slice(first, stop)
    after = np.concatenate([sessions.day[stop:], sessions.after])[:SESSIONS_AFTER]
    if calendar == "data":
        after = sessions.after
    return Sessions(sessions.day[kept], sessions.open[kept], sessions.close[kept], after), first


def _exchange(name: str, first: int | None, last: int | None) -> Any:
    # exchange_calendars takes 0.3 s to import and only an import of data with a named calendar needs it: a run reads
    # the resolved clock from the store.
    try:
        import exchange_calendars
    except ImportError:
        raise DataError(
            f"calendar {name!r} needs a package that is not installed: pip install exchange_calendars; "
            f"without it: {', '.join(OWN)}"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of pandas, about how that package uses it
        warnings.simplefilter("ignore", FutureWarning)
        try:
            bounds = {} if first is None or last is None else {"start": iso(first), "end": iso(last)}
            return exchange_calendars.get_calendar(name, **bounds)
        except exchange_calendars.errors.InvalidCalendarName:
            known = [*OWN, *(each for each in exchange_calendars.get_calendar_names() if each not in ("24/7", "24/5"))]
            raise DataError(unknown("calendar", name, known)) from None
        except (ValueError, exchange_calendars.errors.CalendarError) as error:
            raise DataError(f"calendar {name}: {error}") from None
