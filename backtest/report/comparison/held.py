"""What each run held over time, side by side: the same colours, the same time axis, the same height."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backtest.report.charts.plot import Plot, across
from backtest.report.charts.weights import stacked, weights_scale, weights_words
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.fifths import Fifths
from backtest.report.holdings import CASH, Stack, stack_of
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, TimeAxis
from backtest.report.thin import keep_steps
from backtest.types import Floats, Ints

MOST_POINTS, FEWEST_POINTS = 150, 50
MOST_IN_ALL = 1_200
"""Points of all runs together: each is small, and a page of twenty must not be large."""


@dataclass(frozen=True)
class Held:
    """The weights `(W, labels)` of one run at some of its moments; `place` is its place among the runs."""

    place: int
    times: Ints
    weights: Floats


@dataclass(frozen=True)
class SideBySide:
    """The runs that can be drawn, the highest Sharpe ratio first, and what all of them show by the same names."""

    stack: Stack | Fifths
    runs: list[Held]

    @cached_property
    def scale(self) -> Scale:
        """The one vertical axis."""
        return weights_scale(np.concatenate([held.weights for held in self.runs]))

    @property
    def entries(self) -> list[tuple[str, str]]:
        """The one legend: labels with the classes that colour them."""
        return [*zip(self.stack.labels, self.stack.inks, strict=True), (CASH, "cash")]

    @property
    def title(self) -> str:
        """What is shown."""
        return f"Weights over time, by {self.stack.by}" if self.stack.by else "Weights over time"


def side_by_side(study: StudyNumbers) -> SideBySide | None:
    """Return what the runs held between the first and the last common bar; None when none of them can be read."""
    read = {k: run for k in study.ranked if isinstance(run := study.runs[k], RunNumbers)}
    stack = stack_of(list(read.values()))
    most = max(FEWEST_POINTS, min(MOST_POINTS, MOST_IN_ALL // max(len(read), 1)))
    found = [_held(k, run, stack, study, most) for k, run in read.items()]
    shown = [held for held in found if held.times.size]
    return SideBySide(stack, shown) if shown else None


def _held(place: int, run: RunNumbers, stack: Stack | Fifths, study: StudyNumbers, most: int) -> Held:
    times = run.weight_times
    common = np.flatnonzero((times >= study.times[0]) & (times <= study.times[-1]))
    rows = common[keep_steps(times[common], run.traded_times, most)]
    return Held(place, times[rows], stack.weights(run, rows))


def weights_plots(study: StudyNumbers, found: SideBySide, axis: TimeAxis) -> list[Plot]:
    """Draw one small chart a run."""
    return [
        Plot(
            key=f"weights-{held.place}",
            title=study.names[held.place],
            note="",
            description=f"Stacked area chart. {weights_words(found.stack, held.weights)}",
            form="percent",
            layers=stacked(found.stack, held.weights, across(axis, held.times), found.scale, digits=3),
            axis=axis,
            scale=found.scale,
            clock=f"weights-{held.place}",
            moments=held.times,
            fixed=True,
            small=True,
        )
        for held in found.runs
    ]
