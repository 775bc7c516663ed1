"""The table of monthly returns, tinted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest import stats
from backtest.report.charts.months import MONTHS, full_tint
from backtest.report.colours import GAIN, LOSS
from backtest.report.figures.canvas import INK, TITLE_ROOM, across, beside, new_axes, new_figure, write
from backtest.report.figures.mesh import mesh
from backtest.report.numbers import RunNumbers
from backtest.report.words import ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.3  # inches
STRENGTH = 0.68


def monthly(run: RunNumbers) -> Figure:
    """Draw one row a year, one cell a month, the year at the right; percent."""
    table = stats.calendar_returns(run.path, run.times)
    years = table.years.size
    figure = new_figure(run, "Monthly returns in percent", TITLE_ROOM + 0.5 + ROW * years)
    axes = new_axes(figure, 0.15, ROW * years)
    axes.set_xlim(-0.5, 12.9)
    axes.set_ylim(years - 0.5, -0.5)
    across(axes, [*enumerate(MONTHS), (12.3, "Year")], above=True)
    beside(axes, list(enumerate(map(str, table.years))))
    mesh(axes, np.clip(table.monthly / full_tint(table.monthly), -1.0, 1.0) * STRENGTH, GAIN, LOSS)
    for row, column in np.argwhere(~np.isnan(table.monthly)):
        _cell(axes, int(column), int(row), float(table.monthly[row, column]))
    for row in np.flatnonzero(~np.isnan(table.yearly)):
        value = float(table.yearly[row])
        _cell(axes, 12.3, int(row), value, color=GAIN if value > 0 else LOSS if value < 0 else INK, weight="bold")
    return figure


def _cell(axes: Axes, x: float, y: float, value: float, **more: str) -> None:
    write(axes, x, y, ratio(value * 100.0, 1), size=8, ha="center", va="center", **more)
