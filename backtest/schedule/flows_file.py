"""A file of flows: a date and an amount a line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import ValidationError

from backtest.market.lines import read_lines, refuse
from backtest.schedule.flows import Flow

COLUMNS = ("date", "amount")


def read_flows(file: Path) -> tuple[Flow, ...]:
    """Read a CSV file with the columns date and amount, one flow a line, in any order."""
    table = read_lines(file, COLUMNS, "flows are a CSV file", "flow")
    found: dict[int, Flow] = {}
    wrong: dict[int, str] = {}
    for line, (day, amount) in enumerate(zip(table["date"], table["amount"], strict=True), 2):
        try:
            found[line] = _flow(day, amount)
        except _WrongLine as error:
            wrong[line] = str(error)
    refuse(file, wrong)
    return tuple(found.values())


class _WrongLine(Exception):
    """A line that says no flow; its argument is why."""


def _flow(day: str, amount: str) -> Flow:
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise _WrongLine(f"date: received {day!r}; allowed: YYYY-MM-DD") from None
    try:
        return Flow(amount=float(amount.replace("_", "")), date=when)
    except ValidationError:
        raise _WrongLine(f"amount: received {amount!r}; allowed: money within ±1e15, and not 0") from None
    except ValueError:
        raise _WrongLine(f"amount: received {amount!r}; allowed: a number, below 0 to take out") from None
