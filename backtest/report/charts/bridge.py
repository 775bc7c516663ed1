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
    parts = [(first, "gross", "strategy"), *((name, "cost", "loss") for name in steps), (last, "total", "strategy")]
    span = "a year" if found.annual else "over the whole record"
    return waterfall(parts, found.values, found.profit, f"the return {span}")
