"""The market as plain lists, and one row of it together with the book that lives through it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .book import Book, Entry, Event, Fill, Outcome
from .costs import Costs
from .options import Rules

if TYPE_CHECKING:
    from .clock import Turn

Prices = list[list[float]]
KINDS = ("rename", "split", "dividend", "spin_off", "delisting")  # the order in which one asset's actions apply


class Action(NamedTuple):
    """A corporate action.

    `value` is new units per old unit (split), cash per unit (dividend), units of `other` per unit (spin_off), or the
    return on the last price (delisting). A rename moves everything to the column `other`.
    """

    row: int
    asset: int
    kind: str
    value: float
    other: int = -1


@dataclass(frozen=True)
class Clock:
    """When groups of assets that share their sessions open and close; NaN in a row where a group has none."""

    groups: tuple[int, ...]  # of each asset
    starts: Prices  # (T, K), in any unit
    ends: Prices
    sessions: tuple[tuple[int, ...], ...]  # by group and row: running number of the session, the last one's between two

    def decided(self, row: int) -> float:
        """Return when the decision of a row is taken: at the latest end."""
        return max(end for end in self.ends[row] if not math.isnan(end))

    def last_open(self, row: int, asset: int) -> int:
        """Return the last row up to `row` in which the asset's group has a session, -1 before its first."""
        group = self.groups[asset]
        return max((r for r in range(row + 1) if not math.isnan(self.starts[r][group])), default=-1)

    def session(self, row: int, asset: int) -> int:
        """Return the number of the session that the asset's group has in a row, or had before it."""
        return self.sessions[self.groups[asset]][row]


@dataclass(frozen=True)
class Bars:
    """Prices `(T, N)`, NaN where there is no bar. A field that the data do not have is None."""

    open: Prices | None
    close: Prices
    by_name: tuple[int, ...]  # the columns in the order of their symbols
    session: tuple[int, ...]  # running number of the session of each row
    actions: dict[int, list[Action]]
    clock: Clock
    high: Prices | None = None
    low: Prices | None = None
    volume: Prices | None = None
    month: tuple[int, ...] = ()  # running number of the month of each row
    ends: tuple[float, ...] = ()  # days: when each row ends
    member: list[list[bool]] | None = None  # who belongs to the universe

    @property
    def has_ranges(self) -> bool:
        """Whether the way of the price inside a bar is known at all."""
        return self.open is not None and self.high is not None and self.low is not None

    def is_real(self, row: int, asset: int) -> bool:
        """Whether every price field that the data has is finite and positive there."""
        fields = [table for table in (self.open, self.high, self.low, self.close) if table is not None]
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


def one_clock(assets: int, session: tuple[int, ...]) -> Clock:
    """Return the clock of assets that all open and close together, in every row."""
    rows = range(len(session))
    return Clock((0,) * assets, [[float(row)] for row in rows], [[row + 0.5] for row in rows], (session,))


def read_clock(
    groups: Sequence[int], starts: Iterable[Iterable[float]], ends: Iterable[Iterable[float]], session: Sequence[int]
) -> Clock:
    """Return the clock of groups; a new label in a row where a group has a session begins its next one."""
    opened, closed = read_prices(starts), read_prices(ends)
    sessions = []
    for k in range(len(opened[0])):
        numbers, label = [], None
        for row, stamps in enumerate(opened):
            if not math.isnan(stamps[k]) and session[row] != label:
                numbers.append(0 if label is None else numbers[-1] + 1)
                label = session[row]
            else:
                numbers.append(numbers[-1] if numbers else 0)
        sessions.append(tuple(numbers))
    return Clock(tuple(groups), opened, closed, tuple(sessions))


def group_actions(
    actions: Iterable[tuple[int, int, str, float] | tuple[int, int, str, float, int]],
) -> dict[int, list[Action]]:
    """Collect the actions of each row in the order in which they apply.

    Renames come first. Then, asset by asset, splits, dividends and delistings; but what concerns two assets waits for
    both: spin-offs come after all dividends, and in a row with spin-offs all delistings come after those.
    """
    rows: dict[int, list[Action]] = {}
    for entry in actions:
        rows.setdefault(int(entry[0]), []).append(Action(*entry))
    for row, those in rows.items():
        last = 3 if any(action.kind == "spin_off" for action in those) else 1
        phase = {"rename": 0, "split": 1, "dividend": 1, "spin_off": 2, "delisting": last}
        rows[row] = sorted(those, key=lambda a: (phase[a.kind], a.asset, KINDS.index(a.kind), a.other))
    return rows


@dataclass
class Day:
    """One row being played: the market, the rules, the book and the log, so that each step takes one argument."""

    row: int
    bars: Bars
    rules: Rules
    book: Book
    out: Outcome
    turn: Turn | None = None  # whose moment it is
    room: dict[int, float] = field(default_factory=dict)  # units of an asset that may still be filled in this row
    parts: dict[int, Fill] = field(default_factory=dict)  # by order: the reducing half of a fill, waiting for the other
    entered: dict[int, Entry] = field(default_factory=dict)  # what was opened or increased inside this bar
    touched: set[int] = field(default_factory=set)  # assets that were filled outside a basket
    held: list[float] = field(default_factory=list)  # quantities before the first spin-off of the row
    reinvested: dict[int, float] = field(default_factory=dict)  # money of dividends that buys more of the same asset

    @property
    def actions(self) -> list[Action]:
        """The corporate actions of this row, in the order in which they apply."""
        return self.bars.actions.get(self.row, [])

    def is_tradable(self, asset: int) -> bool:
        """Whether the asset has a real bar in this row and has not left the market (by now)."""
        return not self.book.delisted[asset] and self.bars.is_real(self.row, asset)

    def is_member(self, asset: int) -> bool:
        """Whether the asset belongs to the universe in this row."""
        return self.bars.member is None or self.bars.member[self.row][asset]

    def prices(self, table: Prices) -> list[float]:
        """Return the row's prices in `table`, the mark where there is no bar."""
        return [table[self.row][i] if self.is_tradable(i) else mark for i, mark in enumerate(self.book.marks)]

    def costs(self, asset: int) -> Costs:
        """Return what a trade of the asset in this row pays by."""
        return self.rules.costs.of(self.row, asset, self.book.tier_volume)

    def log(self, kind: str, value: float, asset: int = -1, order_id: int = -1, reason: str = "") -> None:
        """Write down an event of this row."""
        self.book.happened.add(kind)
        self.out.events.append(Event(self.row, kind, value, asset, order_id, reason=reason))

    def log_all(self, kind: str, value: float, asset: int = -1, order_id: int = -1, reason: str = "") -> None:
        """Write down an event that only those read who asked for all of them; that it happened is known anyway."""
        self.book.happened.add(kind)
        if self.rules.all_events:
            self.log(kind, value, asset, order_id, reason)
