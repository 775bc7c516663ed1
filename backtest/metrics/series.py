"""Return series as people have them, checked and given a clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backtest import stats
from backtest.errors import InputError
from backtest.metrics.match import clock_of, matched, numbers
from backtest.metrics.track import Track, is_intraday, span_years
from backtest.stats import Periods
from backtest.types import Floats, Ints

Returns = ArrayLike | pd.Series
Times = Ints | pd.DatetimeIndex | None


def track_of(
    returns: Returns, risk_free: float = 0.0, periods_per_year: float | None = None, times: Times = None
) -> Track:
    """Give simple returns, one a bar, a clock; NaN is no observation. One error says what cannot be used.

    A Series brings its times along (naive ones are read as UTC, periods as their last day); for an array, `times` are
    the ends of its bars, as UTC nanoseconds or a DatetimeIndex. As the first return was earned *before* the first
    stamp, the record is taken to begin one average gap earlier; where NaN stand in front, as `pct_change` leaves one,
    at the stamp of the last of them. Without times, years are counted as bars / `periods_per_year`; without either,
    whatever is annual is undefined. `periods_per_year` overrides what is counted from the times; `risk_free` is a rate
    per year.
    """
    values, index = values_of("returns", returns), index_of(returns, times)
    _check(values, index, risk_free, periods_per_year)
    stamps = None if index is None else index.as_unit("ns").asi8
    periods = _periods(stamps, periods_per_year)
    years = _years(values, stamps, periods)
    path = stats.path_from_returns(values)
    return Track(values, path, stamps, years, periods, risk_free, _stamps(index), _wall(index))


def _years(values: Floats, stamps: Ints | None, periods: Periods) -> float:
    """Return the length of a record that begins with its first observation."""
    empty = int(np.argmin(np.isnan(values)))  # rows in front without a return
    if stamps is None:
        return (values.size - empty) / periods.per_year if periods.per_year > 0.0 else math.nan
    if empty:
        return span_years(stamps[empty - 1 :])
    return span_years(stamps) * values.size / max(values.size - 1, 1)


def benchmark_of(track: Track, returns: Returns, benchmark: Returns, times: Times = None) -> Track:
    """Put a benchmark on the bars of `track`, the track of `returns`: a Series is matched by time, gaps become NaN."""
    other = matched("benchmark", benchmark, track.returns.size, index_of(returns, times))
    return replace(track, returns=other, path=stats.path_from_returns(other))


def values_of(name: str, given: Returns) -> Floats:
    """Return a series of one dimension as floats."""
    values = numbers(name, given)
    if values.ndim != 1 or values.size == 0:
        raise InputError(f"{name}: expected a non-empty series of one dimension; received shape {values.shape}")
    return values


def index_of(returns: Returns | pd.DataFrame, times: Times) -> pd.DatetimeIndex | None:
    """Return the times that were given, or else those that the returns bring along."""
    if times is None:
        return clock_of(returns)
    if isinstance(times, pd.DatetimeIndex):
        return times
    try:
        return pd.DatetimeIndex(np.asarray(times, "datetime64[ns]"))
    except (ValueError, TypeError) as error:
        raise InputError(f"times: expected UTC nanoseconds or dates, one a return; {error}") from None


def labels_of(returns: Returns, times: Times) -> pd.Index:
    """Return what names the bars in a table: their times, the labels they came with, or their numbers."""
    index = index_of(returns, times)
    if index is not None:
        return index
    return returns.index if isinstance(returns, pd.Series) else pd.RangeIndex(np.size(returns))


def _periods(times: Ints | None, given: float | None) -> Periods:
    if given is not None:
        return Periods(float(given), "given")
    if times is None:
        return Periods(math.nan, "neither times nor periods_per_year given")
    return stats.periods_per_year(times)


def _stamps(index: pd.DatetimeIndex | None) -> Callable[[int], str]:
    """Name the bars as their owner stamped them: a date of midnight is that date, in the zone of the index."""
    if index is None:
        return str
    form = "%Y-%m-%d %H:%M" if is_intraday(index.as_unit("ns").asi8) else "%Y-%m-%d"
    return lambda row: str(index[row].strftime(form))


def _wall(index: pd.DatetimeIndex | None) -> Ints | None:
    """Return the owner's own times; moved on by a nanosecond where midnight means the day that it names."""
    if index is None:
        return None
    own: Ints = index.tz_localize(None).as_unit("ns").asi8
    return own if is_intraday(own) else own + 1


def _check(values: Floats, index: pd.DatetimeIndex | None, risk_free: float, periods_per_year: float | None) -> None:
    if np.isinf(values).any():
        raise InputError(f"returns: row {int(np.isinf(values).argmax())} is infinite; expected finite numbers or NaN")
    if index is not None and len(index) != values.size:
        raise InputError(f"times: expected one a return, {values.size}; received {len(index)}")
    if index is not None and not index.is_monotonic_increasing:
        raise InputError("times: expected ascending stamps; sort the returns by time first")
    if index is not None and not index.is_unique:
        raise InputError(f"times: expected each stamp once; {index[index.duplicated()][0]} comes more than once")
    for name, given in (("risk_free", risk_free), ("periods_per_year", periods_per_year)):
        if not isinstance(given, int | float | np.number | None):
            raise InputError(f"{name}: expected one number; received {type(given).__name__} {given!r:.60}")
    if not risk_free > -1.0:
        raise InputError(f"risk_free: expected a rate per year above -1 (0.02 is 2 %); received {risk_free}")
    if periods_per_year is not None and not periods_per_year > 0.0:
        raise InputError(f"periods_per_year: expected a number above 0; received {periods_per_year}")
