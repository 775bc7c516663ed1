"""A file of flows: a date and an amount a line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from backtest.errors import DataError
from backtest.schedule.flows import Flow

COLUMNS = ("date", "amount")


def read_flows(file: Path) -> tuple[Flow, ...]:
    """Read a CSV file with the columns date and amount, one flow a line, in any order."""
    try:
        table = pd.read_csv(file, dtype=str, skipinitialspace=True, keep_default_na=False)
    except FileNotFoundError:
        raise DataError(f"{file}: no such file; flows are a CSV file with {' and '.join(COLUMNS)}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read as CSV: {error}") from error
    table.columns = table.columns.str.strip().str.lower()
    if not set(COLUMNS) <= set(table.columns):
        raise DataError(f"{file}: received the columns {', '.join(table.columns)}; allowed: {', '.join(COLUMNS)}")
    if not len(table):
        raise DataError(f"{file}: no line below the header; at least one flow")
    lines = zip(table["date"].str.strip(), table["amount"].str.strip(), strict=True)
    return tuple(_flow(day, amount, f"{file}:{k + 2}") for k, (day, amount) in enumerate(lines))


def _flow(day: str, amount: str, place: str) -> Flow:
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise DataError(f"{place}: date: received {day!r}; allowed: YYYY-MM-DD") from None
    try:
        return Flow(amount=float(amount.replace("_", "")), date=when)
    except ValidationError:
        raise DataError(f"{place}: amount: received {amount!r}; allowed: money within ±1e15, and not 0") from None
    except ValueError:
        raise DataError(f"{place}: amount: received {amount!r}; allowed: a number, below 0 to take out") from None
