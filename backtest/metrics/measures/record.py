"""What the record is: when, how long, how often."""

from __future__ import annotations

from backtest.metrics.measure import solo
from backtest.metrics.track import Track

_HOUSE = "this package"


@solo("First bar", "date", "first stamp", "day on which the first bar ends, UTC", _HOUSE, of_clock=True)
def start(track: Track) -> str | None:
    """Name the day on which the first bar ends; None without times."""
    return track.day(1)


@solo("Last bar", "date", "last stamp", "day on which the last bar ends, UTC", _HOUSE, of_clock=True)
def end(track: Track) -> str | None:
    """Name the day on which the last bar ends; None without times."""
    return track.day(track.returns.size)


@solo(
    "Bars",
    "count",
    "R",
    "bars in the record; a run's first return is from capital to first mark",
    _HOUSE,
    of_clock=True,
)
def bars(track: Track) -> int:
    """Count the bars, with or without an observation."""
    return track.returns.size


@solo(
    "Years", "years", "days / 365.25", "actual days / 365.25", "this package; ffn counts the same year", of_clock=True
)
def years(track: Track) -> float:
    """Return the length of the record."""
    return track.years


@solo("Bars per year", "ratio", "intervals / years", "{periods}", "this package", of_clock=True)
def periods_per_year(track: Track) -> float:
    """Return the bars in a year, counted from the times that are really there unless they were given."""
    return track.periods.per_year
