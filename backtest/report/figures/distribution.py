"""The returns of bars as a histogram, with the value at risk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.colours import LOSS, STRATEGY
from backtest.report.content.distribution import Distribution
from backtest.report.content.distribution import distribution as spread
from backtest.report.figures.canvas import (
    INK,
    PAPER,
    SOFT,
    TITLE_ROOM,
    across,
    legend,
    new_axes,
    new_figure,
    set_height,
    write,
)
from backtest.report.figures.empty import say_nothing
from backtest.report.numbers import RunNumbers
from backtest.report.scales import fit
from backtest.report.words import count, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 4.2
BACKED = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
"""Behind a text that a line may run through."""


def distribution(run: RunNumbers) -> Figure:
    """Draw the counts, those beyond the 95 % value at risk in another colour, and a normal distribution's as a line."""
    found = spread(run)
    if found is None:
        return say_nothing(run, "Returns of bars", "There are too few returns to show how they are spread.")
    figure = new_figure(run, "Returns of bars", HEIGHT)
    axes = new_axes(figure, 0.32, HEIGHT - TITLE_ROOM - 0.32 - 0.28)
    middle, width = (found.edges[1:] + found.edges[:-1]) / 2.0, float(found.edges[1] - found.edges[0])
    in_tail = middle <= found.value_at_risk
    for part, colour in ((~in_tail, STRATEGY), (in_tail, LOSS)):
        axes.bar(middle[part], found.counts[part], width * 0.9, color=colour)
    axes.plot(middle, found.normal, color=INK, linewidth=1.0)
    scale = fit(np.concatenate((found.counts, found.normal)), zero=True)
    set_height(axes, scale, [count(tick) for tick in scale.ticks])
    _along(axes, found)
    _rules(axes, found, scale.high)
    legend(axes, [("Bars", STRATEGY), ("Worst 5%", LOSS), ("Normal with the same mean and deviation", INK)])
    return figure


def _along(axes: Axes, found: Distribution) -> None:
    low, high = float(found.edges[0]), float(found.edges[-1])
    scale = fit(found.edges, count=8)
    ticks = [(tick, text) for tick, text in zip(scale.ticks, scale.percents(), strict=True) if low <= tick <= high]
    axes.set_xlim(low, high)
    across(axes, ticks)


def _rules(axes: Axes, found: Distribution, top: float) -> None:
    named = (("Value at risk, 95 %", found.value_at_risk, 0.97), ("Expected shortfall", found.shortfall, 0.87))
    for name, value, height in named:
        if value == value and value > found.edges[0]:
            axes.axvline(value, color=LOSS, linewidth=0.9, dashes=(4, 3))
            text = f"{name} {percent(value, 2)} "
            write(axes, value, top * height, text, size=8, color=INK, ha="right", va="top", bbox=BACKED)
    if found.below or found.above:
        text = f"Outermost bars include what lies beyond: {found.below} below, {found.above} above"
        write(axes, 1.0, 1.035, text, size=7.5, color=SOFT, ha="right", transform=axes.transAxes)
