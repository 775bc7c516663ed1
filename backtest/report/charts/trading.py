"""How much was traded at each rebalance, and what it cost so far."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.plot import (
    Layer,
    Plot,
    across,
    needles,
    rounded,
    staircase,
    upwards,
)
from backtest.report.numbers import RunNumbers
from backtest.report.scales import TimeAxis, fit
from backtest.report.words import money, percent, plural
from backtest.types import Ints

MOST_BARS = 900


def turnover_plot(run: RunNumbers, axis: TimeAxis) -> Plot:
    """Draw the one-way turnover of each bar with trades; where there are too many, the largest of each stretch."""
    rows = traded_rows(run)
    scale = fit(run.turnover, zero=True, count=3)
    x = across(axis, run.times[rows])
    path = needles(x, upwards(scale, run.turnover[rows]), int(upwards(scale, np.zeros(1))[0]))
    number = int(np.count_nonzero(run.turnover))
    largest = float(run.turnover.max(initial=0.0))
    return Plot(
        key="turnover",
        title="Turnover at each rebalance",
        note="One-way: half the value traded, over the account's value before.",
        description=f"Bar chart. {plural(number, 'bar')} with trades; the largest turned over {percent(largest)}.",
        form="percent",
        layers=[Layer("Turnover", "bars", "strategy", path, rounded(run.turnover[rows], 5))],
        axis=axis,
        scale=scale,
        clock="trades",
        moments=run.times[rows],
        small=True,
    )


def cost_plot(run: RunNumbers, axis: TimeAxis) -> Plot:
    """Draw the money paid for trading since the start."""
    rows = np.unique(np.concatenate(([0], traded_rows(run))))
    paid = np.cumsum(run.cost)
    scale = fit(paid, zero=True, count=3)
    x = across(axis, run.times[rows])
    path = staircase(x, upwards(scale, paid[rows]))
    return Plot(
        key="cost",
        title="Cost so far",
        note="Commission, spread, slippage and impact, added up since the start.",
        description=f"Step chart. Costs add up to {money(float(paid[-1]))} at the end.",
        form="money",
        layers=[Layer("Cost", "step", "loss", path, rounded(paid[rows], 2))],
        axis=axis,
        scale=scale,
        clock="costs",
        moments=run.times[rows],
        small=True,
    )


def traded_rows(run: RunNumbers) -> Ints:
    """Return the bars with trades; where there are too many to draw, the largest of each stretch."""
    traded = np.flatnonzero(run.turnover)
    if traded.size <= MOST_BARS:
        return traded
    stretches = np.array_split(traded, MOST_BARS)
    return np.array([stretch[np.argmax(run.turnover[stretch])] for stretch in stretches])
