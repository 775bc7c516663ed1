"""Sharpe ratio, volatility and beta along the record."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.plot import Form, Plot, across, line
from backtest.report.content.rolling import Rolling, rolling
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.thin import keep_extremes
from backtest.report.words import percent, ratio
from backtest.types import Floats

MOST_POINTS = 1_000


def rolling_plots(run: RunNumbers, axis: TimeAxis) -> list[Plot]:
    """Draw one chart a measure, the benchmark's beside it; none when the record is too short."""
    found = rolling(run)
    if found is None or not np.isfinite(found.volatility).any():
        return []
    plots = [
        _plot(axis, found, "Sharpe ratio", found.sharpe, found.benchmark_sharpe, "ratio", 0.0),
        _plot(axis, found, "Volatility", found.volatility, found.benchmark_volatility, "percent", None),
    ]
    if found.beta is not None:
        plots.append(_plot(axis, found, "Beta", found.beta, None, "ratio", 1.0))
    return plots


def _plot(
    axis: TimeAxis,
    found: Rolling,
    name: str,
    own: Floats,
    other: Floats | None,
    form: Form,
    rule: float | None,
) -> Plot:
    seen = np.isfinite(own)
    series = [own[seen], *([] if other is None else [other[seen]])]
    rows = np.flatnonzero(seen)[keep_extremes(series, MOST_POINTS)] if seen.any() else np.empty(0, np.int64)
    scale = fit(np.concatenate([*series, [] if rule is None else [rule]]), zero=form == "percent", count=3)
    lines = [("Strategy", "strategy", own), *([] if other is None else [("Benchmark", "benchmark", other)])]
    x = across(axis, found.times[rows])
    digits = 4 if form == "percent" else 3
    key = name.split()[0].lower()
    return Plot(
        key=f"rolling-{key}",
        title=f"{name} over {found.span}",
        note=_notes(found, name),
        description=_words(name, own[seen], form),
        form=form,
        layers=[line(label, ink, x, scale, values[rows], digits) for label, ink, values in lines],
        axis=axis,
        scale=scale,
        clock=f"rolling-{key}",
        moments=found.times[rows],
        levels=() if rule is None else (rule,),
        small=True,
    )


def _notes(found: Rolling, name: str) -> str:
    about = f"Of the {found.window:,} returns up to each moment, annualised."
    return "Slope of the returns on the benchmark's, over the same window." if name == "Beta" else about


def _words(name: str, values: Floats, form: Form) -> str:
    if not values.size:
        return f"Line chart of the {name}: not defined anywhere."
    first, last, low, high = (
        percent(value) if form == "percent" else ratio(value)
        for value in (float(values[0]), float(values[-1]), float(values.min()), float(values.max()))
    )
    return f"Line chart. {name} at first {first}, at the end {last}; lowest {low}, highest {high}."
