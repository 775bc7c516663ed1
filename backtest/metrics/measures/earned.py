"""What a series earned."""

from __future__ import annotations

import math

import numpy as np

from backtest import stats
from backtest.metrics.measure import solo
from backtest.metrics.track import Track
from backtest.types import Floats


@solo("Total return", "fraction", "Π(1 + r) − 1", "last value over initial, less one", "definition")
def total_return(track: Track) -> float:
    """Return what the whole record compounds to."""
    return stats.total_return(track.path)


@solo(
    "Annual return",
    "fraction",
    "Π(1 + r)^(1 / years) − 1",
    "compound, actual days / 365.25",
    "Bacon (2008); ffn counts the same year, empyrical counts n / 252",
)
def annual_return(track: Track) -> float:
    """Return the compound return per year."""
    return track.annual


@solo(
    "Stability",
    "ratio",
    "R² of ln Π(1 + r) on the bar number",
    "R² of a straight line through the logarithm of the path; 1: steady growth, or steady loss",
    "empyrical, stability_of_timeseries",
)
def stability(track: Track) -> float:
    """Return how straight the path is on a logarithmic scale."""
    return stats.stability(track.path)


@solo("Best bar", "fraction", "max r", "largest simple return of one bar", "definition")
def best_bar(track: Track) -> float:
    """Return the largest return of one bar."""
    return float(track.seen.max()) if track.seen.size else math.nan


@solo("Worst bar", "fraction", "min r", "smallest simple return of one bar", "definition")
def worst_bar(track: Track) -> float:
    """Return the smallest return of one bar."""
    return float(track.seen.min()) if track.seen.size else math.nan


@solo("Positive bars", "fraction", "#{r > 0} / n", "share of bars with a return above zero", "definition")
def positive_bars(track: Track) -> float:
    """Return the share of bars with a gain; a bar without change is none."""
    return _share(track.seen)


_MONTHS = "of calendar months, unfinished ones as far as they go"
_YEARS = "of calendar years, unfinished ones as far as they go"


@solo("Best month", "fraction", "max over months of Π(1 + r) − 1", f"largest return {_MONTHS}", "definition")
def best_month(track: Track) -> float:
    """Return the largest return of a calendar month; NaN without times."""
    return _extreme(_months(track), largest=True)


@solo("Worst month", "fraction", "min over months of Π(1 + r) − 1", f"smallest return {_MONTHS}", "definition")
def worst_month(track: Track) -> float:
    """Return the smallest return of a calendar month; NaN without times."""
    return _extreme(_months(track), largest=False)


@solo("Positive months", "fraction", "#{months > 0} / months", f"share above zero {_MONTHS}", "definition")
def positive_months(track: Track) -> float:
    """Return the share of calendar months with a gain; NaN without times."""
    return _share(_months(track))


@solo("Best year", "fraction", "max over years of Π(1 + r) − 1", f"largest return {_YEARS}", "definition")
def best_year(track: Track) -> float:
    """Return the largest return of a calendar year; NaN without times."""
    return _extreme(_years(track), largest=True)


@solo("Worst year", "fraction", "min over years of Π(1 + r) − 1", f"smallest return {_YEARS}", "definition")
def worst_year(track: Track) -> float:
    """Return the smallest return of a calendar year; NaN without times."""
    return _extreme(_years(track), largest=False)


def _months(track: Track) -> Floats:
    table = track.calendar
    return np.empty(0) if table is None else table.monthly[~np.isnan(table.monthly)]


def _years(track: Track) -> Floats:
    table = track.calendar
    return np.empty(0) if table is None else table.yearly[~np.isnan(table.yearly)]


def _extreme(values: Floats, largest: bool) -> float:
    if not values.size:
        return math.nan
    return float(values.max() if largest else values.min())


def _share(values: Floats) -> float:
    return float(np.mean(values > 0.0)) if values.size else math.nan
