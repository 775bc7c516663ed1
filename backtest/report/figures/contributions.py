"""Contributions by asset and by cost, each bar beginning where the one above it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.charts.contributions import largest_parts
from backtest.report.charts.waterfall import stretches
from backtest.report.colours import GAIN, LOSS, OTHER, PALETTE, STRATEGY, asset_colours
from backtest.report.figures.canvas import GRID, INK, SOFT, TITLE_ROOM, new_axes, new_figure, write
from backtest.report.numbers import RunNumbers
from backtest.report.words import percent
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROW = 0.24  # inches
QUIET = ("others", "cost", "earned")
"""Kinds of parts whose names stand back behind those of assets."""


def contributions(run: RunNumbers) -> Figure:
    """Draw one bar a part, in percent of what was paid in: assets before costs, costs, and what they add up to."""
    parts = largest_parts(run)
    values, kinds, names = parts["contribution"].to_numpy(np.float64), parts["kind"].tolist(), parts["name"].tolist()
    places = asset_colours([name for name, kind in zip(names, kinds, strict=True) if kind == "asset"], run.symbols)
    fixed = {"others": OTHER, "cost": LOSS, "earned": GAIN, "total": STRATEGY}
    colours = [fixed.get(kind) or PALETTE[places[name]] for name, kind in zip(names, kinds, strict=True)]
    figure = new_figure(run, f"Who earned it, in percent of {run.put_in}", TITLE_ROOM + 0.25 + ROW * len(parts))
    axes = new_axes(figure, 0.15, ROW * len(parts), left=0.16, right=0.90)
    waterfall(axes, stretches(values), colours)
    for row, (name, kind, value) in enumerate(zip(names, kinds, values, strict=True)):
        label(axes, row, str(name)[:18], percent(value, 2, sign=True), kind == "total", kind in QUIET)
    return figure


def waterfall(axes: Axes, ends: Floats, colours: list[str]) -> None:
    """Draw stretches `(B, 2)` from begin to end as bars in rows, linked where one ends and the next begins."""
    count = len(ends)
    low, high = min(float(ends.min()), 0.0), max(float(ends.max()), 0.0)
    axes.barh(np.arange(count), ends[:, 1] - ends[:, 0], height=0.68, left=ends[:, 0], color=colours)
    axes.vlines(ends[:-1, 1], np.arange(count - 1) + 0.34, np.arange(count - 1) + 0.66, color=SOFT, linewidth=0.6)
    axes.axvline(0.0, color=SOFT, linewidth=0.7)
    axes.axhline(count - 1.5, color=GRID, linewidth=0.8)
    axes.set_xlim(low, high if high > low else low + 1.0)
    axes.set_ylim(count - 0.5, -0.5)


def label(axes: Axes, row: float, name: str, value: str, strong: bool = False, quiet: bool = False) -> None:
    """Write the name of a row to its left and its number to its right."""
    sides = axes.get_yaxis_transform()
    colour, weight = SOFT if quiet else INK, "bold" if strong else "normal"
    write(axes, -0.02, row, name, color=colour, weight=weight, ha="right", va="center", transform=sides)
    write(axes, 1.11, row, value, color=colour, weight=weight, ha="right", va="center", transform=sides)
