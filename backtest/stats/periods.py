"""How many bars a year has, counted from the bars that are really there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.stats.returns import NS_PER_YEAR
from backtest.types import Ints

NS_PER_DAY = 86_400 * 10**9
SHORTEST_COUNT_DAYS = 60
"""A shorter record is not counted: five bars from Monday to Friday would make a year of 365 trading days."""
BUSINESS_DAYS = 252.0

_UNITS = (  # longest gap in days that still goes by this name
    (0.9 / 24, "minute"),
    (0.75, "hourly"),
    (2.0, "daily"),
    (10.0, "weekly"),
    (45.0, "monthly"),
    (135.0, "quarterly"),
)


@dataclass(frozen=True)
class Periods:
    """Periods per year and, in plain words, where the number comes from. NaN when it cannot be said."""

    per_year: float
    source: str


def periods_per_year(times: Ints) -> Periods:
    """Return the periods per year of bars that end at `times` (UTC nanoseconds, ascending).

    From 60 days on they are counted: intervals over years of 365.25 days, so that holidays, 24/7 markets and half
    sessions come out as they are. So are irregular bars of any record. Otherwise a shorter record goes by its typical
    gap; daily bars without a Saturday or Sunday are then taken for business days, and bars of less than a day by how
    many of them a typical day has, business days unless one of them is a Saturday. One bar has no period.
    """
    if times.size < 2:
        return Periods(float("nan"), "one bar: nothing to annualise with")
    gaps = np.diff(times)
    word = frequency(times)
    if times[-1] - times[0] < SHORTEST_COUNT_DAYS * NS_PER_DAY and word != "irregular":
        return _from_gap(times, float(np.median(gaps)), word)
    years = float(times[-1] - times[0]) / NS_PER_YEAR
    per_year = gaps.size / years
    return Periods(per_year, f"{gaps.size:,} intervals between {word} bars in {years:.2f} years")


def frequency(times: Ints) -> str:
    """Return the plain word for the typical gap: minute, hourly, daily, weekly, monthly, quarterly, yearly, irregular.

    Irregular: fewer than 60 % of the gaps lie within 40 % of the typical one.
    """
    if times.size < 2:
        return "single"
    gaps = np.diff(times)
    gap = float(np.median(gaps))
    if np.mean(np.abs(gaps - gap) <= 0.4 * gap) < 0.6:
        return "irregular"
    days = gap / NS_PER_DAY
    return next((word for longest, word in _UNITS if days <= longest), "yearly")


def _from_gap(times: Ints, gap: float, word: str) -> Periods:
    span = (times[-1] - times[0]) / NS_PER_DAY
    short = f"too short to count ({span:.0f} days)"
    if gap <= 0.0:
        return Periods(float("nan"), f"{short} and bars share one time")
    if word in ("minute", "hourly"):
        return _from_day(times, gap, short)
    if word != "daily":
        return Periods(NS_PER_YEAR / gap, f"{short}: from the typical gap of {gap / NS_PER_DAY:.4g} days")
    if _has_weekend(times) and _has_weekend(times - 1):
        return Periods(365.25, f"{short}: daily bars with weekends, so every day of the year")
    return Periods(BUSINESS_DAYS, f"{short}: daily bars without weekends, so 252 business days assumed")


def _from_day(times: Ints, gap: float, short: str) -> Periods:
    """Count the bars of a typical day; within one day, or round the clock, the gap says the same."""
    day = (times - 1) // NS_PER_DAY
    bars = np.unique(day, return_counts=True)[1]
    round_the_clock = bool(np.any((day + 3) % 7 == 5))  # 1970-01-01 was a Thursday, so that 5 is a Saturday
    if bars.size < 3 or round_the_clock:
        return Periods(NS_PER_YEAR / gap, f"{short}: from the typical gap of {gap / NS_PER_DAY:.4g} days, at any hour")
    typical = float(np.median(bars))
    said = f"{short}: {typical:.4g} bars a day without Saturdays, so 252 business days assumed"
    return Periods(typical * BUSINESS_DAYS, said)


def _has_weekend(times: Ints) -> bool:
    """Say whether any stamp falls on a Saturday or Sunday; 1970-01-01 was a Thursday.

    Asked twice, as a stamp of midnight may name the day that it begins or end the day before.
    """
    return bool(np.any((times // NS_PER_DAY + 3) % 7 >= 5))
