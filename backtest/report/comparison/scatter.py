"""Risk against return, with the region in which the truth may lie."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backtest.report.charts.panel import Group, Mark, Panel, dot, feet, rightwards
from backtest.report.charts.plot import heights, polyline, upwards
from backtest.report.comparison.benchmark import benchmark_metrics
from backtest.report.comparison.numbers import StudyNumbers
from backtest.report.scales import Scale, fit
from backtest.report.words import listed, percent
from backtest.types import Floats

BENCHMARK = "Benchmark"
CORNERS = 72
COVERED = 0.5
"""Share of the probability inside an ellipse: with more, those of ten years cover one another and the chart."""


@dataclass(frozen=True)
class Cloud:
    """Mean return and volatility a year, and the corners `(CORNERS, 2)` of the ellipse around them.

    `place` is that of the run; None is the benchmark.
    """

    place: int | None
    risk: float
    mean: float
    corners: Floats | None


def clouds(study: StudyNumbers) -> list[Cloud]:
    """Return the runs that have a risk and a return, the highest Sharpe ratio first."""
    found = []
    for k in study.ranked:
        risk, sharpe = study.value(k, "volatility"), study.value(k, "sharpe")
        if risk is not None and sharpe is not None:
            mean = sharpe * risk + float(study.facts["risk_free"])
            found.append(Cloud(k, risk, mean, _ellipse(risk, mean, study.variants[k]["ellipse"])))
    against = benchmark_metrics(study)
    if against is not None and np.isfinite([against["volatility"], against["sharpe"]]).all():
        risk = against["volatility"]
        found.append(Cloud(None, risk, against["sharpe"] * risk + float(study.facts["risk_free"]), None))
    return found


def name_of(study: StudyNumbers, cloud: Cloud) -> str:
    """Return what a dot is called."""
    return BENCHMARK if cloud.place is None else study.names[cloud.place]


def scales(found: list[Cloud]) -> tuple[Scale, Scale]:
    """Return the axes of risk and return around everything."""
    corners = [cloud.corners for cloud in found if cloud.corners is not None]
    points = np.array([[cloud.risk, cloud.mean] for cloud in found])
    everything = np.concatenate([points, *corners]) if len(found) else np.zeros((1, 2))
    return fit(everything[:, 0], count=6), fit(np.append(everything[:, 1], 0.0), count=5)


def scatter(study: StudyNumbers) -> Panel:
    """Draw mean return a year against volatility."""
    found = clouds(study)
    x, y = scales(found)
    names = [name_of(study, cloud) for cloud in found]
    told = [
        f"{name}: return {percent(cloud.mean)}, volatility {percent(cloud.risk)}"
        for name, cloud in zip(names, found, strict=True)
    ]
    inks = ["ink" if cloud.place is None else study.ink(cloud.place) for cloud in found]
    groups = [
        Group(name, ink, _marks(cloud, x, y, words))
        for name, ink, cloud, words in zip(names, inks, found, told, strict=True)
    ]
    return Panel(
        key="risk-return",
        title="Risk and return",
        note="Mean return and volatility a year, net of every cost. An ellipse holds the truth of its run with "
        f"{percent(COVERED, 0)} probability. Runs on the same prices err together, so overlapping ellipses do not say "
        "that two are alike: the differences above do.",
        description=f"Scatter chart of mean return against volatility. {listed(told, 20)}.",
        groups=groups,
        x_ticks=feet(x, x.percents()),
        y_ticks=heights(y, y.percents()),
        x_name="Volatility a year",
        y_name="Mean return a year",
    )


def _marks(cloud: Cloud, x: Scale, y: Scale, words: str) -> list[Mark]:
    """Return the dot of a run, and its ellipse."""
    across, up = rightwards(x, np.array([cloud.risk])), upwards(y, np.array([cloud.mean]))
    marks = [Mark("dots", dot(int(across[0]), int(up[0])), words)]
    if cloud.corners is not None:
        path = polyline(rightwards(x, cloud.corners[:, 0]), upwards(y, cloud.corners[:, 1]))
        marks.append(Mark("line", f"{path}z", words))
    return marks


def _ellipse(risk: float, mean: float, errors: list[float | None]) -> Floats | None:
    """Return the corners of the ellipse of a normal distribution that holds `COVERED`; None without errors."""
    if any(each is None for each in errors):
        return None
    a, b, c = (float(each or 0.0) for each in errors)
    values, vectors = np.linalg.eigh(np.array([[a, c], [c, b]]))
    reach = math.sqrt(-2.0 * math.log(1.0 - COVERED))
    angle = np.linspace(0.0, 2.0 * np.pi, CORNERS, endpoint=False)
    circle = np.column_stack((np.cos(angle), np.sin(angle)))
    return np.asarray([risk, mean] + reach * (circle * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)
