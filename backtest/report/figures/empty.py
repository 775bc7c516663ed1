"""A picture that says why there is nothing to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest.report.figures.canvas import SOFT, TITLE_ROOM, new_figure, write
from backtest.report.numbers import RunNumbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 1.5


def say_nothing(run: RunNumbers, title: str, why: str) -> Figure:
    """Return a small figure with a title and one sentence."""
    figure = new_figure(run, title, HEIGHT)
    write(figure, 0.02, (HEIGHT - TITLE_ROOM - 0.2) / HEIGHT, why, size=9, color=SOFT, va="center")
    return figure
