"""The market as plain lists, and one row of it together with the book that lives through it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .book import Book, Event, Outcome, Rules

Prices = list[list[float]]
KINDS = ("split", "dividend", "delisting")  # the order in which one asset's actions of one row apply


class Action(NamedTuple):
    """A corporate action: new units per old unit, cash per unit, or the return on the last price."""

    row: int
    asset: int
    kind: str
    value: float


@dataclass(frozen=True)
class Bars:
    """Prices `(T, N)`, NaN where there is no bar. `open` is None when the data has closes only."""

    open: Prices | None
    close: Prices
    by_name: tuple[int, ...]  # the columns in the order of their symbols
    session: tuple[int, ...]  # running number of the session of each row
    actions: dict[int, list[Action]]

    def is_real(self, row: int, asset: int) -> bool:
        """Whether every price field that the data has is finite and positive there."""
        fields = [self.close] if self.open is None else [self.open, self.close]
        return all(math.isfinite(table[row][asset]) and table[row][asset] > 0.0 for table in fields)


def read_prices(table: Iterable[Iterable[float]]) -> Prices:
    """Copy anything of shape `(T, N)` into lists of Python floats."""
    return [[float(price) for price in row] for row in table]


def number_sessions(labels: Sequence[int] | None, rows: int) -> tuple[int, ...]:
    """Number the sessions 0, 1, 2, ... in the order of their rows; without labels each row is a session."""
    if labels is None:
        return tuple(range(rows))
    numbers = [0]
    for row in range(1, rows):
        numbers.append(numbers[-1] + (1 if labels[row] != labels[row - 1] else 0))
    return tuple(numbers)


def group_actions(actions: Iterable[tuple[int, int, str, float]]) -> dict[int, list[Action]]:
    """Collect the actions of each row, sorted by asset and then split, dividend, delisting."""
    rows: dict[int, list[Action]] = {}
    for action in sorted((Action(*entry) for entry in actions), key=lambda a: (a.asset, KINDS.index(a.kind))):
        rows.setdefault(action.row, []).append(action)
    return rows


@dataclass(frozen=True)
class Day:
    """One row being played: the market, the rules, the book and the log, so that each step takes one argument."""

    row: int
    bars: Bars
    rules: Rules
    book: Book
    out: Outcome

    @property
    def actions(self) -> list[Action]:
        """The corporate actions of this row, in the order in which they apply."""
        return self.bars.actions.get(self.row, [])

    def is_tradable(self, asset: int) -> bool:
        """Whether the asset has a real bar in this row and has not left the market (by now)."""
        return not self.book.delisted[asset] and self.bars.is_real(self.row, asset)

    def log(self, kind: str, value: float, asset: int = -1, order_id: int = -1) -> None:
        """Write down an event of this row."""
        self.out.events.append(Event(self.row, kind, value, asset, order_id))
