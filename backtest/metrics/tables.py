"""Tables of a return series: its drawdowns, months and years."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from backtest.errors import InputError, unknown
from backtest.metrics.series import Returns, Times, benchmark_of, labels_of, track_of
from backtest.metrics.track import Track
from backtest.stats import CalendarReturns, Drawdown

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Start = Literal["peak", "first_loss"]


def underwater(returns: Returns, *, times: Times = None) -> pd.Series:
    """Return the drawdown at each bar's end, v / max v so far − 1, numbers ≤ 0, the start counting as a peak.

    Unit: fraction. Labelled like the returns; a NaN return changes nothing.
    """
    track = track_of(returns, times=times)
    return pd.Series(track.below[1:], index=labels_of(returns, times), name="underwater")


def drawdown_table(
    returns: Returns, *, largest: int | None = None, start: Start = "peak", times: Times = None
) -> pd.DataFrame:
    """List the drawdowns, the deepest first; open ones have no recovery.

    Columns: depth (≤ 0), start, valley, recovery (labels of bars; None before the first bar and while open), bars,
    bars_to_valley, bars_to_recovery (None while open), days (start to recovery or the end, NaN without times), open.
    `start`: the peak, the last bar at the old height, or the first losing bar after it, as PerformanceAnalytics has it.
    Lengths are counted from there. `largest` keeps that many.
    """
    if start not in ("peak", "first_loss"):
        raise InputError(f"drawdown_table: {unknown('start', start, ('peak', 'first_loss'))}")
    track = track_of(returns, times=times)
    labels, later = labels_of(returns, times), int(start == "first_loss")
    falls = sorted(track.falls, key=lambda fall: fall.depth)[:largest]
    columns = ("depth", "start", "valley", "recovery", "bars", "bars_to_valley", "bars_to_recovery", "days", "open")
    return pd.DataFrame([_row(track, labels, fall, fall.peak + later) for fall in falls], columns=list(columns))


def monthly_table(returns: Returns, *, times: Times = None) -> pd.DataFrame:
    """Return one row a calendar year: the compound return of each month, NaN without any, and of the whole year.

    Unit: fraction. Months are those of the stamps as given, in their own time zone; unfinished ones as far as they go.
    """
    table = _calendar(returns, times)
    frame = pd.DataFrame(table.monthly, index=pd.Index(table.years, name="year"), columns=list(MONTHS))
    return frame.assign(Year=table.yearly)


def yearly_table(returns: Returns, benchmark: Returns | None = None, *, times: Times = None) -> pd.DataFrame:
    """Return the compound return of each calendar year, beside the benchmark's and the difference when one is given."""
    table = _calendar(returns, times)
    frame = pd.DataFrame({"return": table.yearly}, index=pd.Index(table.years, name="year"))
    if benchmark is None:
        return frame
    other = benchmark_of(track_of(returns, times=times), returns, benchmark, times).calendar
    assert other is not None
    return frame.assign(benchmark=other.yearly, difference=table.yearly - other.yearly)


def _calendar(returns: Returns, times: Times) -> CalendarReturns:
    table = track_of(returns, times=times).calendar
    if table is None:
        raise InputError("times: months and years need the times of the returns; give a Series with dates, or `times`")
    return table


def _row(track: Track, labels: pd.Index, fall: Drawdown, start: int) -> tuple[object, ...]:
    end = track.returns.size if fall.recovery is None else fall.recovery
    return (
        fall.depth,
        _label(labels, start),
        _label(labels, fall.valley),
        _label(labels, fall.recovery),
        end - start,
        fall.valley - start,
        None if fall.recovery is None else fall.recovery - fall.valley,
        track.days_between(start, end),
        fall.recovery is None,
    )


def _label(labels: pd.Index, place: int | None) -> object:
    """Name a place of the path by its bar; the start, place 0, has none."""
    return None if not place else labels[place - 1]
