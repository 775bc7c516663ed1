"""Calendar: the first or last session of each day, week, month, quarter or year."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.market.market import Market
from backtest.schedule.base import Trigger
from backtest.schedule.sessions import session_ends_of
from backtest.types import Bools, Ints

Period = Literal["day", "week", "month", "quarter", "year"]

_MONDAY = 3  # days from a Monday to 1970-01-01, a Thursday


class Calendar(Trigger):
    """Decide at the end of the first or last session of each period, counted on the market's own sessions.

    It fires on the last row of the session, so on intraday bars `day` means the end of each session. A holiday moves
    `first` to the next session and `last` to the one before.

    Only what is known fires. `first` needs the session before, so the first session of the data fires `day` alone.
    `last` needs the next session, from the data or from the market's calendar: on a store with `calendar: data`
    nothing is known beyond the last row, which therefore never fires as `last` (except of its day). Prices play no
    part; ending the data earlier can only take away a `last` on the new last row.

    Where symbols have different calendars, the sessions are those of `sessions`.
    """

    calendar: Period
    """Length of the period: day, week (from Monday), month, quarter or year."""

    on: Literal["first", "last"] = "first"
    """Which session of the period: its first or its last."""

    sessions: str | None = None
    """Calendar whose sessions count, of a market of several; null: that of most of the symbols then listed."""

    @property
    def label(self) -> str:
        """``calendar month first``."""
        return f"calendar {self.calendar} {self.on}" + ("" if self.sessions is None else f" of {self.sessions}")

    @property
    def wakes(self) -> bool:
        """A new period asks the strategy, always."""
        return True

    def rows(self, market: Market) -> Bools:
        """Return the rows `(T,)` that end the sessions which qualify."""
        fires = np.zeros(market.n_rows, np.bool_)
        ends, after = session_ends_of(market, self.sessions)
        fires[ends] = self._sessions(market.session[ends], after)
        return fires

    def _sessions(self, session: Ints, after: Ints) -> Bools:
        """Say which sessions qualify; `session` has each one once, `after` those known beyond the data."""
        if self.calendar == "day":
            return np.ones(len(session), np.bool_)
        period = _periods(np.concatenate([session, after[:1]]), self.calendar)
        turns = period[1:] != period[:-1]  # between a session and the next one that is known
        qualifies = np.zeros(len(session), np.bool_)
        if self.on == "first":
            qualifies[1:] = turns[: max(0, len(session) - 1)]
        else:
            qualifies[: len(turns)] = turns
        return qualifies


def _periods(day: Ints, period: Period) -> Ints:
    """Number the periods that the days (since 1970) belong to."""
    if period == "week":
        weeks: Ints = (day + _MONDAY) // 7
        return weeks
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    length = {"month": 1, "quarter": 3, "year": 12}[period]
    return np.asarray(months // length, np.int64)
