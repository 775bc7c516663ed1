"""How far below its peak the account was, and its deepest falls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.charts.growth import drawdown_scale, drawn_rows
from backtest.report.colours import BENCHMARK, LOSS, STRATEGY
from backtest.report.content.falls import Fall, falls
from backtest.report.figures.canvas import (
    INK,
    TITLE_ROOM,
    legend,
    new_axes,
    new_figure,
    set_height,
    set_time,
    write,
)
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis
from backtest.report.words import percent, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 4.4
TINTED = 5
NAMED_FROM = 0.25
"""Falls that are shallower than this share of the deepest have no room for words."""


def underwater(run: RunNumbers) -> Figure:
    """Draw the drawdown of both, the deepest falls of the account tinted from peak to recovery."""
    figure = new_figure(run, "Drawdown", HEIGHT)
    axis, rows = TimeAxis.of(run.times), drawn_rows(run)
    x = axis.share(run.times[rows])
    axes = new_axes(figure, 0.32, HEIGHT - TITLE_ROOM - 0.32 - 0.28)
    curves, entries = [run.drawdown], [("Strategy", STRATEGY)]
    if run.benchmark_drawdown is not None:
        curves.append(run.benchmark_drawdown)
        entries.append(("Benchmark", BENCHMARK))
    scale = drawdown_scale(curves)
    deepest = falls(run, TINTED).deepest
    for fall in deepest:
        _tint(axes, axis, fall, int(run.times[-1]))
    axes.fill_between(x, run.drawdown[rows], 0.0, color=STRATEGY, alpha=0.2, linewidth=0.0)
    for values in curves[1:]:
        axes.plot(x, values[rows], color=BENCHMARK, linewidth=0.8)
    axes.plot(x, run.drawdown[rows], color=STRATEGY, linewidth=1.0)
    set_time(axes, axis)
    set_height(axes, scale, scale.percents())
    for fall in deepest[:3]:
        if fall.depth < deepest[0].depth * NAMED_FROM:
            _name(axes, axis, fall)
    tinted = [(f"The {len(deepest)} deepest falls, from peak to recovery", _TINT)] if len(deepest) > 1 else []
    legend(axes, [*entries, *tinted])
    return figure


_TINT = "#f6e3da"


def _tint(axes: Axes, axis: TimeAxis, fall: Fall, end: int) -> None:
    begin, back = axis.share(np.array([fall.peak, end if fall.recovery is None else fall.recovery]))
    axes.axvspan(begin, back, color=_TINT, linewidth=0.0, zorder=0)


def _name(axes: Axes, axis: TimeAxis, fall: Fall) -> None:
    """Write depth and length below the valley, on the side where there is room."""
    (place,) = axis.share(np.array([fall.valley]))
    side, shift = ("right", -0.008) if place > 0.5 else ("left", 0.008)
    under = span(fall.under) + (" so far" if fall.recovery is None else "")
    text = f"{percent(fall.depth)}, {under}"
    axes.plot([place], [fall.depth], marker="o", markersize=3.5, color=LOSS)
    write(axes, place + shift, fall.depth, text, size=8, color=INK, ha=side, va="center")
