"""Sharpe ratio, volatility and beta along the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.report.colours import BENCHMARK, STRATEGY
from backtest.report.content.rolling import Rolling
from backtest.report.content.rolling import rolling as measure
from backtest.report.figures.canvas import (
    SOFT,
    TITLE_ROOM,
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
from backtest.types import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANEL, GAP, FOOT = 1.42, 0.32, 0.32  # inches
MOST_POINTS = 1_500


def rolling(run: RunNumbers) -> Figure:
    """Draw one panel a measure on one time axis, the benchmark's thin."""
    found = measure(run)
    if found is None:
        return say_nothing(run, "Rolling measures", "The record is too short for a window that moves along it.")
    panels = _panels(found)
    height = TITLE_ROOM + 0.1 + FOOT + len(panels) * (PANEL + GAP)
    figure = new_figure(run, f"Rolling {found.span}", height)
    axis = TimeAxis.of(run.times)
    for k, (name, own, other) in enumerate(panels):
        bottom = FOOT + (len(panels) - 1 - k) * (PANEL + GAP)
        axes = new_axes(figure, bottom, PANEL)
        _lines(axes, axis, found, own, other)
        shown = np.concatenate([own, [] if other is None else other])
        scale = fit(shown, zero=name == "Volatility", count=3)
        set_time(axes, axis, labels=k == len(panels) - 1)
        set_height(axes, scale, scale.percents() if name == "Volatility" else scale.ratios())
        level = {"Sharpe ratio": 0.0, "Beta": 1.0}.get(name)
        if level is not None and scale.low <= level <= scale.high:
            axes.axhline(level, color=SOFT, linewidth=0.7, dashes=(4, 4))
        write(axes, 0.0, 1.06, name, size=8.5, transform=axes.transAxes, weight="bold")
        if k == 0 and other is not None:
            legend(axes, [("Strategy", STRATEGY), ("Benchmark", BENCHMARK)], left=0.14)
    return figure


def _panels(found: Rolling) -> list[tuple[str, Floats, Floats | None]]:
    panels = [
        ("Sharpe ratio", found.sharpe, found.benchmark_sharpe),
        ("Volatility", found.volatility, found.benchmark_volatility),
    ]
    return panels if found.beta is None else [*panels, ("Beta", found.beta, None)]


def _lines(axes: Axes, axis: TimeAxis, found: Rolling, own: Floats, other: Floats | None) -> None:
    rows = keep_extremes([own] if other is None else [own, other], MOST_POINTS)
    x = axis.share(found.times[rows])
    if other is not None:
        axes.plot(x, other[rows], color=BENCHMARK, linewidth=0.9)
    axes.plot(x, own[rows], color=STRATEGY, linewidth=1.2)
