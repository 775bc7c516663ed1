"""What the tables of a comparison say, from made facts, beside what the verdict says of the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from backtest.report.comparison import StudyNumbers
from backtest.report.comparison.luck import begun, led
from backtest.report.comparison.tables import costs, periods, starts

from .runs import days, facts, variant

A, B = variant("a", sharpe=1.0), variant("b", sharpe=0.8)


def numbers(told: dict[str, Any]) -> StudyNumbers:
    """Facts as a page reads them; no series is drawn here."""
    rows, runs = 30, len(told["variants"])
    return StudyNumbers(Path(), told, days(rows), np.ones((rows, runs)), None)


def part(name: str, *sharpe: float | None) -> dict[str, Any]:
    return {"name": name, "sharpe": list(sharpe)}


NEAR = [part("2013", 1.0, 0.8), part("2014", 1.054, 1.056), part("2015", 1.0, 1.004), part("2016", 1.0, 0.9)]
"""In 2014 two digits show who is first, in 2015 they do not."""


def test_the_verdict_counts_the_bold_marks_of_the_table() -> None:
    told = facts(A, B, starts=NEAR, periods=NEAR)
    for grid in (starts(numbers(told)), periods(numbers(told))):
        bold = {name: [cell.strong for cell in cells] for name, _, cells in grid.rows}
        assert bold == {"a": [True, False, True, True], "b": [False, True, True, False]}
    assert begun(told) == "Of three later beginnings it leads from two; b from two (level in one of them)."
    assert led(told) == "It led in three of four years."


def test_costs_may_take_less_than_was_paid() -> None:
    """In a falling market what is paid no longer falls: 0.40 % paid, 0.25 points taken; the note allows for both."""
    fallen = variant("a", gross_annual_return=-0.4, annual_return=-0.4025, cost_drag=0.004)
    table = costs(numbers(facts(fallen, B)))
    row = dict(zip(table.columns, next(row for row in table.rows if row[0] == "a"), strict=True))
    assert (row["Costs took"], row["Paid a year, of the account"]) == ("0.25%", "0.40%")
    assert "The two differ, either way" in table.note
