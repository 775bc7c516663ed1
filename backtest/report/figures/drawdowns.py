"""The deepest drawdowns as a table with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest.report.colours import LOSS
from backtest.report.content.falls import Fall, falls
from backtest.report.figures.canvas import GRID, INK, SOFT, TITLE_ROOM, new_axes, new_figure, write
from backtest.report.figures.empty import say_nothing
from backtest.report.numbers import RunNumbers
from backtest.report.words import day, percent, span

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.3  # inches
COLUMNS = (("Depth", 0.10, "right"), ("", 0.12, "left"), ("Peak", 0.36, "left"), ("Valley", 0.50, "left"),
           ("Recovery", 0.64, "left"), ("Falling", 0.86, "right"), ("Under water", 0.995, "right"))  # fmt: skip
BAR = (0.12, 0.33)  # where bars begin, and where the deepest ends


def drawdowns(run: RunNumbers) -> Figure:
    """Write one line a fall, the deepest first."""
    found = falls(run)
    if not found.deepest:
        return say_nothing(run, "Deepest drawdowns", "At no bar's end was the account worth less than before.")
    count = len(found.deepest)
    figure = new_figure(run, "Deepest drawdowns", TITLE_ROOM + 0.15 + ROW * (count + 1))
    axes = new_axes(figure, 0.12, ROW * (count + 1), left=0.02)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(count + 0.5, -0.5)
    for name, x, side in COLUMNS:
        write(axes, x, 0, name, size=8.5, color=SOFT, weight="bold", ha=side, va="center")
    deepest = found.deepest[0].depth
    for row, fall in enumerate(found.deepest, start=1):
        axes.axhline(row - 0.5, color=GRID, linewidth=0.7)
        _line(axes, run, row, fall, deepest)
    return figure


def _line(axes: Axes, run: RunNumbers, row: int, fall: Fall, deepest: float) -> None:
    begin, end = BAR
    axes.barh([row], [(end - begin) * fall.depth / deepest], height=0.5, left=begin, color=LOSS)
    back = "open" if fall.recovery is None else day(fall.recovery, run.intraday)
    texts = (percent(fall.depth, 2), "", day(fall.peak, run.intraday), day(fall.valley, run.intraday), back,
             span(fall.falling), span(fall.under))  # fmt: skip
    for (_, x, side), text in zip(COLUMNS, texts, strict=True):
        write(axes, x, row, text, size=9, color=INK, ha=side, va="center")
