"""What the account was made of over time."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.plot import Layer, Plot, across, dates, filled, heights, rounded, upwards
from backtest.report.holdings import CASH, OTHERS, largest_holdings
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, TimeAxis, fit
from backtest.report.thin import keep_steps
from backtest.report.words import listed, percent
from backtest.types import Floats, Ints

MOST_POINTS = 500


def weights_plot(run: RunNumbers, axis: TimeAxis) -> Plot:
    """Stack closing weights, the largest at the foot; what is left to 100 % is cash. Shorts stack below zero.

    Each layer is drawn from zero up to its upper edge, the highest first, so that later ones cover it: half the points
    of drawing bands.
    """
    rows = keep_steps(run.weight_times, run.traded_times, MOST_POINTS)
    held = largest_holdings(run, rows)
    columns, names = [held.weights], list(held.names)
    inks = [f"k{place}" for place in held.colours]
    if held.others is not None:
        columns.append(held.others[:, None])
        names.append(f"{OTHERS} ({held.others_count})")
        inks.append("others")
    weights = np.column_stack(columns)
    scale = weights_scale(weights)
    x = across(axis, held.times)
    layers = [
        Layer(name, "area", ink, path, rounded(values, 4))
        for name, ink, path, values in zip(names, inks, _bands(scale, x, weights), weights.T, strict=True)
    ]
    cash = 1.0 - weights.sum(axis=1)
    layers.append(Layer(CASH, "area", "cash", "", rounded(cash, 4)))
    return Plot(
        key="weights",
        title="Weights by sector" if held.grouped else "Weights",
        note="Closing weights, drifting with prices between rebalances. What is missing to 100% is cash.",
        description=_words(run, names, weights, cash),
        form="percent",
        layers=layers,
        scale=scale,
        y_ticks=heights(scale, scale.percents()),
        x_ticks=dates(axis),
        clock="weights",
        moments=held.times,
        fixed=True,
    )


def weights_scale(weights: Floats) -> Scale:
    """From 0 to 100 %, further only where shorts or leverage go there."""
    above = np.maximum(weights, 0.0).sum(axis=1).max(initial=1.0)
    below = np.minimum(weights, 0.0).sum(axis=1).min(initial=0.0)
    if above <= 1.0 + 1e-6 and below >= -1e-6:
        return Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    return fit(np.array([below, above]), zero=True)


def _bands(scale: Scale, x: Ints, weights: Floats) -> list[str]:
    foot = int(upwards(scale, np.zeros(1))[0])
    above = np.cumsum(np.maximum(weights, 0.0), axis=1)
    below = np.cumsum(np.minimum(weights, 0.0), axis=1)
    paths = []
    for i in range(weights.shape[1]):
        path = filled(x, upwards(scale, above[:, i]), foot)
        if below[:, i].any():
            path += filled(x, upwards(scale, below[:, i]), foot)
        paths.append(path)
    return paths


def _words(run: RunNumbers, names: list[str], weights: Floats, cash: Floats) -> str:
    if not names:
        return "Stacked area chart. Nothing was held; the account was all cash."
    ends = [f"{name} {percent(weight, 0)}" for name, weight in zip(names, weights[-1].tolist(), strict=True)]
    return (
        f"Stacked area chart of {len(run.symbols)} assets. Weights at the end: {listed(ends, 12)}; "
        f"cash {percent(float(cash[-1]), 0)}."
    )
