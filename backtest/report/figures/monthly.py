"""The table of monthly returns, tinted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest import stats
from backtest.report.charts.parts import MONTHS, full_tint
from backtest.report.colours import GAIN, LOSS
from backtest.report.figures.canvas import INK, PAPER, TITLE_ROOM, across, beside, new_axes, new_figure, write
from backtest.report.numbers import RunNumbers
from backtest.report.words import ratio
from backtest.types import Floats

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
    _tint(axes, table.monthly)
    for row, column in np.argwhere(~np.isnan(table.monthly)):
        _cell(axes, int(column), int(row), float(table.monthly[row, column]))
    for row in np.flatnonzero(~np.isnan(table.yearly)):
        value = float(table.yearly[row])
        _cell(axes, 12.3, int(row), value, color=GAIN if value > 0 else LOSS if value < 0 else INK, weight="bold")
    return figure


def _tint(axes: Axes, monthly_returns: Floats) -> None:
    from matplotlib.colors import to_rgb

    share = np.clip(np.nan_to_num(monthly_returns / full_tint(monthly_returns)), -1.0, 1.0)[..., None] * STRENGTH
    paper = np.array(to_rgb(PAPER))
    ink = np.where(share > 0, np.array(to_rgb(GAIN)), np.array(to_rgb(LOSS)))
    # A mesh, not an image: resampling an image of ten by twelve pixels takes a tenth of a second.
    columns, rows = np.arange(13) - 0.5, np.arange(share.shape[0] + 1) - 0.5
    axes.pcolormesh(columns, rows, paper + (ink - paper) * np.abs(share), edgecolors=PAPER, linewidth=1.2)


def _cell(axes: Axes, x: float, y: float, value: float, **more: str) -> None:
    write(axes, x, y, ratio(value * 100.0, 1), size=8, ha="center", va="center", **more)
