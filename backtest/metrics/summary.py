"""The summary of any return series."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backtest import stats
from backtest.errors import InputError
from backtest.metrics.metric import Metric
from backtest.metrics.performance import performance, relative
from backtest.metrics.track import Track, is_intraday, span_years
from backtest.stats import Periods
from backtest.types import Floats, Ints

Returns = ArrayLike | pd.Series


def summary(
    returns: Returns,
    benchmark: Returns | None = None,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Ints | pd.DatetimeIndex | None = None,
) -> list[Metric]:
    """Summarise simple returns, one a bar; NaN is no observation.

    A Series brings its times along (naive ones are read as UTC); for an array, `times` are the ends of its bars, as UTC
    nanoseconds or a DatetimeIndex. As the first return was earned *before* the first stamp, the record is taken to
    begin one average gap earlier. Without times, years are counted as bars / `periods_per_year`; without either,
    whatever is annual is undefined. `periods_per_year` overrides what is counted from the times; `risk_free` is a rate
    per year.

    A benchmark (a Series is matched by time, bars it lacks become NaN) adds metrics at the end and changes none.
    """
    values, index = _values("returns", returns), _index(returns, times)
    _check(values, index, risk_free, periods_per_year)
    track = _track(values, index, risk_free, periods_per_year)
    found = performance(track)
    if benchmark is None:
        return found
    other = _matched(benchmark, values.size, index)
    return [*found, *relative(track, replace(track, returns=other, path=stats.path_from_returns(other)))]


def _track(values: Floats, index: pd.DatetimeIndex | None, risk_free: float, periods_per_year: float | None) -> Track:
    path = stats.path_from_returns(values)
    times = None if index is None else index.as_unit("ns").asi8
    periods = _periods(times, periods_per_year)
    if times is None:
        years = values.size / periods.per_year if periods.per_year > 0.0 else math.nan
    else:
        years = span_years(times) * values.size / max(values.size - 1, 1)
    return Track(values, path, times, years, periods, risk_free, _stamps(index))


def _periods(times: Ints | None, given: float | None) -> Periods:
    if given is not None:
        return Periods(float(given), "given")
    return (
        Periods(math.nan, "neither times nor periods_per_year given")
        if times is None
        else stats.periods_per_year(times)
    )


def _stamps(index: pd.DatetimeIndex | None) -> Callable[[int], str]:
    """Name the bars as their owner stamped them: a date of midnight is that date, in the zone of the index."""
    if index is None:
        return str
    form = "%Y-%m-%d %H:%M" if is_intraday(index.as_unit("ns").asi8) else "%Y-%m-%d"
    return lambda row: str(index[row].strftime(form))


def _values(name: str, given: Returns) -> Floats:
    values: Floats = np.asarray(given, dtype=np.float64)
    if values.ndim != 1 or values.size == 0:
        raise InputError(f"{name}: expected a non-empty series of one dimension; received shape {values.shape}")
    return values


def _index(returns: Returns, times: Ints | pd.DatetimeIndex | None) -> pd.DatetimeIndex | None:
    if times is not None:
        return times if isinstance(times, pd.DatetimeIndex) else pd.DatetimeIndex(np.asarray(times, "datetime64[ns]"))
    if isinstance(returns, pd.Series) and isinstance(returns.index, pd.DatetimeIndex):
        return returns.index
    return None


def _check(values: Floats, index: pd.DatetimeIndex | None, risk_free: float, periods_per_year: float | None) -> None:
    if np.isinf(values).any():
        raise InputError(f"returns: row {int(np.isinf(values).argmax())} is infinite; expected finite numbers or NaN")
    if index is not None and len(index) != values.size:
        raise InputError(f"times: expected one a return, {values.size}; received {len(index)}")
    if index is not None and not index.is_monotonic_increasing:
        raise InputError("times: expected ascending stamps; sort the returns by time first")
    if not risk_free > -1.0:
        raise InputError(f"risk_free: expected a rate per year above -1 (0.02 is 2 %); received {risk_free}")
    if periods_per_year is not None and not periods_per_year > 0.0:
        raise InputError(f"periods_per_year: expected a number above 0; received {periods_per_year}")


def _matched(benchmark: Returns, size: int, index: pd.DatetimeIndex | None) -> Floats:
    if index is not None and isinstance(benchmark, pd.Series) and isinstance(benchmark.index, pd.DatetimeIndex):
        moved = pd.Series(benchmark.to_numpy(np.float64), index=_utc(benchmark.index))
        benchmark = moved.reindex(_utc(index))
    values = _values("benchmark", benchmark)
    if values.size != size:
        raise InputError(f"benchmark: expected one return a bar, {size}; received {values.size}")
    return values


def _utc(index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return index.tz_localize("UTC") if index.tz is None else index.tz_convert("UTC")
