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
    series = [run.equity, run.drawdown, *([run.paid_in] if run.has_flows else [])]
    return keep_extremes(series if run.benchmark is None else [*series, run.benchmark], MOST_POINTS)


def equity_plot(run: RunNumbers, axis: TimeAxis, rows: Ints) -> Plot:
    """Draw equity and benchmark in money, from one capital; small marks at the foot show the rebalances."""
    lines = [("Strategy", "strategy", run.equity)]
    if run.has_flows:
        lines.append((paid_in_name(run), "others", run.paid_in))
    if run.benchmark is not None:
        lines.append(("Benchmark", "benchmark", run.benchmark))
    scale = fit(np.concatenate([[run.capital], *(values for _, _, values in lines)]))
    x = across(axis, run.times[rows])
    marks = across(axis, run.traded_times) if run.traded_times.size <= MOST_MARKS else np.empty(0, np.int64)
    note = f"Value of the account at the end of each bar, net of every cost. {_level(run)}"
    return Plot(
        key="equity",
        title=equity_title(run),
        note=note + (" Small marks at the foot: rebalances." if marks.size else ""),
        description=_equity_words(run),
        form="money",
        layers=[line(name, ink, x, scale, values[rows], 2) for name, ink, values in lines],
        axis=axis,
        scale=scale,
        clock="bars",
        moments=run.times[rows],
        levels=() if run.has_flows else (run.capital,),
        log=min(float(np.nanmin(values)) for _, _, values in lines) > 0.0,
        ticks=marks.tolist(),
    )


def paid_in_name(run: RunNumbers) -> str:
    """Name the line of what was paid in, of which withdrawals are taken off."""
    return "Paid in less taken out" if (run.flow < 0.0).any() else "Paid in"


def equity_title(run: RunNumbers) -> str:
    """Name the picture of equity: with money from outside its rise is not growth."""
    return "Worth of the account" if run.has_flows else "Growth of capital"


def _level(run: RunNumbers) -> str:
    if run.has_flows:
        return "What it rises above the grey line, the money paid in less what was taken out, was earned."
    return "The dashed line is the initial capital."


def growth_plot(run: RunNumbers, axis: TimeAxis, rows: Ints) -> Plot | None:
    """Draw what the capital grew to by returns alone; None without flows, where that is the equity."""
    if not run.has_flows:
        return None
    lines = [("Strategy", "strategy", run.path[1:])]
    if run.benchmark_path is not None:
        lines.append(("Benchmark", "benchmark", run.benchmark_path[1:]))
    scale = fit(np.concatenate([[run.capital], *(values for _, _, values in lines)]))
    x = across(axis, run.times[rows])
    return Plot(
        key="growth",
        title="Growth without flows",
        note="What the initial capital alone would have grown to, time-weighted: what all returns and ratios are of.",
        description=f"Line chart. {money(run.capital)} would have grown to {money(float(run.path[-1]))}.",
        form="money",
        layers=[line(name, ink, x, scale, values[rows], 2) for name, ink, values in lines],
        axis=axis,
        scale=scale,
        clock="bars",
        moments=run.times[rows],
        levels=(run.capital,),
        log=min(float(np.nanmin(values)) for _, _, values in lines) > 0.0,
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
        note=_fallen(run),
        description=_drawdown_words(run),
        form="percent",
        layers=layers,
        axis=axis,
        scale=scale,
        clock="bars",
        moments=run.times[rows],
        small=True,
    )


def _fallen(run: RunNumbers) -> str:
    of = ", of growth without flows" if run.has_flows else ""
    return f"Loss against the highest value so far, the initial capital included{of}."


def drawdown_scale(curves: list[Floats], count: int = 4) -> Scale:
    """Return an axis that hangs down from zero, at least one percent deep."""
    return fit(np.concatenate([*curves, [-SHALLOWEST]]), zero=True, count=count)


def _equity_words(run: RunNumbers) -> str:
    low, high = float(np.min(run.equity)), float(np.max(run.equity))
    other = "" if run.benchmark is None else f" The benchmark ended at {money(float(run.benchmark[-1]))}."
    if run.has_flows:
        other = f" {money(float(run.paid_in[-1]))} were paid in by then, less what was taken out.{other}"
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
