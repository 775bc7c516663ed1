"""What costs leave in doubt: too few of them, or too many."""

from __future__ import annotations

from backtest.report.content.bridge import bridge
from backtest.report.findings.finding import Finding
from backtest.report.numbers import RunNumbers
from backtest.report.tables.money import COSTS
from backtest.report.words import listed, percent

MUCH = 0.2


def costless(run: RunNumbers) -> Finding | None:
    """Trades without any cost."""
    if not run.value("fills") or run.value("total_cost"):
        return None
    return Finding(
        "costless", "serious", "Costs are not modelled", "Every trade was free. Real ones are not: set costs."
    )


def partly_costless(run: RunNumbers) -> Finding | None:
    """Some kinds of cost that no trade paid."""
    missing = [kind for kind in COSTS if not run.fills[kind].any()]
    if not run.value("fills") or not run.value("total_cost") or not missing:
        return None
    text = (
        f"No trade paid for {listed(missing)}. The larger the account and the thinner the market, the more it flatters."
    )
    return Finding("partly_costless", "doubt", "Some costs are left out", text)


def dear(run: RunNumbers) -> Finding | None:
    """Costs that took a large part of what was earned before them."""
    found = bridge(run)
    if found is None or found.values[0] <= 0.0:
        return None
    share = float((found.values[0] - found.values[-1]) / found.values[0])
    if share <= MUCH:
        return None
    who = "Costs and financing" if run.value("financing") else "Costs"
    before, left = (percent(float(value), sign=True) for value in (found.values[0], found.values[-1]))
    text = (
        f"{who} took {percent(share, 0)} of the return before them: {before} became {left}"
        f"{' a year' if found.annual else ''}. How much is left hangs on how well they are known."
    )
    return Finding("dear", "doubt", "Costs eat the return", text)
