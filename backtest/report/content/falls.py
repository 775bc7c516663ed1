"""The deepest drawdowns, with their dates and how long they lasted."""

from __future__ import annotations

from dataclasses import dataclass

from backtest import stats
from backtest.report.numbers import RunNumbers

DAY = 86_400e9


@dataclass(frozen=True)
class Fall:
    """One fall from a peak until the account was back at it. Stamps are UTC nanoseconds, lengths in days."""

    depth: float
    peak: int
    valley: int
    recovery: int | None  # None while still open
    falling: float
    under: float  # from the peak until recovery, or until the end of the record


@dataclass(frozen=True)
class Falls:
    """The deepest falls, the deepest first, and how many there were in all."""

    deepest: list[Fall]
    total: int


def falls(run: RunNumbers, most: int = 10) -> Falls:
    """Return the `most` deepest drawdowns of the account, those still open included."""
    found = stats.drawdowns(run.path)
    deepest = sorted(found, key=lambda fall: fall.depth)[:most]
    return Falls([_dated(run, fall) for fall in deepest], len(found))


def _dated(run: RunNumbers, fall: stats.Drawdown) -> Fall:
    def when(place: int) -> int:
        """The path has the capital in front, so place k is the end of bar k − 1."""
        return int(run.times[max(place - 1, 0)])

    end = when(run.times.size if fall.recovery is None else fall.recovery)
    peak, valley = when(fall.peak), when(fall.valley)
    recovery = None if fall.recovery is None else end
    return Fall(fall.depth, peak, valley, recovery, (valley - peak) / DAY, (end - peak) / DAY)
