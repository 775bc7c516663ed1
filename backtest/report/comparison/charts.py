"""Charts of a comparison on the time axis: all runs in one, each in its colour."""

from __future__ import annotations

import numpy as np

from backtest import stats
from backtest.report.charts.growth import MOST_POINTS, drawdown_scale
from backtest.report.charts.plot import Layer, Plot, across, dates, heights, polyline, rounded, upwards
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.thin import keep_extremes
from backtest.report.words import listed, percent, ratio
from backtest.types import Floats, Ints

MOST_VALUES = 10 * MOST_POINTS
"""Points of all lines of a chart together: ten runs of ten years of days stay whole."""


def drawn_rows(study: StudyNumbers) -> Ints:
    """Return the bars that the charts draw, with the extremes of every run among them."""
    series = [*study.growth.T] if study.benchmark is None else [*study.growth.T, study.benchmark]
    return keep_extremes(series, max(min(MOST_POINTS, MOST_VALUES // len(series)), 4 * len(series)))


def growth_plot(study: StudyNumbers, axis: TimeAxis, rows: Ints) -> Plot:
    """Draw the value of 1, and the benchmark's."""
    lines = [(study.names[k], study.ink(k), study.growth[:, k]) for k in study.ranked]
    if study.benchmark is not None:
        lines.append(("Benchmark", "benchmark", study.benchmark))
    scale = fit(np.concatenate([[1.0], *(values for _, _, values in lines)]))
    x = across(axis, study.times[rows])
    layers = [_line(name, ink, x, upwards(scale, values[rows]), values[rows], 4) for name, ink, values in lines]
    ends = [f"{name} {ratio(float(values[-1]))}" for name, _, values in lines]
    return Plot(
        key="growth",
        title="Growth of 1",
        note="Value of 1 put in at the beginning, net of every cost. The dashed line is what was put in.",
        description=f"Line chart. Values at the end: {listed(ends, 21)}.",
        form="ratio",
        layers=layers,
        scale=scale,
        y_ticks=heights(scale, [f"{tick:g}" for tick in scale.ticks]),
        x_ticks=dates(axis),
        clock="bars",
        moments=study.times[rows],
        rules=[float(upwards(scale, np.ones(1))[0])],
        log=min(float(np.nanmin(values)) for _, _, values in lines) > 0.0,
    )


def drawdown_plot(study: StudyNumbers, axis: TimeAxis, rows: Ints) -> Plot:
    """Draw how far each lay below its highest value so far."""
    lines = [(study.names[k], study.ink(k), study.drawdown[:, k]) for k in study.ranked]
    if study.benchmark is not None:
        path = np.concatenate(([1.0], study.benchmark))
        lines.append(("Benchmark", "benchmark", stats.underwater(path)[1:]))
    scale = drawdown_scale([values for _, _, values in lines])
    x = across(axis, study.times[rows])
    layers = [_line(name, ink, x, upwards(scale, values[rows]), values[rows], 5) for name, ink, values in lines]
    deepest = [f"{name} {percent(float(values.min()))}" for name, _, values in lines]
    return Plot(
        key="drawdown",
        title="Drawdown",
        note="Loss against the highest value so far.",
        description=f"Line chart below zero. Deepest drawdowns: {listed(deepest, 21)}.",
        form="percent",
        layers=layers,
        scale=scale,
        y_ticks=heights(scale, scale.percents()),
        x_ticks=dates(axis),
        clock="bars",
        moments=study.times[rows],
    )


def relative_plot(study: StudyNumbers, axis: TimeAxis, rows: Ints) -> Plot:
    """Draw the growth of each over that of the one that led: rising means gaining on it."""
    best = study.ranked[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        against = np.where(study.growth[:, [best]] > 0.0, study.growth / study.growth[:, [best]], np.nan) - 1.0
    chosen = study.ranked[1:]
    scale = fit(np.concatenate([[0.0], *(against[:, k] for k in chosen)]))
    x = across(axis, study.times[rows])
    layers = [
        _line(study.names[k], study.ink(k), x, upwards(scale, against[rows, k]), against[rows, k], 5) for k in chosen
    ]
    name = study.names[best]
    ends = [f"{study.names[k]} {percent(float(against[-1, k]), sign=True)}" for k in chosen]
    return Plot(
        key="relative",
        title=f"Against {name}",
        note=f"Value of each over the value of {name}, less 1. A line that rises gains on it.",
        description=f"Line chart. At the end: {listed(ends, 20)}.",
        form="percent",
        layers=layers,
        scale=scale,
        y_ticks=heights(scale, scale.percents()),
        x_ticks=dates(axis),
        clock="bars",
        moments=study.times[rows],
        rules=[float(upwards(scale, np.zeros(1))[0])],
        small=True,
    )


def _line(name: str, ink: str, x: Ints, y: Ints, values: Floats, digits: int) -> Layer:
    return Layer(name, "line", ink, polyline(x, y), rounded(values, digits))
