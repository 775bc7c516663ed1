"""Lots: what each unit cost, and what was earned when it went. They follow from the fills; nothing follows from them.

The cost basis includes the costs of the trade: a unit bought has cost more than its price, a unit sold has brought
less. A short lot's price is what it brought.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .bars import Action
from .book import Fill, Outcome, Spun
from .history import lived_rows, steps

METHODS = ("fifo", "lifo", "highest_cost", "average")


@dataclass
class Lot:
    """Units (signed) that were opened together, and what one of them cost or brought, costs included."""

    asset: int
    quantity: float
    price: float
    row: int


@dataclass(frozen=True)
class Closed:
    """A part of a lot that was closed; `price` is what a unit brought or cost then, costs included."""

    lot_row: int
    row: int
    asset: int
    quantity: float  # signed as the lot was
    lot_price: float
    price: float

    @property
    def profit(self) -> float:
        """What was realised."""
        return self.quantity * (self.price - self.lot_price)


@dataclass
class Lots:
    """All open lots, each asset's oldest first, and all that were closed, in their order."""

    method: str
    held: dict[int, list[Lot]] = field(default_factory=dict)
    closed: list[Closed] = field(default_factory=list)

    @property
    def realised(self) -> float:
        """What all closed lots have earned."""
        return math.fsum(closed.profit for closed in self.closed)

    def unrealised(self, marks: list[float]) -> float:
        """Return what all open lots would earn at `marks`, without further costs."""
        return math.fsum(lot.quantity * (marks[lot.asset] - lot.price) for lots in self.held.values() for lot in lots)


def follow_lots(out: Outcome, method: str = "fifo") -> Lots:
    """Follow the lots of a run."""
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}, not one of {METHODS}")
    lots = Lots(method)
    for row in lived_rows(out):
        for step in steps(out, row):
            if isinstance(step, Fill):
                book_fill(lots, step)
            elif isinstance(step, Spun):
                spin(lots, step)
            else:
                restate(lots, step)
    return lots


def restate(lots: Lots, action: Action) -> None:
    """Apply a split or a rename."""
    if action.kind == "rename":
        moved = lots.held.pop(action.asset, [])
        lots.held[action.other] = moved
        for lot in moved:
            lot.asset = action.other
        return
    for lot in lots.held.get(action.asset, []):
        lot.quantity *= action.value
        lot.price /= action.value


def spin(lots: Lots, spun: Spun) -> None:
    """Move a part of each lot's basis into a lot of the child, which is as old as its parent's."""
    parents = lots.held.get(spun.parent, [])
    held = math.fsum(lot.quantity for lot in parents)
    for lot in parents:
        units = spun.units * lot.quantity / held
        price = lot.quantity * lot.price * spun.share / units
        lot.price *= 1.0 - spun.share
        trade(lots, spun.child, units, price, spun.row, lot.row)


def book_fill(lots: Lots, fill: Fill) -> None:
    """Book a fill; its costs are shared by units."""
    price = fill.price + math.copysign(fill.cost / abs(fill.quantity), fill.quantity)
    trade(lots, fill.asset, fill.quantity, price, fill.row, fill.row)


def trade(lots: Lots, asset: int, quantity: float, price: float, row: int, lot_row: int) -> None:
    """Close what `quantity` closes, lot by lot, and open a lot with the rest."""
    left = quantity
    for lot in in_turn(lots, asset):
        if left * lot.quantity >= 0.0:
            break
        part = math.copysign(min(abs(left), abs(lot.quantity)), lot.quantity)
        lots.closed.append(Closed(lot.row, row, asset, part, lot.price, price))
        lot.quantity -= part
        left += part
    rounding = 1e-12 * abs(quantity)
    lots.held[asset] = [lot for lot in lots.held.get(asset, []) if abs(lot.quantity) > rounding]
    if abs(left) > rounding:
        add(lots, Lot(asset, left, price, lot_row))


def in_turn(lots: Lots, asset: int) -> list[Lot]:
    """Return an asset's lots in the order in which they are closed; of equal prices the oldest goes first."""
    held = lots.held.get(asset, [])
    if lots.method == "lifo":
        return held[::-1]
    if lots.method == "highest_cost":  # what earns least: a long that cost most, a short that brought least
        return sorted(held, key=lambda lot: -lot.price * math.copysign(1.0, lot.quantity))
    return list(held)


def add(lots: Lots, lot: Lot) -> None:
    """Add a lot; with average cost there is one of each asset, as old as the oldest."""
    held = lots.held.setdefault(lot.asset, [])
    if lots.method == "average" and held:
        old = held[0]
        old.price = (old.quantity * old.price + lot.quantity * lot.price) / (old.quantity + lot.quantity)
        old.quantity += lot.quantity
    else:
        held.append(lot)
