"""Turnover at each rebalance, and the cost so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.charts.trading import traded_rows
from backtest.report.colours import LOSS, STRATEGY
from backtest.report.figures.canvas import SOFT, TITLE_ROOM, new_axes, new_figure, set_height, set_time, write
from backtest.report.figures.empty import say_nothing
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.words import compact

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 4.4


def trading(run: RunNumbers) -> Figure:
    """Draw one-way turnover as bars above, money paid since the start as steps below."""
    if not run.turnover.any():
        return say_nothing(run, "Turnover and cost", "Nothing was ever traded.")
    figure = new_figure(run, "Turnover and cost", HEIGHT)
    axis, rows = TimeAxis.of(run.times), traded_rows(run)
    upper = new_axes(figure, 2.2, HEIGHT - TITLE_ROOM - 2.2 - 0.2)
    scale = fit(run.turnover, zero=True, count=3)
    upper.vlines(axis.share(run.times[rows]), 0.0, run.turnover[rows], color=STRATEGY, linewidth=1.0)
    set_time(upper, axis, labels=False)
    set_height(upper, scale, scale.percents())
    write(upper, 0.0, 1.04, "One-way turnover of the account", color=SOFT, transform=upper.transAxes)
    lower = new_axes(figure, 0.32, 1.5)
    kept = np.unique(np.concatenate(([0], rows, [run.times.size - 1])))
    paid = np.cumsum(run.cost)
    scale = fit(paid, zero=True, count=3)
    lower.step(axis.share(run.times[kept]), paid[kept], where="post", color=LOSS, linewidth=1.2)
    set_time(lower, axis)
    set_height(lower, scale, [compact(tick) for tick in scale.ticks])
    write(lower, 0.0, 1.05, "Cost so far", color=SOFT, transform=lower.transAxes)
    return figure
