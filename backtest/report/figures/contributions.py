"""Contributions by asset and by cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.charts.parts import largest_parts
from backtest.report.colours import LOSS, OTHER, PALETTE, STRATEGY, asset_colours
from backtest.report.figures.canvas import GRID, INK, SOFT, TITLE_ROOM, new_axes, new_figure, write
from backtest.report.numbers import RunNumbers
from backtest.report.words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW = 0.24  # inches


def contributions(run: RunNumbers) -> Figure:
    """Draw one bar a part, in percent of the initial capital: assets before costs, costs, and what they add up to."""
    parts = largest_parts(run)
    count = len(parts)
    figure = new_figure(run, "Who earned it", TITLE_ROOM + 0.25 + ROW * count)
    axes = new_axes(figure, 0.15, ROW * count, left=0.16, right=0.90)
    values = parts["contribution"].to_numpy(np.float64)
    kinds = parts["kind"].tolist()
    places = asset_colours([n for n, kind in zip(parts["name"], kinds, strict=True) if kind == "asset"], run.symbols)
    fixed = {"others": OTHER, "cost": LOSS, "total": STRATEGY}
    colours = [fixed.get(kind) or PALETTE[places[name]] for name, kind in zip(parts["name"], kinds, strict=True)]
    axes.barh(np.arange(count), values, height=0.68, color=colours)
    axes.axvline(0.0, color=SOFT, linewidth=0.7)
    axes.axhline(count - 1.5, color=GRID, linewidth=0.8)
    low, high = min(values.min(), 0.0), max(values.max(), 0.0)
    axes.set_xlim(low, high if high > low else low + 1.0)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    sides = axes.get_yaxis_transform()
    for row, (name, kind) in enumerate(zip(parts["name"], kinds, strict=True)):
        colour, weight = (INK, "bold") if kind == "total" else (INK if kind == "asset" else SOFT, "normal")
        write(axes, -0.02, row, str(name)[:18], color=colour, weight=weight, ha="right", va="center", transform=sides)
        value = percent(values[row], 2, sign=True)
        write(axes, 1.11, row, value, color=colour, weight=weight, ha="right", va="center", transform=sides)
    return figure
