"""Returns of calendar months and years from a path and its times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.types import Bools, Floats, Ints


@dataclass(frozen=True)
class CalendarReturns:
    """Compound returns of the calendar months and years that the record touches; unfinished ones as far as they go."""

    years: Ints  # (Y,)
    monthly: Floats  # (Y, 12), NaN where there is no bar, or none with a return
    yearly: Floats  # (Y,)


def calendar_returns(path: Floats, times: Ints, seen: Bools | None = None) -> CalendarReturns:
    """Compound `path` `(R + 1,)`, the capital in front, by the UTC month in which each bar of `times` `(R,)` ends.

    A bar that ends at midnight belongs to the day before: a 24/7 daily bar of January 31 ends on February 1 at 00:00.
    NaN for a month that began at or below zero, and for one without any bar that was `seen` `(R,)`, all by default.
    """
    month = (times - 1).astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    if month.size == 0:
        return CalendarReturns(np.empty(0, np.int64), np.empty((0, 12)), np.empty(0))
    first_year, last_year = month[0] // 12, month[-1] // 12
    monthly = np.full((int(last_year - first_year) + 1, 12), np.nan)
    labels, growth = _growth(path, month, seen)
    monthly[labels // 12 - first_year, labels % 12] = growth
    yearly = np.full(monthly.shape[0], np.nan)
    labels, growth = _growth(path, month // 12, seen)
    yearly[labels - first_year] = growth
    return CalendarReturns(np.arange(first_year, last_year + 1) + 1970, monthly, yearly)


def _growth(path: Floats, label: Ints, seen: Bools | None) -> tuple[Ints, Floats]:
    """Return each label and the growth from the end of the label before to its own end."""
    last = np.flatnonzero(np.append(np.diff(label) != 0, True))
    ends = path[1:][last]
    begins = np.concatenate((path[:1], ends[:-1]))
    known = begins > 0.0
    if seen is not None:
        known &= np.logical_or.reduceat(seen, np.concatenate(([0], last[:-1] + 1)))
    return label[last], np.where(known, ends / np.where(known, begins, 1.0) - 1.0, np.nan)
