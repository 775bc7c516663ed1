"""Each trade as a dot: how long, how much, how bad on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.colours import GAIN, LOSS
from backtest.report.content.trips import Trips, trips
from backtest.report.figures.canvas import (
    PAPER,
    RIGHT,
    SOFT,
    TITLE_ROOM,
    legend,
    new_axes,
    new_figure,
    set_across,
    set_height,
    write,
)
from backtest.report.figures.empty import say_nothing
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, fit
from backtest.report.words import count, plural
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT, FOOT = 4.4, 0.52
MIDDLE = 0.53  # of the width, where the right panel begins


def trades(run: RunNumbers) -> Figure:
    """Draw return against days held, and against the worst loss on the way; open trades are hollow."""
    found = trips(run)
    if found is None:
        return say_nothing(run, "Trades", "No position was ever opened, or the run left no list of its trades.")
    figure = new_figure(run, f"Trades: {count(found.total)}", HEIGHT)
    tall = HEIGHT - TITLE_ROOM - FOOT - 0.28
    scale = fit(found.returns, zero=True)
    left = new_axes(figure, FOOT, tall, right=MIDDLE - 0.02)
    along = fit(found.days, zero=True)
    _scatter(left, found, found.days, along, [count(tick) for tick in along.ticks], scale, "Days held")
    right = new_axes(figure, FOOT, tall, left=MIDDLE + 0.055, right=RIGHT)
    along = fit(np.append(found.worst, -0.01), zero=True)
    _scatter(right, found, found.worst, along, along.percents(), scale, "Worst loss on the way")
    legend(left, [("Won", GAIN), ("Lost", LOSS)])
    hollow = int(np.count_nonzero(found.is_open))
    said = f"Return of each trade after costs{f'; hollow: {hollow} still open' if hollow else ''}"
    more = f"; the {plural(len(found.symbols), 'trade')} that mattered most" if found.total > len(found.symbols) else ""
    write(right, 1.0, 1.035, said + more, size=7.5, color=SOFT, ha="right", transform=right.transAxes)
    return figure


def _scatter(axes: Axes, found: Trips, x: Floats, along: Scale, labels: list[str], scale: Scale, name: str) -> None:
    share = np.sqrt(found.size / max(float(found.size.max()), 1e-300))
    for won, colour in ((True, GAIN), (False, LOSS)):
        for is_open, face in ((False, colour), (True, PAPER)):
            rows = ((found.returns > 0.0) == won) & (found.is_open == is_open)
            axes.scatter(x[rows], found.returns[rows], s=8.0 + 40.0 * share[rows], facecolor=face, edgecolor=colour,
                         linewidth=0.8, alpha=0.75, clip_on=False, zorder=3)  # fmt: skip
    axes.axhline(0.0, color=SOFT, linewidth=0.7)
    set_across(axes, along, labels)
    set_height(axes, scale, scale.percents())
    write(axes, 0.5, -0.115, name, size=8, color=SOFT, ha="center", va="top", transform=axes.transAxes)
