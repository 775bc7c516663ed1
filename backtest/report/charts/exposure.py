"""How much was held against the equity, long and short, and what holding it earned and cost."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.plot import Plot, across, line
from backtest.report.content.account import financing, lends, most_gross, on_margin
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.thin import keep_extremes
from backtest.report.words import listed, money, percent

MOST_POINTS = 1_000


def exposure_plot(run: RunNumbers, axis: TimeAxis) -> Plot | None:
    """Draw gross and net exposure of an account on margin; None of a cash account, where the weights say it all."""
    if run.gross is None or run.net is None or not on_margin(run):
        return None
    rows = np.arange(run.alive)[keep_extremes([run.gross[: run.alive], run.net[: run.alive]], MOST_POINTS)]
    most = most_gross(run)
    levels = () if most is None else (most,)
    scale = fit(np.concatenate((run.gross[rows], run.net[rows], levels)), zero=True, count=4)
    x = across(axis, run.times[rows])
    lines = [("Gross", "strategy", run.gross), ("Net", "benchmark", run.net)]
    if not (run.gross - run.net).any():
        lines.pop()  # nothing was short: the two are one
    limit = "" if most is None else f" Dashed: {percent(most, 0)}, the most that may be opened on margin."
    return Plot(
        key="exposure",
        title="Exposure",
        note=f"Gross: longs and shorts added up, over the equity at each close. Net: longs less shorts.{limit}",
        description=(
            f"Line chart. Gross exposure is {percent(float(run.gross[: run.alive].max()))} at most and "
            f"{percent(float(run.gross[run.alive - 1]))} at the end, net {percent(float(run.net[run.alive - 1]))}."
        ),
        form="percent",
        layers=[line(name, ink, x, scale, values[rows], 4) for name, ink, values in lines],
        axis=axis,
        scale=scale,
        clock="exposure",
        moments=run.times[rows],
        levels=levels,
        small=True,
    )


def financing_plot(run: RunNumbers, axis: TimeAxis) -> Plot | None:
    """Draw what holding earned and cost since the start; None where it did neither."""
    if run.carry is None or not run.carry.any():
        return None
    earned = np.cumsum(run.carry.sum(axis=1))
    rows = keep_extremes([earned], MOST_POINTS)
    scale = fit(earned[rows], zero=True, count=3)
    ink = "loss" if earned[-1] < 0.0 else "strategy"
    whose = "Interest and fees of cash, debt and shorts" if lends(run) else "Interest on cash, and funding"
    parts = [f"{kind.replace('_', ' ')} {money(amount, sign=True)}" for kind, amount in financing(run).items()]
    return Plot(
        key="financing",
        title="Financing so far",
        note=f"{whose}, added up since the start; below zero they cost.",
        description=f"Line chart. In all {money(float(earned[-1]), sign=True)}: {listed(parts)}.",
        form="money",
        layers=[line("Financing", ink, across(axis, run.times[rows]), scale, earned[rows], 2)],
        axis=axis,
        scale=scale,
        clock="financing",
        moments=run.times[rows],
        small=True,
    )
