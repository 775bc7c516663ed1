"""One return series with its clock: what every performance metric is computed from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backtest.stats import Periods, per_period, years_between
from backtest.types import Floats, Ints

HOUR = 3_600 * 10**9


@dataclass(frozen=True)
class Track:
    """Returns, the path they make, and when it happened.

    `returns` is `(R,)`, NaN for no observation; `path` is `(R + 1,)` with the initial value in front. `years` is NaN
    when no time is known. `risk_free` is a rate per year, compounded. `stamp` names the end of a bar, 0 … R − 1.
    """

    returns: Floats
    path: Floats
    times: Ints | None
    years: float
    periods: Periods
    risk_free: float
    stamp: Callable[[int], str]

    @property
    def cash_rate(self) -> float:
        """The risk-free rate per bar; 0 where bars cannot be annualised and the rate is 0."""
        return per_period(self.risk_free, self.periods.per_year) if self.risk_free else 0.0

    @property
    def root(self) -> str:
        """How ratios are annualised, in words with the number."""
        known = math.isfinite(self.periods.per_year)
        return f"× √{self.periods.per_year:.2f} bars a year" if known else "× √(bars a year), which are not known"

    def day(self, place: int | None) -> str | None:
        """Name a place of the path; place 0, the start, goes by the date of the first bar."""
        return None if place is None or self.times is None else self.stamp(max(place - 1, 0))

    def days_between(self, start: int, end: int) -> float:
        """Return the days from one place of the path to another, NaN without a clock."""
        if self.times is None:
            return math.nan
        return float(self.times[max(end - 1, 0)] - self.times[max(start - 1, 0)]) / (24 * HOUR)


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
