"""How far weights strayed between rebalances, and what each rebalance was made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.colours import LOSS, OTHER, PALETTE, STRATEGY
from backtest.report.content.drift import OTHER_CAUSES, Drift
from backtest.report.content.drift import drift as measure
from backtest.report.figures.canvas import (
    LEGEND_LINE,
    TITLE_ROOM,
    broken,
    legend,
    new_axes,
    new_figure,
    set_height,
    set_time,
    write,
)
from backtest.report.figures.empty import say_nothing
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.thin import keep_extremes
from backtest.report.words import count, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL, FOOT = 2.5, 0.3  # inches
ROW = 0.16  # inches a row of marks
MOST_POINTS = 1_800


def drift(run: RunNumbers) -> Figure:
    """Draw the drift above, with the bands that trigger; below it one row of marks a cause of rebalancing."""
    found = measure(run)
    if not found.rebalances.size or not run.symbols:
        return say_nothing(run, "Drift and rebalances", "Nothing was ever decided, so there is nothing to drift from.")
    if not np.isfinite(found.drift).any():
        return say_nothing(run, "Drift and rebalances", "No decision was ever carried out, so nothing drifted from it.")
    rows = ROW * len(found.kinds)
    entries = [
        (f"{kind[:60]} ({count(found.causes.count(kind))})", _colour(kind, k)) for k, kind in enumerate(found.kinds)
    ]
    below = FOOT + rows + LEGEND_LINE * len(broken(entries)) + 0.22
    figure = new_figure(run, "Drift and rebalances", below + PANEL + LEGEND_LINE + TITLE_ROOM + 0.05)
    axis = TimeAxis.of(run.times)
    _draw(new_axes(figure, below, PANEL), axis, found)
    lower = new_axes(figure, FOOT, rows)
    _mark(lower, axis, found)
    legend(lower, entries)
    return figure


def _draw(axes: Axes, axis: TimeAxis, found: Drift) -> None:
    kept = keep_extremes([found.drift], MOST_POINTS)
    axes.fill_between(axis.share(found.times[kept]), found.drift[kept], 0.0, color=STRATEGY, alpha=0.55, linewidth=0.0)
    scale = fit(np.concatenate((found.drift, found.bands)), zero=True)
    set_time(axes, axis, labels=False)
    set_height(axes, scale, scale.percents())
    for band in found.bands:
        axes.axhline(band, color=LOSS, linewidth=0.9, dashes=(4, 3))
        write(axes, 0.995, band, f"band {percent(band)}", size=8, color=LOSS, ha="right", va="bottom")
    legend(axes, [("Largest distance of a weight from its attained one", STRATEGY)])


def _mark(axes: Axes, axis: TimeAxis, found: Drift) -> None:
    axes.set_ylim(len(found.kinds) - 0.5, -0.5)
    set_time(axes, axis)
    x, causes = axis.share(found.rebalances), np.array(found.causes)
    for row, kind in enumerate(found.kinds):
        axes.vlines(x[causes == kind], row - 0.32, row + 0.32, color=_colour(kind, row), linewidth=1.1)


def _colour(kind: str, place: int) -> str:
    return OTHER if kind == OTHER_CAUSES else PALETTE[place]
