"""Weights stacked over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.charts.weights import weights_scale, weights_title
from backtest.report.fifths import Fifths
from backtest.report.figures.canvas import (
    LEGEND_LINE,
    PAPER,
    SOFT,
    TITLE_ROOM,
    broken,
    legend,
    new_axes,
    new_figure,
    set_height,
    set_time,
    write,
)
from backtest.report.holdings import CASH, Stack, spread_words, stack_of
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis
from backtest.report.thin import keep_steps
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL = 3.6  # inches
MOST_POINTS = 700
CASH_COLOUR = "#e6eaee"


def weights(run: RunNumbers) -> Figure:
    """Draw the largest holdings by name and the rest as one; what is missing to 100 % is cash."""
    axis = TimeAxis.of(run.times)
    rows = keep_steps(run.weight_times, run.traded_times, MOST_POINTS)
    stack = stack_of([run])
    columns, entries = stack.weights(run, rows), entries_of(stack)
    spread = spread_words(run)
    foot = 0.52 if spread else 0.32
    height = TITLE_ROOM + LEGEND_LINE * len(broken(entries)) + PANEL + foot + 0.1
    figure = new_figure(run, weights_title(stack), height)
    axes = new_axes(figure, foot, PANEL)
    write(axes, 1.0, -0.115, spread, color=SOFT, ha="right", transform=axes.transAxes)
    draw_stack(axes, axis.share(run.weight_times[rows]), columns, [colour for _, colour in entries[:-1]])
    scale = weights_scale(columns)
    set_time(axes, axis)
    set_height(axes, scale, scale.percents())
    legend(axes, entries)
    return figure


def entries_of(stack: Stack | Fifths) -> list[tuple[str, str]]:
    """Return the labels of a stack with their colours, and cash as the last one."""
    return [*zip(stack.labels, stack.paints, strict=True), (CASH, CASH_COLOUR)]


def draw_stack(axes: Axes, x: Floats, columns: Floats, colours: list[str]) -> None:
    """Stack what is above zero upwards and what is below downwards, over cash; one bar is drawn as a full band."""
    from matplotlib.collections import PolyCollection  # imported late, as all of matplotlib is

    axes.axhspan(0.0, 1.0, color=CASH_COLOUR, linewidth=0.0, zorder=0)
    if x.size == 1:
        x, columns = np.array([0.0, 1.0]), np.repeat(columns, 2, axis=0)
    for part in (np.maximum(columns, 0.0), np.minimum(columns, 0.0)):
        edges = np.column_stack((np.zeros(x.size), np.cumsum(part, axis=1)))
        shown = np.flatnonzero(part.any(axis=0))
        bands = [_band(x, edges[:, i], edges[:, i + 1]) for i in shown]
        paints = [colours[i] for i in shown]
        axes.add_collection(PolyCollection(bands, facecolors=paints, edgecolors=PAPER, linewidths=0.3), autolim=False)


def _band(x: Floats, low: Floats, high: Floats) -> Floats:
    """Return the outline `(2X, 2)` of what lies between two lines, which `fill_between` is slow to find."""
    return np.column_stack((np.concatenate((x, x[::-1])), np.concatenate((low, high[::-1]))))
