"""From the return before costs to what was left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest.report.charts.waterfall import stretches
from backtest.report.colours import BENCHMARK, GAIN, LOSS, STRATEGY
from backtest.report.content.bridge import bridge as steps
from backtest.report.figures.canvas import SOFT, TITLE_ROOM, new_axes, new_figure, write
from backtest.report.figures.contributions import label, waterfall
from backtest.report.figures.empty import say_nothing
from backtest.report.numbers import RunNumbers
from backtest.report.words import money, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW = 0.36  # inches


def bridge(run: RunNumbers) -> Figure:
    """Draw one bar a step; beside it the return, below that the money."""
    found = steps(run)
    if found is None:
        return say_nothing(run, "From gross to net", "The run left no way from gross to net.")
    count = len(found.names)
    title = "From gross to net, return a year" if found.annual else "From gross to net, return of the whole record"
    figure = new_figure(run, title, TITLE_ROOM + 0.25 + ROW * count)
    axes = new_axes(figure, 0.15, ROW * count, left=0.16, right=0.90)
    between = [GAIN if value > 0.0 else LOSS for value in found.values[1:-1].tolist()]
    colours = [STRATEGY, *between, STRATEGY] if count > 1 else [BENCHMARK]
    waterfall(axes, stretches(found.values), colours)
    sides = axes.get_yaxis_transform()
    for row, (name, value, profit) in enumerate(zip(found.names, found.values, found.profit, strict=True)):
        ends = row in (0, count - 1)
        label(axes, row - 0.16, name, percent(value, 2, sign=True), strong=ends)
        write(axes, 1.11, row + 0.24, money(profit, sign=True), size=7, color=SOFT, ha="right", va="center",
              transform=sides)  # fmt: skip
    return figure
