"""How much of a benchmark's good and bad bars a series took along. Rows where either is NaN are left out."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.types import Bools, Floats

Side = Literal["up", "down"]
Capture = Literal["annualised", "cumulative", "arithmetic"]


def capture(
    returns: Floats,
    benchmark: Floats,
    side: Side = "up",
    method: Capture = "annualised",
    periods_per_year: float = float("nan"),
) -> float:
    """Return the return of a series over the bars on which the benchmark rose (or fell) over the benchmark's own.

    Up: benchmark above 0; down: below 0 (PerformanceAnalytics counts a flat bar as down, which changes nothing but its
    annualised rival). annualised: both compounded to a rate per year, n bars being n / periods_per_year years, as in
    empyrical and Morningstar. cumulative: both compounded over those bars, PerformanceAnalytics' geometric capture.
    arithmetic: the sums of both. NaN without such bars.
    """
    mine, theirs = _on(returns, benchmark, side)
    if not mine.size:
        return float("nan")
    a, b = (_total(part, method, periods_per_year) for part in (mine, theirs))
    return a / b if b != 0.0 else float("nan")


def batting_average(returns: Floats, benchmark: Floats) -> float:
    """Return the share of bars on which the series did better than the benchmark; NaN without common bars."""
    difference = returns - benchmark
    seen = difference[~np.isnan(difference)]
    return float(np.mean(seen > 0.0)) if seen.size else float("nan")


def _on(returns: Floats, benchmark: Floats, side: Side) -> tuple[Floats, Floats]:
    wanted: Bools = benchmark > 0.0 if side == "up" else benchmark < 0.0
    rows = wanted & ~np.isnan(returns)
    return returns[rows], benchmark[rows]


def _total(part: Floats, method: Capture, periods_per_year: float) -> float:
    if method == "arithmetic":
        return float(part.sum())
    growth = float(np.prod(1.0 + part))
    if method == "cumulative":
        return growth - 1.0
    return growth ** (periods_per_year / part.size) - 1.0 if growth > 0.0 else -1.0
