"""What money earns and costs between two row ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .bars import Day
from .book import Carry
from .options import Finance, Rules


@dataclass(frozen=True)
class Rates:
    """Rates a year as series: `(T,)`, and `(T, N)` for borrowing and for the funding of perpetual futures."""

    cash: list[float]
    loan: list[float]
    rebate: list[float]
    borrow: list[list[float]]
    funding: list[list[float]]


def read_rates(finance: Finance, rows: int, assets: int) -> Rates:
    """Spread numbers out over rows and assets."""
    return Rates(
        cash=read_series(finance.cash, rows),
        loan=read_series(finance.loan, rows),
        rebate=read_series(finance.rebate, rows),
        borrow=read_table(finance.borrow, rows, assets),
        funding=read_table(0.0 if finance.funding is None else finance.funding, rows, assets),
    )


def read_series(rate: float | Sequence[float], rows: int) -> list[float]:
    """Return one rate a row."""
    return [float(rate)] * rows if isinstance(rate, (int, float)) else [float(entry) for entry in rate]


def read_table(rate: object, rows: int, assets: int) -> list[list[float]]:
    """Return one rate a row and asset."""
    if isinstance(rate, (int, float)):
        return [[float(rate)] * assets for _ in range(rows)]
    table = list(rate)  # type: ignore[call-overload]
    if isinstance(table[0], (int, float)):
        return [[float(entry) for entry in table] for _ in range(rows)]
    return [[float(entry) for entry in row] for row in table]


def carry(day: Day, rates: Rates) -> None:
    """Pay for the time between the ends of the row before and of this one, by the rates known then.

    With V the value of all shorts at the marks and B = cash - V: cash earns on B, a loan costs on -B, shorts earn the
    rebate on V and pay the borrow fee of each asset. No money changes hands for a perpetual future: what longs of it
    seem to have paid, and shorts to have brought, is put back into B. Its longs pay the funding rate to its shorts.
    """
    book, before = day.book, day.row - 1
    years = (day.bars.ends[day.row] - day.bars.ends[before]) / 365.0
    perpetual = [i for i, q in enumerate(book.quantities) if q != 0.0 and is_perpetual(day.rules, i)]
    shorts = [i for i, q in enumerate(book.quantities) if q < 0.0 and i not in perpetual]
    value = math.fsum(-book.quantities[i] * book.marks[i] for i in shorts)
    fee = math.fsum(-book.quantities[i] * book.marks[i] * rates.borrow[before][i] for i in shorts)
    posted = {i: book.quantities[i] * book.marks[i] for i in perpetual}
    balance = book.cash - value + math.fsum(posted.values())
    paid = Carry(
        row=day.row,
        interest=years * max(balance, 0.0) * rates.cash[before],
        loan=-years * max(-balance, 0.0) * rates.loan[before],
        rebate=years * value * rates.rebate[before],
        borrow=-years * fee,
        funding=-years * math.fsum(worth * rates.funding[before][i] for i, worth in posted.items()),
    )
    book.cash += paid.total
    day.out.carry.append(paid)


def is_perpetual(rules: Rules, asset: int) -> bool:
    """Whether an asset is a perpetual future."""
    return bool(rules.perpetual) and rules.perpetual[asset]
