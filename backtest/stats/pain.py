"""How deep, how long and how often a path was below its past: the drawdown family in one number each.

Drawdowns are numbers ≤ 0, indices of pain are ≥ 0. `below` is what `underwater` gives for a path, `(R + 1,)`, its first
place the start, where there is no drawdown: averages run over the R bars and leave the start out.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from backtest.stats.tails import tail_mean
from backtest.types import Floats, Ints

Falls = Literal["recovery", "streak"]
"""What counts as one fall. `recovery`: from a peak until the path is back at it, an open one included. `streak`: bars
of losses in a row, compounded, as in PerformanceAnalytics' Burke ratio, which in effect adds them."""


def ulcer_index(below: Floats, ddof: int = 0) -> float:
    """Return √(Σ d² / (R − ddof)), d the drawdown at each bar's end.

    Martin and McCann (1989), "The Investor's Guide to Fidelity Funds". `ddof` = 0 as in PerformanceAnalytics;
    quantstats divides by R − 1.
    """
    bars = below[1:]
    return math.sqrt(float(bars @ bars) / (bars.size - ddof)) if bars.size > ddof else math.nan


def pain_index(below: Floats) -> float:
    """Return Σ |d| / R, the mean depth below the highest value so far. Becker (2006), Zephyr Associates."""
    bars = below[1:]
    return 0.0 - float(bars.mean()) if bars.size else math.nan


def conditional_drawdown(below: Floats, level: float = 0.95) -> float:
    """Return the mean of the deepest 1 − level share of the drawdowns at bar ends, a number ≤ 0.

    The mean of those at or below the linear (1 − level) quantile, as for the expected shortfall of returns. Chekhlov,
    Uryasev and Zabarankin (2005), "Drawdown Measure in Portfolio Optimization".
    """
    bars = below[1:]
    return tail_mean(bars, level) if bars.size else math.nan


def mean_yearly_depth(below: Floats, times: Ints) -> float:
    """Return the mean over calendar years of the deepest drawdown at the bars `times` `(R,)` that end in each, ≤ 0.

    A bar that ends at midnight belongs to the day before; depth is measured from the highest value of the whole record.
    """
    year = (times - 1).astype("datetime64[ns]").astype("datetime64[Y]").astype(np.int64)
    starts = np.flatnonzero(np.append(True, np.diff(year) != 0))
    return float(np.minimum.reduceat(below[1:], starts).mean())


def fall_depths(path: Floats, below: Floats, falls: Falls = "recovery") -> Floats:
    """Return the depth of each fall of `path` in the order of time, numbers ≤ 0; `below` is its underwater series."""
    if falls == "recovery":
        # What follows a fall is at zero, so that a segment which reaches to the next fall has the same minimum.
        starts = np.flatnonzero(np.diff(np.append(False, below < 0.0).astype(np.int8)) == 1)
        return np.asarray(np.minimum.reduceat(below, starts)) if starts.size else np.empty(0)
    down = np.append(False, np.diff(path) < 0.0)
    edge = np.diff(np.append(down, False).astype(np.int8))
    first, last = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    return np.asarray(path[last] / path[first] - 1.0)


def burke(annual_excess: float, depths: Floats) -> float:
    """Return the annual excess return over √Σ d², d the depth of each fall; NaN without falls.

    Burke (1994), "A Sharper Sharpe Ratio". Times √n, the number of bars, it is Bacon's modified Burke ratio.
    """
    size = math.sqrt(float(depths @ depths))
    return annual_excess / size if size > 0.0 else math.nan


def sterling(annual_excess: float, depth: float, excess: float = 0.1) -> float:
    """Return the annual excess return over the size of a drawdown `depth` (≤ 0) plus `excess`.

    Deane Sterling Jones took the mean of the years' deepest drawdowns, and 10 % on top for what could have been worse;
    Kestner (1996), "Getting a Handle on True Performance". PerformanceAnalytics takes the deepest one of the record.
    """
    size = excess - depth
    return annual_excess / size if size > 0.0 else math.nan
