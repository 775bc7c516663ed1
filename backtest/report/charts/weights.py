"""What the account was made of over time."""

from __future__ import annotations

import numpy as np

from backtest.report.charts.plot import Layer, Plot, across, filled, rounded, upwards
from backtest.report.content.account import lends, on_margin
from backtest.report.fifths import Fifths
from backtest.report.holdings import CASH, Stack, spread_words, stack_of
from backtest.report.numbers import RunNumbers
from backtest.report.scales import Scale, TimeAxis, fit
from backtest.report.thin import keep_steps
from backtest.report.words import listed, percent
from backtest.types import Floats, Ints

MOST_POINTS = 500
NOTE = "Closing weights, drifting with prices between rebalances. What is missing to 100% is cash."
FUTURES_NOTE = (
    "Closing values of positions over equity, drifting with prices between rebalances: longs above zero, shorts below. "
    "Futures tie up none of it but their margin."
)
MARGIN_NOTE = (
    "Closing weights, drifting with prices between rebalances: longs above zero, shorts below. What their sum leaves "
    "of 100% is cash, what it exceeds is debt."
)


def weights_plot(run: RunNumbers, axis: TimeAxis) -> Plot:
    """Stack closing weights, the largest at the foot; what is left to 100 % is cash. Shorts stack below zero."""
    rows = keep_steps(run.weight_times, run.traded_times, MOST_POINTS)
    stack = stack_of([run])
    weights = stack.weights(run, rows)
    scale = weights_scale(weights)
    return Plot(
        key="weights",
        title=weights_title(stack),
        note=" ".join(filter(None, (_note(run), spread_words(run)))),
        description=f"Stacked area chart of {len(run.symbols)} assets. {weights_words(stack, weights)}",
        form="percent",
        layers=stacked(stack, weights, across(axis, run.weight_times[rows]), scale),
        axis=axis,
        scale=scale,
        clock="weights",
        moments=run.weight_times[rows],
        fixed=True,
    )


def _note(run: RunNumbers) -> str:
    if not on_margin(run):
        return NOTE
    return MARGIN_NOTE if lends(run) else FUTURES_NOTE


def weights_title(stack: Stack | Fifths) -> str:
    """Name the chart by what the assets are summed by."""
    return f"Weights by {stack.by}" if stack.by else "Weights"


def weights_scale(weights: Floats) -> Scale:
    """From 0 to 100 %, further only where shorts or leverage go there."""
    above = np.maximum(weights, 0.0).sum(axis=1).max(initial=1.0)
    below = np.minimum(weights, 0.0).sum(axis=1).min(initial=0.0)
    if above <= 1.0 + 1e-6 and below >= -1e-6:
        return Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
    return fit(np.array([below, above]), zero=True)


def stacked(stack: Stack | Fifths, weights: Floats, x: Ints, scale: Scale, digits: int = 4) -> list[Layer]:
    """Return a layer a label, and the cash below all of them, which is not drawn.

    Each is drawn from zero up to its upper edge, the highest first, so that later ones cover it: half the points of
    drawing bands.
    """
    layers = [
        Layer(name, "area", ink, path, rounded(values, digits))
        for name, ink, path, values in zip(stack.labels, stack.inks, _bands(scale, x, weights), weights.T, strict=True)
    ]
    return [*layers, Layer(CASH, "area", "cash", "", rounded(1.0 - weights.sum(axis=1), digits))]


def weights_words(stack: Stack | Fifths, weights: Floats) -> str:
    """Say what was held at the end."""
    if not stack.labels:
        return "Nothing was held; the account was all cash."
    pairs = zip(stack.labels, weights[-1].tolist(), strict=True)
    ends = listed([f"{name} {percent(weight, 0)}" for name, weight in pairs], 12)
    return f"Weights at the end: {ends}; cash {percent(1.0 - float(weights[-1].sum()), 0)}."


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
