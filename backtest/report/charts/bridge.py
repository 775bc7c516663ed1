"""From the return before costs to what was left."""

from __future__ import annotations

from backtest.report.charts.waterfall import Waterfall, waterfall
from backtest.report.content.bridge import bridge
from backtest.report.numbers import RunNumbers

FEWEST = 3
"""Steps: gross, a cost, net."""


def bridge_bars(run: RunNumbers) -> Waterfall | None:
    """Return one bar a step, each beginning where the one before it ended; None where nothing lies in between."""
    found = bridge(run)
    if found is None or len(found.names) < FEWEST:
        return None
    first, *steps, last = found.names
    inks = ["gain" if value > 0.0 else "loss" for value in found.values[1:-1].tolist()]
    between = [(name, "cost", ink) for name, ink in zip(steps, inks, strict=True)]
    parts = [(first, "gross", "strategy"), *between, (last, "total", "strategy")]
    span = "a year" if found.annual else "over the whole record"
    return waterfall(parts, found.values, found.profit, f"the return {span}")
