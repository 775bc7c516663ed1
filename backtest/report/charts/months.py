"""The returns of calendar months as a tinted table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest import stats
from backtest.report.numbers import RunNumbers
from backtest.report.tables.grid import Cell, Grid, tinted
from backtest.report.words import percent, plural, ratio
from backtest.types import Floats

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOTE = "Returns in percent; the tint is full for the largest 5% of months. Bars that end at midnight UTC belong to the "
NOTE += "day before."


def months(run: RunNumbers) -> Grid:
    """Return a row a year; the tint is full at the 95th percentile of the sizes, so one crash hides nothing."""
    table = stats.calendar_returns(run.path, run.times)
    full = full_tint(table.monthly)
    rows = [
        (str(year), "", [*(_cell(value, full) for value in monthly), replace(_cell(yearly, abs(yearly)), kind="year")])
        for year, monthly, yearly in zip(table.years, table.monthly.tolist(), table.yearly.tolist(), strict=True)
    ]
    columns = [(name, "") for name in (*MONTHS, "Year")]
    return Grid("months", "Month by month", NOTE, "Year", columns, rows, description=_words(table))


def full_tint(monthly: Floats) -> float:
    """Return the size of return that gets the full tint."""
    sizes = np.abs(monthly[~np.isnan(monthly)])
    return float(np.quantile(sizes, 0.95)) if sizes.size and sizes.max() > 0.0 else 1.0


def _cell(value: float, full: float) -> Cell:
    return tinted("" if value != value else ratio(value * 100.0, 1), value, full)


def _words(table: stats.CalendarReturns) -> str:
    seen = table.monthly[~np.isnan(table.monthly)]
    extremes = _extremes(table) if seen.size else "no months"
    up = int(np.count_nonzero(seen > 0.0))
    return f"Table of monthly returns, tinted by size. {up} of {plural(seen.size, 'month')} gained; {extremes}."


def _extremes(table: stats.CalendarReturns) -> str:
    named = []
    for word, place in (("best", np.nanargmax(table.monthly)), ("worst", np.nanargmin(table.monthly))):
        row, month = divmod(int(place), 12)
        value = percent(float(table.monthly[row, month]), sign=True)
        named.append(f"{word} {MONTHS[month]} {table.years[row]} {value}")
    return ", ".join(named)
