"""Correlations of the held assets, alike ones side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.colours import LOSS, STRATEGY
from backtest.report.content.alike import alike
from backtest.report.figures.canvas import (
    INK,
    PAPER,
    SOFT,
    TITLE_ROOM,
    WIDTH,
    across,
    beside,
    new_axes,
    new_figure,
    write,
)
from backtest.report.figures.empty import say_nothing
from backtest.report.figures.mesh import mesh
from backtest.report.numbers import RunNumbers
from backtest.report.words import ratio
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = 1.1  # inches for the names at the left and at the foot
MOST_LABELS = 26
"""Cells of more assets have no room for their numbers."""


def correlation(run: RunNumbers) -> Figure:
    """Draw one cell a pair, blue where they moved alike, orange where against each other.

    The numbers stand below the diagonal.
    """
    found = alike(run)
    if found is None:
        return say_nothing(run, "Correlation", "Fewer than two assets were held, so nothing is correlated.")
    count = len(found.names)
    left, right = NAMES / WIDTH, 0.985
    side = (right - left) * WIDTH
    tall = min(side, max(0.32 * count, 1.2)) if count < MOST_LABELS else side * 0.8
    figure = new_figure(run, "Correlation of the held assets", TITLE_ROOM + 0.15 + tall + NAMES)
    axes = new_axes(figure, NAMES, tall, left=left, right=right)
    mesh(axes, found.matrix, STRATEGY, LOSS, gap=1.0 if count <= MOST_LABELS else 0.3)
    axes.set_xlim(-0.5, count - 0.5)
    axes.set_ylim(count - 0.5, -0.5)
    size = 8.0 if count <= MOST_LABELS else 6.0
    names = [(float(place), name[:14]) for place, name in enumerate(found.names)]
    beside(axes, names, size=size)
    across(axes, names, size=size, rotation=90)
    if count <= MOST_LABELS:
        _number(axes, found.matrix, 7.0 if count <= 20 else 5.5)
    said = f"mean of the pairs {ratio(found.mean)}"
    text = said + (f"; {found.left_out} smaller holdings left out" if found.left_out else "")
    write(axes, 1.0, 1.015, text, size=8, color=SOFT, ha="right", va="bottom", transform=axes.transAxes)
    return figure


def _number(axes: Axes, matrix: Floats, size: float) -> None:
    for row, column in np.argwhere(np.isfinite(matrix)):
        value = float(matrix[row, column])
        if row > column:  # the other half is its mirror, and a text costs a millisecond
            colour = PAPER if value > 0.55 else INK
            write(axes, column, row, ratio(value), size=size, color=colour, ha="center", va="center")
