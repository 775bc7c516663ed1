"""One return series with its clock: what every performance metric is computed from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from backtest import stats
from backtest.stats import CalendarReturns, Drawdown, Periods, per_period, years_between
from backtest.types import Bools, Floats, Ints

HOUR = 3_600 * 10**9


@dataclass(frozen=True)
class Track:
    """Returns, the path they make, and when it happened.

    `returns` is `(R,)`, NaN for no observation; `path` is `(R + 1,)` with the initial value in front. `years` is NaN
    when no time is known. `risk_free` is a rate per year, compounded. `stamp` names the end of a bar, 0 … R − 1. `wall`
    are the times by which bars fall into months, when they are not `times`. What several metrics need is kept once
    computed.
    """

    returns: Floats
    path: Floats
    times: Ints | None
    years: float
    periods: Periods
    risk_free: float
    stamp: Callable[[int], str]
    wall: Ints | None = None

    @property
    def cash_rate(self) -> float:
        """The risk-free rate per bar; 0 where bars cannot be annualised and the rate is 0."""
        return per_period(self.risk_free, self.periods.per_year) if self.risk_free else 0.0

    @property
    def root(self) -> str:
        """How ratios are annualised, in words with the number."""
        known = math.isfinite(self.periods.per_year)
        return f"× √{self.periods.per_year:.2f} bars a year" if known else "× √(bars a year), which are not known"

    @property
    def over(self) -> str:
        """What a ratio is in excess of, in words with the number."""
        return f"risk-free rate {self.risk_free:.2%} a year"

    @cached_property
    def seen(self) -> Floats:
        """The returns that are observations."""
        return self.returns[~np.isnan(self.returns)]

    @cached_property
    def annual(self) -> float:
        """Compound return per year."""
        return stats.cagr(self.path, self.years)

    @property
    def annual_excess(self) -> float:
        """Compound return per year less the risk-free rate."""
        return self.annual - self.risk_free

    @cached_property
    def below(self) -> Floats:
        """Drawdown at the start and at each bar's end, `(R + 1,)`."""
        return stats.underwater(self.path)

    @cached_property
    def fall(self) -> Drawdown | None:
        """The deepest drawdown, None when the path never fell."""
        return stats.max_drawdown(self.path)

    @cached_property
    def falls(self) -> list[Drawdown]:
        """Every drawdown in the order of time."""
        return stats.drawdowns(self.path)

    @cached_property
    def calendar(self) -> CalendarReturns | None:
        """Returns of calendar months and years, None without a clock."""
        times = self.times if self.wall is None else self.wall
        if times is None:
            return None
        whole = self.seen.size == self.returns.size
        return stats.calendar_returns(self.path, times, None if whole else ~np.isnan(self.returns))

    def day(self, place: int | None) -> str | None:
        """Name a place of the path; place 0, the start, goes by the date of the first bar."""
        return None if place is None or self.times is None else self.stamp(max(place - 1, 0))

    def days_between(self, start: int, end: int) -> float:
        """Return the days from one place of the path to another, NaN without a clock."""
        if self.times is None:
            return math.nan
        return float(self.times[max(end - 1, 0)] - self.times[max(start - 1, 0)]) / (24 * HOUR)


def common(track: Track, other: Track) -> tuple[Track, Track]:
    """Cut two tracks of the same bars to those from the first to the last that both have observed.

    So that compound returns over different stretches are not compared; gaps in between count as no change. What comes
    after a ruin is known: nothing is left.
    """
    both = np.flatnonzero(_known(track) & _known(other))
    if not both.size or (both[0] == 0 and both[-1] == track.returns.size - 1):
        return track, other
    rows = slice(int(both[0]), int(both[-1]) + 1)
    years = _years_of(track, rows)
    return _cut(track, rows, years), _cut(other, rows, years)


def _known(track: Track) -> Bools:
    return np.asarray(~np.isnan(track.returns) | (track.path[:-1] <= 0.0))


def _years_of(track: Track, rows: slice) -> float:
    """Return the years from the end of the bar before the first row to the end of the last one."""
    if track.times is None:
        return float(track.years * (rows.stop - rows.start) / track.returns.size)
    if rows.start > 0:
        return years_between(int(track.times[rows.start - 1]), int(track.times[rows.stop - 1]))
    return track.years - years_between(int(track.times[rows.stop - 1]), int(track.times[-1]))


def _cut(track: Track, rows: slice, years: float) -> Track:
    returns = track.returns[rows]
    times = None if track.times is None else track.times[rows]
    return replace(track, returns=returns, path=stats.path_from_returns(returns), times=times, years=years, wall=None)


def bar_stamps(times: Ints) -> Callable[[int], str]:
    """Name bars by the UTC day they end in; with the minute when bars are shorter than a day.

    A bar that ends at midnight belongs to the day before.
    """
    intraday = is_intraday(times)

    def stamp(row: int) -> str:
        if intraday:
            return f"{times[row].astype('datetime64[ns]').astype('datetime64[m]')}".replace("T", " ")
        return str((times[row] - 1).astype("datetime64[ns]").astype("datetime64[D]"))

    return stamp


def is_intraday(times: Ints) -> bool:
    """Say whether the typical bar is shorter than 20 hours."""
    return times.size > 1 and float(np.median(np.diff(times))) < 20 * HOUR


def span_years(times: Ints) -> float:
    """Return the years from the end of the first bar to the end of the last; NaN for one bar."""
    return years_between(int(times[0]), int(times[-1])) if times.size > 1 else math.nan
