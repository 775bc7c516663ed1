"""How far below its peak the account was, and its deepest falls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backtest.report.charts.growth import drawdown_scale, drawn_rows
from backtest.report.colours import BENCHMARK, LOSS, STRATEGY
from backtest.report.content.falls import Fall, falls
from backtest.report.figures.canvas import (
    PAPER,
    SOFT,
    TITLE_ROOM,
    legend,
    new_axes,
    new_figure,
    set_height,
    set_time,
    write,
)
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, TimeAxis
from backtest.report.words import percent, span
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEIGHT = 4.4
TINTED = 5
LETTER, LINE = 0.0072, 0.052
"""Shares of the width and of the height of the axes that a letter and a line of a label take."""
ASIDE = 0.008
MOST_DOWN = 12
"""Lines that a label may be moved down by to be clear of the curves and of other labels."""


def underwater(run: RunNumbers) -> Figure:
    """Draw the drawdown of both, the deepest falls of the account tinted from peak to recovery."""
    figure = new_figure(run, "Drawdown", HEIGHT)
    axis, rows = TimeAxis.of(run.times), drawn_rows(run)
    x = axis.share(run.times[rows])
    axes = new_axes(figure, 0.32, HEIGHT - TITLE_ROOM - 0.32 - 0.28)
    curves, entries = [run.drawdown], [("Strategy", STRATEGY)]
    if run.benchmark_drawdown is not None:
        curves.append(run.benchmark_drawdown)
        entries.append(("Benchmark", BENCHMARK))
    scale = drawdown_scale(curves)
    deepest = falls(run, TINTED).deepest
    for fall in deepest:
        _tint(axes, axis, fall, int(run.times[-1]))
    axes.fill_between(x, run.drawdown[rows], 0.0, color=STRATEGY, alpha=0.2, linewidth=0.0)
    for values in curves[1:]:
        axes.plot(x, values[rows], color=BENCHMARK, linewidth=0.8)
    axes.plot(x, run.drawdown[rows], color=STRATEGY, linewidth=1.0)
    set_time(axes, axis)
    set_height(axes, scale, scale.percents())
    foot = Foot(x, np.min([values[rows] for values in curves], axis=0), scale)
    for label in placed([(float(axis.share(np.array([fall.valley]))[0]), fall) for fall in deepest], foot):
        _name(axes, label)
    tinted = [(f"The {len(deepest)} deepest falls, from peak to recovery", _TINT)] if len(deepest) > 1 else []
    legend(axes, [*entries, *tinted])
    return figure


_TINT = "#f6e3da"


def _tint(axes: Axes, axis: TimeAxis, fall: Fall, end: int) -> None:
    begin, back = axis.share(np.array([fall.peak, end if fall.recovery is None else fall.recovery]))
    axes.axvspan(begin, back, color=_TINT, linewidth=0.0, zorder=0)


@dataclass(frozen=True)
class Foot:
    """The lower of the curves at places `x` of the width, and the axis that both are measured by."""

    x: Floats
    lowest: Floats
    scale: Scale


@dataclass(frozen=True)
class Label:
    """Words beside a valley, from `left` to `right` of the width, around `middle`; `half` a line is above and below."""

    place: float
    depth: float
    left: float
    right: float
    middle: float
    half: float
    text: str

    def meets(self, other: Label) -> bool:
        """Whether two labels lie on one another."""
        apart = self.half + other.half
        return self.left < other.right and other.left < self.right and abs(self.middle - other.middle) < apart


def placed(valleys: list[tuple[float, Fall]], foot: Foot) -> list[Label]:
    """Find room for depth and length of each fall: beside its valley, or below, clear of the curves and of the others.

    Where there is no room at all, a label stays beside its valley.
    """
    found: list[Label] = []
    for place, fall in valleys:
        tried = list(_places(place, fall, foot.scale))
        free = (label for label in tried if _is_clear(label, foot) and not any(map(label.meets, found)))
        found.append(next(free, tried[0]))
    return found


def _places(place: float, fall: Fall, scale: Scale) -> Iterator[Label]:
    text = f"{percent(fall.depth)}, {span(fall.under)}{' so far' if fall.recovery is None else ''}"
    line, wide = LINE * (scale.high - scale.low), LETTER * len(text)
    sides = [(place + ASIDE, place + ASIDE + wide), (place - ASIDE - wide, place - ASIDE)]
    for down in range(MOST_DOWN):
        for left, right in sides if place < 0.5 else reversed(sides):
            yield Label(place, fall.depth, left, right, fall.depth - down * line, line / 2.0, text)


def _is_clear(label: Label, foot: Foot) -> bool:
    below = foot.lowest[(foot.x >= label.left) & (foot.x <= label.right)]
    inside = label.left >= 0.0 and label.right <= 1.0 and label.middle - label.half >= foot.scale.low
    return inside and float(below.min(initial=0.0)) >= label.middle + label.half


def _name(axes: Axes, label: Label) -> None:
    """Write a label, with a thin line to its valley where it was moved down, and readable where it lies on a curve."""
    from matplotlib.patheffects import withStroke

    side, near = ("left", label.left) if label.left > label.place else ("right", label.right)
    if label.middle < label.depth:
        axes.plot([label.place, near], [label.depth, label.middle], color=SOFT, linewidth=0.6)
    axes.plot([label.place], [label.depth], marker="o", markersize=3.5, color=LOSS)
    halo = [withStroke(linewidth=2.4, foreground=PAPER)]
    write(axes, near, label.middle, label.text, size=8, ha=side, va="center", path_effects=halo)
