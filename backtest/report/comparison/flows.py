"""What became of the money, where some came from outside or went there: returns do not say it."""

from __future__ import annotations

from backtest.report.comparison.facts import Facts
from backtest.report.words import listed, money

MOST_RUNS = 6


def gained(facts: Facts) -> str | None:
    """What each run was worth at its end and gained, over the whole of its record."""
    told = [(str(each["name"]), each.get("flows")) for each in facts["variants"]]
    moved = [(name, flows) for name, flows in told if flows]
    if not moved:
        return None
    put = {(round(flows["contributed"], 2), round(flows["withdrawn"], 2)) for _, flows in moved}
    order = sorted(moved, key=lambda each: -each[1]["gain"])
    shown = order if len(order) <= MOST_RUNS else [*order[: MOST_RUNS - 1], order[-1]]
    said = [f"{money(flows['gain'])} with {name}" for name, flows in shown]
    if len(order) > MOST_RUNS:
        said[-1] = f"{len(order) - MOST_RUNS:,} between, and {said[-1]}, the least"
    same = len(put) == 1 and len(moved) == len(told)
    why = "of the same money" if same else "and not all of them of the same money"
    return (
        f"Money came from outside or went there, which no return here counts. Gained over whole records, {why}: "
        f"{listed(said, len(said))}."
    )
