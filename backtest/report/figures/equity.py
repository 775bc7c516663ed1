"""Equity against the benchmark, with the drawdown below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.charts.growth import drawdown_scale, drawn_rows, equity_title, paid_in_name
from backtest.report.colours import BENCHMARK, OTHER, STRATEGY
from backtest.report.figures.canvas import SOFT, TITLE_ROOM, legend, new_axes, new_figure, set_height, set_time
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.words import compact

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 5.4


def equity(run: RunNumbers) -> Figure:
    """Draw both on one time axis; the dashed line is the initial capital, or where money moved, what was paid in."""
    figure = new_figure(run, equity_title(run), HEIGHT)
    axis, rows = TimeAxis.of(run.times), drawn_rows(run)
    x = axis.share(run.times[rows])
    _grow(figure, run, axis, x, rows)
    _fall(figure, run, axis, x, rows)
    return figure


def _grow(figure: Figure, run: RunNumbers, axis: TimeAxis, x: np.ndarray, rows: np.ndarray) -> None:
    axes = new_axes(figure, 1.95, HEIGHT - TITLE_ROOM - 1.95 - 0.12)
    lines = [("Strategy", run.equity, STRATEGY, 1.3)]
    if run.benchmark is not None:
        lines.append(("Benchmark", run.benchmark, BENCHMARK, 1.0))
    if run.has_flows:
        lines.append((paid_in_name(run), run.paid_in, OTHER, 1.0))
    scale = fit(np.concatenate([[run.capital], *(values for _, values, _, _ in lines)]))
    for _, values, colour, width in reversed(lines):
        axes.plot(x, values[rows], color=colour, linewidth=width, solid_joinstyle="round", marker=_dot(rows))
    if not run.has_flows:
        axes.axhline(run.capital, color=SOFT, linewidth=0.7, dashes=(4, 4))
    set_time(axes, axis, labels=False)
    set_height(axes, scale, [compact(tick) for tick in scale.ticks])
    legend(axes, [(name, colour) for name, _, colour, _ in lines])


def _fall(figure: Figure, run: RunNumbers, axis: TimeAxis, x: np.ndarray, rows: np.ndarray) -> None:
    axes = new_axes(figure, 0.32, 1.38)
    curves = [run.drawdown, *([] if run.benchmark_drawdown is None else [run.benchmark_drawdown])]
    scale = drawdown_scale(curves, count=3)
    axes.fill_between(x, run.drawdown[rows], 0.0, color=STRATEGY, alpha=0.2, linewidth=0.0)
    for values in curves[1:]:
        axes.plot(x, values[rows], color=BENCHMARK, linewidth=0.8)
    axes.plot(x, run.drawdown[rows], color=STRATEGY, linewidth=0.9, marker=_dot(rows))
    set_time(axes, axis)
    set_height(axes, scale, scale.percents())


def _dot(rows: np.ndarray) -> str:
    """A single bar makes no line: show a point."""
    return "o" if rows.size == 1 else ""
