"""Equity against its benchmark, and how far below their peaks both were."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.plot import Layer, Plot, across, filled, line, polyline, rounded, upwards
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, TimeAxis, fit
from backtest.report.thin import keep_extremes
from backtest.report.words import money, percent
from backtest.types import Floats, Ints

MOST_POINTS = 2_600  # ten years of days stay whole
MOST_MARKS = 400
SHALLOWEST = 0.01


def drawn_rows(run: RunNumbers) -> Ints:
    """Return the bars that the charts of equity and drawdown draw."""
    series = [run.equity, run.drawdown]
    return keep_extremes(series if run.benchmark is None else [*series, run.benchmark], MOST_POINTS)


def equity_plot(run: RunNumbers, axis: TimeAxis, rows: Ints) -> Plot:
    """Draw equity and benchmark in money, from one capital; small marks at the foot show the rebalances."""
    lines = [("Strategy", "strategy", run.equity)]
    if run.benchmark is not None:
        lines.append(("Benchmark", "benchmark", run.benchmark))
    scale = fit(np.concatenate([[run.capital], *(values for _, _, values in lines)]))
    x = across(axis, run.times[rows])
    marks = across(axis, run.traded_times) if run.traded_times.size <= MOST_MARKS else np.empty(0, np.int64)
    note = "Value of the account at the end of each bar, net of every cost. The dashed line is the initial capital."
    return Plot(
        key="equity",
        title="Growth of capital",
        note=note + (" Small marks at the foot: rebalances." if marks.size else ""),
        description=_equity_words(run),
        form="money",
        layers=[line(name, ink, x, scale, values[rows], 2) for name, ink, values in lines],
        axis=axis,
        scale=scale,
        clock="bars",
        moments=run.times[rows],
        levels=(run.capital,),
        log=min(float(np.nanmin(values)) for _, _, values in lines) > 0.0,
        ticks=marks.tolist(),
    )


def drawdown_plot(run: RunNumbers, axis: TimeAxis, rows: Ints) -> Plot:
    """Draw how far equity, and the benchmark as a line, lay below their highest value so far."""
    other = run.benchmark_drawdown
    scale = drawdown_scale([run.drawdown, *([] if other is None else [other])])
    x = across(axis, run.times[rows])
    top = int(upwards(scale, np.zeros(1))[0])
    y = upwards(scale, run.drawdown[rows])
    shown = rounded(run.drawdown[rows], 5)
    layers = [Layer("Strategy", "area", "strategy", filled(x, y, top), shown, edge=polyline(x, y))]
    if other is not None:
        layers.append(line("Benchmark", "benchmark", x, scale, other[rows], 5))
    return Plot(
        key="drawdown",
        title="Drawdown",
        note="Loss against the highest value so far, the initial capital included.",
        description=_drawdown_words(run),
        form="percent",
        layers=layers,
        axis=axis,
        scale=scale,
        clock="bars",
        moments=run.times[rows],
        small=True,
    )


def drawdown_scale(curves: list[Floats], count: int = 4) -> Scale:
    """Return an axis that hangs down from zero, at least one percent deep."""
    return fit(np.concatenate([*curves, [-SHALLOWEST]]), zero=True, count=count)


def _equity_words(run: RunNumbers) -> str:
    low, high = float(np.min(run.equity)), float(np.max(run.equity))
    other = "" if run.benchmark is None else f" The benchmark ended at {money(float(run.benchmark[-1]))}."
    return (
        f"Line chart. The account began with {money(run.capital)} on {run.value('start')} and ended with "
        f"{money(float(run.equity[-1]))} on {run.value('end')}; lowest {money(low)}, highest {money(high)}.{other}"
    )


def _drawdown_words(run: RunNumbers) -> str:
    return (
        f"Area chart below zero. Deepest drawdown {percent(run.value('max_drawdown'))}, from "
        f"{run.value('max_drawdown_peak') or 'no peak'} to {run.value('max_drawdown_valley') or 'no valley'}; at the "
        f"end {percent(float(run.drawdown[-1]))}."
    )
