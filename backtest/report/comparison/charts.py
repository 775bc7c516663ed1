"""Charts of a comparison on the time axis: all runs in one, each in its colour."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.growth import MOST_POINTS, drawdown_scale
from backtest.report.charts.plot import Plot, across, line
from backtest.report.comparison.facts import number
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.thin import keep_extremes
from backtest.report.words import listed, percent, ratio
from backtest.types import Floats, Ints

MOST_VALUES = 10 * MOST_POINTS
"""Points of all lines of a chart together: ten runs of ten years of days stay whole."""

MOST_PLAIN, PLAIN = 6, 4
"""Runs of which each line can still be followed among the others; of more, the lines that are drawn strong."""


def drawn_rows(study: StudyNumbers) -> Ints:
    """Return the bars that the charts draw, with the extremes of every run among them."""
    series = [*study.growth.T] if study.benchmark is None else [*study.growth.T, study.benchmark]
    return keep_extremes(series, max(min(MOST_POINTS, MOST_VALUES // len(series)), 4 * len(series)))


def growth_plot(study: StudyNumbers, axis: TimeAxis, rows: Ints) -> Plot:
    """Draw the value of 1, and the benchmark's."""
    lines = _lines(study, study.growth, study.benchmark)
    scale = fit(np.concatenate([[1.0], *(values for _, _, values in lines)]))
    x = across(axis, study.times[rows])
    ends = [f"{name} {ratio(float(values[-1]))}" for name, _, values in lines]
    return Plot(
        key="growth",
        title="Growth of 1",
        note=f"Value of 1 put in at the beginning, net of every cost; dashed: what was put in.{_thinned(study)}",
        description=f"Line chart. Values at the end: {listed(ends, 21)}.",
        form="ratio",
        layers=[line(name, ink, x, scale, values[rows], 4) for name, ink, values in lines],
        axis=axis,
        scale=scale,
        clock="bars",
        moments=study.times[rows],
        levels=(1.0,),
        log=min(float(np.nanmin(values)) for _, _, values in lines) > 0.0,
    )


def _lines(study: StudyNumbers, values: Floats, benchmark: Floats | None) -> list[tuple[str, str, Floats]]:
    """Return name, ink and values of each run, the leader first, and of the benchmark."""
    lines = [(study.names[k], _ink(study, place), values[:, k]) for place, k in enumerate(study.ranked)]
    return lines if benchmark is None else [*lines, ("Benchmark", "benchmark", benchmark)]


def _ink(study: StudyNumbers, place: int) -> str:
    """Return the classes of the line of a run by its place in the ranking: among very many the later ones are thin."""
    ink = study.ink(study.ranked[place])
    return f"{ink} thin" if place >= PLAIN and len(study.ranked) > MOST_PLAIN else ink


def _thinned(study: StudyNumbers) -> str:
    """Say which lines are drawn strong, where not all are."""
    return f" Strong: the first {number(PLAIN)} of the ranking." if len(study.ranked) > MOST_PLAIN else ""


def drawdown_plot(study: StudyNumbers, axis: TimeAxis, rows: Ints) -> Plot:
    """Draw how far each lay below its highest value so far."""
    lines = _lines(study, study.drawdown, study.benchmark_drawdown)
    scale = drawdown_scale([values for _, _, values in lines])
    x = across(axis, study.times[rows])
    deepest = [f"{name} {percent(float(values.min()))}" for name, _, values in lines]
    return Plot(
        key="drawdown",
        title="Drawdown",
        note="Loss against the highest value so far.",
        description=f"Line chart below zero. Deepest drawdowns: {listed(deepest, 21)}.",
        form="percent",
        layers=[line(name, ink, x, scale, values[rows], 5) for name, ink, values in lines],
        axis=axis,
        scale=scale,
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
    name = study.names[best]
    ends = [f"{study.names[k]} {percent(float(against[-1, k]), sign=True)}" for k in chosen]
    return Plot(
        key="relative",
        title=f"Against {name}",
        note=f"Value of each over the value of {name}, less 1. A line that rises gains on it.",
        description=f"Line chart. At the end: {listed(ends, 20)}.",
        form="percent",
        layers=[
            line(study.names[k], _ink(study, place), x, scale, against[rows, k], 5)
            for place, k in enumerate(chosen, start=1)
        ],
        axis=axis,
        scale=scale,
        clock="bars",
        moments=study.times[rows],
        levels=(0.0,),
        small=True,
    )
