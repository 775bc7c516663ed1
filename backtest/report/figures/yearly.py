"""The returns of calendar years as bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.colours import BENCHMARK, STRATEGY
from backtest.report.content.years import years
from backtest.report.figures.canvas import (
    SOFT,
    TITLE_ROOM,
    across,
    legend,
    new_axes,
    new_figure,
    set_height,
    write,
)
from backtest.report.numbers import RunNumbers
from backtest.report.scales import fit
from backtest.report.words import ratio
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 4.2
MOST_LABELS = 16
"""Bars of more years have no room for their numbers."""


def yearly(run: RunNumbers) -> Figure:
    """Draw a bar a year from zero, the benchmark's beside it."""
    figure, found = new_figure(run, "Calendar years", HEIGHT), years(run)
    axes = new_axes(figure, 0.32, HEIGHT - TITLE_ROOM - 0.32 - 0.28)
    sides = [("Strategy", found.own, STRATEGY)]
    if found.benchmark is not None:
        sides.append(("Benchmark", found.benchmark, BENCHMARK))
    scale = fit(np.concatenate([values for _, values, _ in sides]), zero=True)
    width = 0.78 / len(sides)
    places = np.arange(found.years.size)
    set_height(axes, scale, scale.percents())
    for k, (_, values, colour) in enumerate(sides):
        x = places + (k - (len(sides) - 1) / 2.0) * width
        axes.bar(x, np.nan_to_num(values), width * 0.92, color=colour)
        if found.years.size * len(sides) <= MOST_LABELS * 2:
            _label(axes, np.asarray(x), values, (scale.high - scale.low) * 0.012, 8 if len(sides) == 1 else 7)
    axes.axhline(0.0, color=SOFT, linewidth=0.7)
    axes.set_xlim(-0.6, found.years.size - 0.4)
    step = max(1, -(-found.years.size // 20))
    across(axes, [(float(place), str(year)) for place, year in zip(places[::step], found.years[::step], strict=True)])
    legend(axes, [(name, colour) for name, _, colour in sides])
    return figure


def _label(axes: Axes, x: Floats, values: Floats, room: float, size: float) -> None:
    for place, value in zip(x.tolist(), values.tolist(), strict=True):
        if value == value:
            up = value >= 0.0
            write(
                axes,
                place,
                value + (room if up else -room),
                ratio(value * 100.0, 1),
                size=size,
                color=SOFT,
                ha="center",
                va="bottom" if up else "top",
            )
