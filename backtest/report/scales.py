"""Where on an axis things go, and which round values are written beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backtest.report.words import percent, ratio
from backtest.types import Floats, Ints

SECOND = 10**9
DAY = 86_400 * SECOND


@dataclass(frozen=True)
class Scale:
    """A linear axis from `low` to `high`, with the values at which it is labelled."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def percents(self) -> list[str]:
        """Return the labels of the ticks as percentages, with as many digits as their step needs."""
        digits = _digits((self.ticks[1] - self.ticks[0]) * 100.0)
        return [percent(tick, digits) for tick in self.ticks]

    def ratios(self) -> list[str]:
        """Return the labels of the ticks as plain numbers, with as many digits as their step needs."""
        digits = _digits(self.ticks[1] - self.ticks[0])
        return [ratio(tick, digits) for tick in self.ticks]

    def share(self, value: float) -> float:
        """Return where `value` lies, 0 at `low` and 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


def is_intraday(times: Ints) -> bool:
    """Say whether the typical bar is shorter than 20 hours."""
    return times.size > 1 and float(np.median(np.diff(times))) < 20 * 3600 * SECOND


def _digits(step: float) -> int:
    return next((d for d in range(4) if abs(step * 10**d - round(step * 10**d)) < 1e-6), 4)


def fit(values: Floats, zero: bool = False, count: int = 5) -> Scale:
    """Make an axis around `values` with round ends; from zero when asked, as areas and bars must be."""
    seen = values[np.isfinite(values)]
    low, high = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        room = abs(low) * 0.05 or 1.0
        low, high = low - (0.0 if zero and low >= 0.0 else room), high + room
    step = nice_step((high - low) / count)
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    ticks = tuple(round(low + step * k, 12) for k in range(round((high - low) / step) + 1))
    return Scale(low, high, ticks)


def nice_step(rough: float) -> float:
    """Return the smallest of 1, 2, 2.5, 5 × 10ᵏ that is not below `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * unit for unit in (1.0, 2.0, 2.5, 5.0, 10.0) if power * unit >= rough * (1 - 1e-9))


@dataclass(frozen=True)
class TimeAxis:
    """The one time axis of a page, UTC nanoseconds; a single bar gets a week of its own."""

    start: int
    end: int

    @classmethod
    def of(cls, times: Ints) -> TimeAxis:
        """Span all bars."""
        start, end = int(times[0]), int(times[-1])
        return cls(start, end) if end > start else cls(start - 3 * DAY, end + 3 * DAY)

    def share(self, times: Ints) -> Floats:
        """Return where moments lie, 0 at the first bar and 1 at the last."""
        return np.asarray((times - self.start) / float(self.end - self.start))

    def ticks(self, count: int = 10) -> list[tuple[float, str]]:
        """Return round moments inside the axis as (share, label), about `count` of them."""
        days = (self.end - self.start) / DAY
        unit, step, form = _time_step(days / count)
        first = np.datetime64(self.start, "ns").astype(f"datetime64[{unit}]").astype(np.int64) // step * step
        last = np.datetime64(self.end, "ns").astype(f"datetime64[{unit}]").astype(np.int64)
        origin = 0 if unit != "Y" else -1970 % step  # years count from 1970: keep them at 2010, not 2011
        stamps = np.arange(first - step + origin, last + 1, step).astype(f"datetime64[{unit}]")
        shares = self.share(stamps.astype("datetime64[ns]").astype(np.int64))
        return [
            (float(x), _label(stamp, form)) for x, stamp in zip(shares, stamps, strict=True) if -1e-9 <= x <= 1.0 + 1e-9
        ]


def _time_step(days: float) -> tuple[str, int, str]:
    """Choose unit, steps of it, and how to write it, for ticks at least `days` apart."""
    for unit, step, length, form in (
        ("m", 15, 1 / 96, "minute"),
        ("h", 1, 1 / 24, "minute"),
        ("h", 6, 1 / 4, "minute"),
        ("D", 1, 1, "day"),
        ("D", 2, 2, "day"),
        ("D", 7, 7, "day"),
        ("M", 1, 30, "month"),
        ("M", 3, 91, "month"),
        ("M", 6, 182, "month"),
        ("Y", 1, 365, "year"),
        ("Y", 2, 730, "year"),
        ("Y", 5, 1826, "year"),
    ):
        if days <= length * 1.05:
            return unit, step, form
    return "Y", 10, "year"


def _label(stamp: np.datetime64, form: str) -> str:
    text = str(stamp)
    if form == "minute":
        clock = text[11:] if len(text) > 13 else f"{text[11:13]}:00"
        return f"{text[5:10]} {clock}"
    return text[5:] if form == "day" else text
