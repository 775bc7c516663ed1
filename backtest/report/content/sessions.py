"""One value a day: what measures over months need, however short the bars are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest import stats
from backtest.report.numbers import RunNumbers
from backtest.types import Floats, Ints

DAY = 86_400 * 10**9


@dataclass(frozen=True)
class Sessions:
    """Returns of the account and its benchmark from day to day; of longer bars, from bar to bar."""

    times: Ints  # (D,) end of the last bar of each day
    returns: Floats
    benchmark: Floats | None
    per_year: float  # days in a year of the record, or bars as in the metrics; NaN for a single one


def sessions(run: RunNumbers) -> Sessions:
    """Take the last bar of each UTC day; a bar that ends at midnight belongs to the day before.

    A record ends with a ruin: nothing can be earned on nothing.
    """
    rows = day_ends(run.times[: run.alive]) if run.intraday else np.arange(run.alive)
    times = run.times[rows]
    other = run.benchmark_path
    benchmark = None if other is None else stats.returns_from_equity(other[1:][rows], run.capital)
    own = stats.returns_from_equity(run.path[1:][rows], run.capital)
    known = None if run.intraday else run.value("periods_per_year")
    return Sessions(times, own, benchmark, float(known) if known else stats.periods_per_year(times).per_year)


def day_ends(times: Ints) -> Ints:
    """Return the rows that are the last of their day."""
    return np.flatnonzero(np.append(np.diff((times - 1) // DAY) != 0, True))
