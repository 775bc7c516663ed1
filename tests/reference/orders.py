"""Explicit orders: what an answer asks for, and what works in the book until it is filled, cancelled or outlived."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

KINDS = ("market", "market_on_close", "limit", "stop", "stop_limit", "trailing", "sliced")
NEEDS = {"limit": ("limit",), "stop": ("stop",), "stop_limit": ("stop", "limit"), "trailing": ("trail",)}


@dataclass(frozen=True)
class Order:
    """An order in an answer. Its number is the book's next one plus its place in the answer.

    Parameters
    ----------
    asset, quantity
        Column, and units: positive buys, negative sells. The quantity of a child is that of its parent's fills.
    kind
        One of KINDS.
    limit, stop
        Levels, in money.
    trail, trail_is_percent
        Distance from the best price since the order began to work, in money or as a fraction of that price.
    reduce_only
        Never opens: clips to the position, sleeps without one.
    tif
        "day" (the session of its first row), "gtc", "gtd" (through `expires_row`, or through `expires_session`).
    parent
        Place in the same answer of the entry that this order protects, -1 = none. A child is born by the fills of its
        parent, reduces only, and the children of one parent cancel each other.
    group
        Orders with the same number >= 0 cancel each other.
    replaces
        Number of a working order that is cancelled for this one, -1 = none.
    tag
        Whatever the strategy wants to read in the fills.
    first_row, last_row
        Of a sliced order: the rows over which it is filled.
    curve
        Which part of a sliced order is due by the end of each of those rows, rising to 1; none: equal steps.
    """

    asset: int
    quantity: float
    kind: str = "market"
    limit: float = math.nan
    stop: float = math.nan
    trail: float = math.nan
    trail_is_percent: bool = False
    reduce_only: bool = False
    tif: str = "gtc"
    expires_row: int = -1
    expires_session: int = -1
    parent: int = -1
    group: int = -1
    replaces: int = -1
    tag: int = 0
    first_row: int = -1
    last_row: int = -1
    curve: tuple[float, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a decision may consist of. Weights of None leave the targets alone."""

    weights: Sequence[float] | None = None
    orders: Sequence[Order] = ()
    cancels: Sequence[int] = ()


@dataclass
class Working:
    """An order in the book. `quantity` is what is left of it, 0 for a child that is not born yet."""

    order_id: int
    asset: int
    quantity: float
    kind: str
    limit: float
    stop: float
    trail: float
    trail_is_percent: bool
    reduce_only: bool
    tif: str
    expires_row: int
    expires_session: int
    parent_id: int
    group: int
    tag: int
    decision_row: int
    decision_price: float
    last_session: int = -1  # of a day order, known from its first row on
    filled: float = 0.0
    is_triggered: bool = False  # a stop or trail that was reached: the rest is a market order
    limit_from: int = -1  # row from which on the limit of a stop-limit works
    extreme: float = math.nan  # of a trail: the best price since it began to work
    is_new: bool = False  # woken inside this bar by an entry
    basket_row: int = -1  # the row of the answer whose basket it waits for
    reason: str = ""  # of an order that the account itself has placed
    first_row: int = -1  # of a sliced order
    last_row: int = -1
    curve: tuple[float, ...] = ()
    slice_id: int = -1  # number of its slice of the row `slice_row`
    slice_row: int = -1

    @property
    def side(self) -> float:
        """1 for a buy, -1 for a sale."""
        return math.copysign(1.0, self.quantity)

    @property
    def is_born(self) -> bool:
        """Whether there is anything to fill yet."""
        return self.quantity != 0.0


def bracket(
    entry: Order, *, stop: float = math.nan, target: float = math.nan, trail: float = math.nan, place: int = 0
) -> tuple[Order, ...]:
    """Return the entry and its children; `place` is where in the answer the entry will stand."""
    child = Order(entry.asset, 0.0, parent=place, tag=entry.tag)
    children = [
        replace(child, kind="stop", stop=stop),
        replace(child, kind="limit", limit=target),
        replace(child, kind="trailing", trail=trail),
    ]
    return (entry, *(c for c in children if not all(math.isnan(level) for level in (c.stop, c.limit, c.trail))))


def check_order(order: Order) -> None:
    """Refuse an order that cannot mean anything."""
    if order.kind not in KINDS or order.tif not in ("day", "gtc", "gtd"):
        raise ValueError(f"unknown kind {order.kind!r} or time in force {order.tif!r}")
    for name in NEEDS.get(order.kind, ()):
        level = getattr(order, name)
        if not (math.isfinite(level) and level > 0.0):
            raise ValueError(f"a {order.kind} order needs a positive {name}, not {level}")
    if order.parent < 0 and not (math.isfinite(order.quantity) and order.quantity != 0.0):
        raise ValueError(f"an order of {order.quantity} units")
    if order.tif == "gtd" and order.expires_row < 0 and order.expires_session < 0:
        raise ValueError("a gtd order needs a row or a session")
    if order.kind == "sliced" and not 0 <= order.first_row <= order.last_row:
        raise ValueError(f"slices from row {order.first_row} to row {order.last_row}")
    if order.curve and len(order.curve) != order.last_row - order.first_row + 1:
        raise ValueError(f"a curve of {len(order.curve)} rows")
