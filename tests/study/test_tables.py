"""What the tables of a comparison say, from made facts, beside what the verdict says of the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtest.report.comparison import StudyNumbers, verdict
from backtest.report.comparison.bars import paid, ranking
from backtest.report.comparison.luck import begun, led
from backtest.report.comparison.paid import dearest
from backtest.report.comparison.parts import periods, starts
from backtest.report.comparison.tables import costs, differences, measured, stress

from .runs import days, facts, made_pairs, variant

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
    assert (
        begun(told) == "Of three later beginnings, all to the same end, it leads from two; b from two "
        "(in one of the three, several are level)."
    )
    assert led(told) == "It led in three of four years (in one of the four, several are level)."


def test_costs_may_take_less_than_was_paid() -> None:
    """In a falling market what is paid no longer falls: 0.40 % paid, 0.25 points taken; the note allows for both."""
    fallen = variant("a", gross_annual_return=-0.4, annual_return=-0.4025, cost_drag=0.004)
    table = costs(numbers(facts(fallen, B)))
    row = dict(zip(table.columns, next(row for row in table.rows if row[0] == "a"), strict=True))
    assert (row["Costs took"], row["Paid a year, of the account"]) == ("0.25%", "0.40%")
    assert "The two differ, either way" in table.note


LEVERED = variant(
    "levered",
    sharpe=0.6,
    gross_annual_return=0.1208,
    free_trading_annual_return=0.0968,
    annual_return=0.0946,
    financing_drag=0.0216,
    turnover=2.04,
)
EARNING = variant(
    "earning", gross_annual_return=0.05, free_trading_annual_return=0.06, annual_return=0.055, financing_drag=-0.01
)


def test_financing_is_told_apart_from_trading_wherever_costs_are() -> None:
    told = facts(A, LEVERED, EARNING)
    rows = {row.name: row for row in paid(numbers(told))}
    assert rows["levered"].told == "12.08% → 9.46%"
    assert rows["earning"].told == "5.00% → 5.50%"
    assert rows["a"].told == "7.10% → 7.00%"
    assert rows["levered"].financed.width > 5.0 * rows["levered"].traded.width > 0.0
    assert rows["earning"].financed.width == 0.0
    assert dearest(told) == (
        "Costs took 2.62% a year of the return of levered (trading 0.22% at 204% turnover, financing 2.40%); of "
        "earning, −0.50% (trading 0.50%, financing −1.00%)."
    )
    assert "The rates of financing are not doubled." in stress(numbers(told)).note
    assert "financing" not in stress(numbers(facts(A, B))).note
    assert [row.told for row in paid(numbers(facts(A, B)))] == ["7.10% → 7.00%"] * 2


def test_what_costs_took_of_a_loss_is_the_end_of_the_bar() -> None:
    fallen = variant("a", gross_annual_return=-0.2, free_trading_annual_return=-0.2, annual_return=-0.3)
    row = next(row for row in paid(numbers(facts(fallen, B))) if row.name == "a")
    assert row.traded.left + row.traded.width == pytest.approx(row.kept.left)
    assert row.kept.left + row.kept.width == pytest.approx(row.zero)


def test_parts_that_are_no_years_have_dates_and_the_error_of_their_length() -> None:
    quarters = [{**part(f"part {k} of 4", 1.0, 0.5), "first": f"2020-0{k}-01", "last": f"2020-0{k}-28"} for k in (1, 2)]
    grid = periods(numbers(facts(A, B, periods=[{**each, "rows": 126} for each in quarters])))
    assert [name for name, _ in grid.columns] == ["2020-01-01 to 2020-01-28", "2020-02-01 to 2020-02-28"]
    assert grid.note.endswith("A part of 0.50 years says little: the error of a Sharpe ratio over it is about 1.4.")
    years = periods(numbers(facts(A, B, periods=NEAR)))
    assert [name for name, _ in years.columns] == ["2013", "2014", "2015", "2016"]
    assert years.note.endswith("the error of a Sharpe ratio of one year is about 1.")


def test_no_p_value_is_zero() -> None:
    sure = {"control": "romano_wolf", "alpha": 0.05, "tests": [{**made_pairs(["a", "b"])[0], "adjusted": 0.0005}]}
    best = {"alpha": 0.1, "inside": ["a"], "p_value": {"a": 1.0, "b": 0.0005}}
    told = numbers(facts(A, B, pairs=sure, confidence_set=best))
    assert [row[3] for row in measured(told).rows] == ["yes (p\u00a0=\u00a01.00)", "no (p\u00a0<\u00a00.01)"]
    cell = differences(told).rows[0][2][1]
    assert (cell.text, cell.strong) == ("+0.10 ·\u00a0<\u00a00.01", True)
    assert cell.hint.endswith("p < 0.01 among all")


@pytest.mark.parametrize(
    ("places", "words"), [(["costs.commission_bps"], "costs"), (["capital"], "capital"), (["capital", "costs.x"], None)]
)
def test_what_needs_no_test_is_not_tested(places: list[str], words: str | None) -> None:
    differs = [{"place": place, "values": ["0", "50"]} for place in places]
    told = facts(A, B, inside=("a",), differs=differs)
    assert f"The runs differ in their {words or 'costs and capital'} alone" in verdict(told)
    table, grid = measured(numbers(told)), differences(numbers(told))
    assert "May be best" not in table.columns
    assert {len(row) for row in table.rows} == {len(table.columns)}
    assert [cell.text for cell in grid.rows[0][2]] == ["", "+0.10"]
    assert not any(cell.strong or "p " in cell.hint for _, _, cells in grid.rows for cell in cells)
    assert all(row.inside for row in ranking(numbers(told)).rows)
    tested = measured(numbers(facts(A, B, inside=("a",), differs=[*differs, {"place": "seed", "values": ["1", "2"]}])))
    assert [row[3] for row in tested.rows] == ["yes", "no"]
