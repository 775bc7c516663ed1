"""Does the order hold: in parts of the record, and from later beginnings."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from backtest import stats
from backtest.study.measure import finite
from backtest.study.side import SideBySide
from backtest.types import Floats, Ints

MOST_YEARS = 15
PARTS = 4
FEWEST_ROWS = 20
SHORTEST_YEARS = 1.0
"""A later beginning must leave so much of the record."""


def periods(side: SideBySide, cash: float) -> list[dict[str, Any]]:
    """Return Sharpe ratio and total return of each run in parts of the record: calendar years, or equal parts.

    Two to fifteen years are told one by one, other records in four equal parts. Parts with fewer than 20 bars are left
    out. `cash` is the risk-free rate per bar.
    """
    names, edges = _parts(side)
    found = []
    for name, (first, stop) in zip(names, pairwise(edges), strict=True):
        if stop - first >= FEWEST_ROWS:
            found.append({"name": name, **_told(side, first, stop, cash)})
    return found


def starts(side: SideBySide, cash: float) -> list[dict[str, Any]]:
    """Return the same from each of these beginnings to the end of the record, while a year of it is left."""
    names, edges = _parts(side)
    stop = edges[-1]
    left = [(stop - first) / side.periods.per_year for first in edges[:-1]]
    return [
        {"name": side.day(first), **_told(side, first, stop, cash)}
        for first, years in zip(edges[:-1], left, strict=True)
        if years >= SHORTEST_YEARS and names
    ]


def _told(side: SideBySide, first: int, stop: int, cash: float) -> dict[str, Any]:
    returns = side.returns[first:stop]
    return {
        "first": side.day(first),
        "last": side.day(stop - 1),
        "rows": stop - first,
        "sharpe": [finite(_sharpe(column - cash, side.periods.per_year)) for column in returns.T],
        "return": [finite(value) for value in _growth(side, first, stop) - 1.0],
    }


def _growth(side: SideBySide, first: int, stop: int) -> Floats:
    before = side.growth[first - 1] if first else np.ones(len(side.records))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(before > 0.0, side.growth[stop - 1] / before, np.nan))


def _sharpe(excess: Floats, per_year: float) -> float:
    seen = excess[~np.isnan(excess)]
    return stats.sharpe(seen, per_year) if seen.size >= FEWEST_ROWS else math.nan


def _parts(side: SideBySide) -> tuple[list[str], list[int]]:
    """Return names of the parts and the rows at which they begin, the end behind them."""
    years = _years(side.times)
    begin = np.flatnonzero(np.diff(years, prepend=years[0] - 1)).tolist()
    if 2 <= len(begin) <= MOST_YEARS and side.years >= 2.0:
        return [str(years[row]) for row in begin], [*begin, years.size]
    edges = np.linspace(0, years.size, PARTS + 1).round().astype(int).tolist()
    return [f"part {k + 1} of {PARTS}" for k in range(PARTS)], edges


def _years(times: Ints) -> Ints:
    """Return the year of each bar; one that ends at midnight belongs to the day before."""
    return (times - 1).astype("datetime64[ns]").astype("datetime64[Y]").astype(np.int64) + 1970
