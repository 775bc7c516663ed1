"""How far below its past the path was. The start counts as a peak, so that a loss in the first bar is a drawdown."""

from __future__ import annotations

import numpy as np

from backtest import stats
from backtest.metrics.measure import solo
from backtest.metrics.track import Track
from backtest.stats import Drawdown


@solo(
    "Maximum drawdown",
    "fraction",
    "min (v / max v so far − 1)",
    "deepest fall below the highest value before, the initial capital included; at bar ends",
    "Steiner (2010), Ambiguity in Calculating and Interpreting Maximum Drawdown; start as peak as in empyrical",
)
def max_drawdown(track: Track) -> float:
    """Return the deepest drawdown, a number ≤ 0."""
    return track.fall.depth if track.fall else 0.0


@solo("… from the peak of", "date", "argmax before the valley", "last bar at the old height", "this package")
def max_drawdown_peak(track: Track) -> str | None:
    """Name the bar from which the deepest drawdown began; PerformanceAnalytics names the first losing one."""
    return track.day(track.fall.peak if track.fall else None)


@solo("… to the valley of", "date", "argmin of the drawdown", "lowest bar", "definition")
def max_drawdown_valley(track: Track) -> str | None:
    """Name the lowest bar of the deepest drawdown."""
    return track.day(track.fall.valley if track.fall else None)


@solo("… recovered on", "date", "first v ≥ the peak", "first bar back at the peak; none: open", "definition")
def max_drawdown_recovery(track: Track) -> str | None:
    """Name the bar that ended the deepest drawdown, None while it is open."""
    return track.day(track.fall.recovery if track.fall else None)


@solo(
    "Longest drawdown",
    "days",
    "max (recovery − peak)",
    "calendar days from peak to recovery or the end",
    "this package; open ones count up to the end",
)
def longest_drawdown(track: Track) -> float:
    """Return the length of the longest drawdown in days; NaN without times."""
    return max((_days(track, fall) for fall in track.falls), default=0.0)


@solo("Time below a peak", "fraction", "#{d < 0} / n", "share of bars below an earlier value", "definition")
def time_underwater(track: Track) -> float:
    """Return the share of bars that ended below an earlier value."""
    return float(np.mean(track.below[1:] < 0.0))


@solo("Current drawdown", "fraction", "last d", "last value over the highest before, less one", "definition")
def current_drawdown(track: Track) -> float:
    """Return how far below its highest value the path ends."""
    return float(track.below[-1])


@solo(
    "Average drawdown",
    "fraction",
    "Σ depth / falls",
    "mean depth of all drawdowns from peak to recovery, an open one included",
    "Bacon (2008); PerformanceAnalytics' AverageDrawdown",
)
def average_drawdown(track: Track) -> float:
    """Return the mean depth of the drawdowns; 0 without any."""
    depths = stats.fall_depths(track.path, track.below)
    return float(depths.mean()) if depths.size else 0.0


@solo(
    "Ulcer index",
    "fraction",
    "√(Σ d² / (n − ddof))",
    "root mean square of the drawdowns at all bar ends, over n less {ddof}",
    "Martin and McCann (1989); ddof=0 as in PerformanceAnalytics, ddof=1 as in quantstats",
)
def ulcer_index(track: Track, ddof: int = 0) -> float:
    """Return the Ulcer index."""
    return stats.ulcer_index(track.below, ddof)


@solo("Pain index", "fraction", "Σ |d| / n", "mean size of the drawdowns at all bar ends", "Becker (2006)")
def pain_index(track: Track) -> float:
    """Return the pain index."""
    return stats.pain_index(track.below)


@solo(
    "Conditional drawdown",
    "fraction",
    "mean of d ≤ q(1 − level) of d",
    "mean of the drawdowns at bar ends that are at or beyond their {level:.0%} quantile",
    "Chekhlov, Uryasev and Zabarankin (2005)",
)
def conditional_drawdown(track: Track, level: float = 0.95) -> float:
    """Return the conditional drawdown at risk, a number ≤ 0."""
    return stats.conditional_drawdown(track.below, level)


def _days(track: Track, fall: Drawdown) -> float:
    return track.days_between(fall.peak, track.returns.size if fall.recovery is None else fall.recovery)
