"""From the return before costs to what was left."""

from __future__ import annotations

from backtest.report.charts.parts import Bar, Contributions, stretches
from backtest.report.content.bridge import bridge
from backtest.report.numbers import RunNumbers
from backtest.report.words import money, percent

FEWEST = 3
"""Steps: gross, a cost, net."""


def bridge_bars(run: RunNumbers) -> Contributions | None:
    """Return one bar a step, each beginning where the one before it ended; None where nothing lies in between."""
    found = bridge(run)
    if found is None or len(found.names) < FEWEST:
        return None
    ends = stretches(found.values)
    low, high = min(float(ends.min()), 0.0), max(float(ends.max()), 0.0)
    room, last = (high - low) or 1.0, len(found.names) - 1
    bars = [
        Bar(
            name=name,
            kind={0: "gross", last: "total"}.get(k, "cost"),
            ink="strategy" if k in (0, last) else "loss",
            left=round((min(begin, end) - low) / room * 100.0, 3),
            width=round(abs(end - begin) / room * 100.0, 3),
            points=percent(value, 2, sign=True),
            profit=money(profit, sign=True),
        )
        for k, (name, value, profit, (begin, end)) in enumerate(
            zip(found.names, found.values.tolist(), found.profit.tolist(), ends.tolist(), strict=True)
        )
    ]
    span = "a year" if found.annual else "over the whole record"
    spoken = ", ".join(f"{bar.name} {bar.points}" for bar in bars)
    return Contributions(bars, round(-low / room * 100.0, 3), f"Bar chart of the return {span}: {spoken}.")
