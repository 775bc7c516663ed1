"""What the simulator remembers, and what it writes down: plain records without behaviour.

The fields of `Fill`, `Decision` and `Event` have the names of the engine's records; kinds are words here, not numbers.
Nobody owns more than one account in this reference, so `owner` is always 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .orders import Working


@dataclass(frozen=True)
class View:
    """What a strategy that is asked may know of its book: the marked state of the row."""

    cash: float
    quantities: tuple[float, ...]
    marks: tuple[float, ...]  # NaN before the first bar
    equity: float
    orders: tuple[Working, ...] = ()  # copies of what works, in the order of their numbers
    next_order: int = 0  # the number of the first order that an answer places


@dataclass
class Fill:
    """A trade that happened. `quantity` is signed; `price` is the reference price, costs are apart."""

    row: int
    asset: int
    order_id: int
    decision_row: int
    quantity: float
    price: float
    decision_price: float
    arrival_price: float
    reason: str = "target"  # or the kind of the order, "stop", "target_exit", "trail", "delisting", ...
    commission: float = 0.0
    spread: float = 0.0
    slippage: float = 0.0
    impact: float = 0.0  # of the square root
    parent_id: int = -1
    owner: int = 0
    temporary: float = 0.0
    permanent: float = 0.0
    tag: int = 0
    moment: str = "open"  # or "inside", "close"

    @property
    def cost(self) -> float:
        """Everything that it cost, in money."""
        return self.commission + self.spread + self.slippage + self.impact + self.temporary + self.permanent


@dataclass
class Decision:
    """Targets that became a basket. What only the fill can tell stays NaN (`done_row` -1) while the basket works."""

    row: int
    source: str  # "answer", "plan", "reapply"
    reasons: int
    drift: float
    drift_asset: int
    equity: float  # that sizing divided: at the decision's marks, or at the fill's prices
    equity_after: float = math.nan  # the x that sizing solved for
    n_orders: int = 0
    n_fills: int = 0
    scale: float = math.nan
    net_before: float = math.nan
    net_after: float = math.nan
    done_row: int = -1
    owner: int = 0


@dataclass
class Event:
    """Something that happened to the book; `asset` and `order_id` are -1 when it concerns none."""

    row: int
    kind: str
    value: float
    asset: int = -1
    order_id: int = -1
    owner: int = 0
    reason: str = ""


class Entry(NamedTuple):
    """How a position was opened or increased inside a bar: at which price, and whether a limit order did it."""

    price: float
    by_limit: bool


@dataclass
class TargetOrder:
    """A wish of a basket, split at zero: what reduces the position, and what opens one. Both signed, in units."""

    order_id: int
    asset: int
    reducing: float
    opening: float
    bars_met: int = 0

    @property
    def quantity(self) -> float:
        """The whole order."""
        return self.reducing + self.opening


@dataclass
class Basket:
    """The orders of one decision. `orders` is None until it is sized (`at_fill` sizes when it fills)."""

    decision: Decision
    targets: list[float]
    decision_prices: list[float]
    orders: list[TargetOrder] | None = None
    has_met: bool = False  # its first opportunity has passed


@dataclass
class Slot:
    """The declared exits of one position; NaN without a position. Levels and distances are money."""

    entry: float = math.nan  # average reference price of what is held
    stop: float = math.nan
    target: float = math.nan
    distance: float = math.nan  # of the trail
    extreme: float = math.nan
    is_new: bool = False  # opened inside this bar
    fired: str = ""  # the exit that has fired but could not be filled whole


@dataclass
class Book:
    """The account, and everything else that the next row depends on. Lists have one entry an asset."""

    cash: float
    equity: float  # at the last mark
    quantities: list[float]
    marks: list[float]  # last known price, NaN before the first bar
    last_bar: list[int]  # session number of the last real bar, -1 before the first
    flagged_stale: list[bool]
    delisted: list[bool]
    reference: list[float] | None = None  # weights attained by the last basket, None before the first
    targets: list[float] | None = None  # last raw targets
    pending: Basket | None = None
    next_order: int = 0
    frozen: bool = False
    orders: list[Working] = field(default_factory=list)  # by number
    slots: list[Slot] = field(default_factory=list)
    exited: list[bool] = field(default_factory=list)  # an exit took it out; targets that are sent again leave it alone
    month_volume: float = 0.0  # money traded in this month
    tier_volume: float = 0.0  # the part of it that the commission tier counts already
    unsettled: list[tuple[int, float, int]] = field(default_factory=list)  # usable from this session of the asset on
    happened: set[str] = field(default_factory=set)  # kinds of events since the triggers were last watched
    is_called: bool = False  # a margin call waits for the next open
    withdrawal: float = 0.0  # money that waits for what must be sold for it
    growth: float = 1.0  # of this row up to a payment inside it
    base: float = 0.0  # equity from which on the rest of the row's return counts


class Spun(NamedTuple):
    """A spin-off that touched a holding: `units` of `child`, worth the part `share` of the parent's last mark."""

    row: int
    parent: int
    child: int
    units: float
    share: float
    price: float  # of the child


@dataclass
class Carry:
    """What holding cash, shorts and perpetuals earned or cost until the end of the row before, by cause; money."""

    row: int
    interest: float  # on cash, >= 0 with a rate >= 0
    loan: float  # <= 0
    rebate: float  # on the proceeds of shorts
    borrow: float  # <= 0
    funding: float = 0.0  # longs pay it to shorts where the rate is > 0

    @property
    def total(self) -> float:
        """What is added to the cash."""
        return self.interest + self.loan + self.rebate + self.borrow + self.funding


@dataclass
class Outcome:
    """The result. Lists of rows start at `first`; `targets` has the raw targets of each decision."""

    equity: list[float] = field(default_factory=list)
    cash: list[float] = field(default_factory=list)
    quantities: list[list[float]] = field(default_factory=list)
    drift: list[float] = field(default_factory=list)
    drift_asset: list[int] = field(default_factory=list)
    reasons: list[int] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    targets: list[list[float]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    returns: list[float] = field(default_factory=list)  # time-weighted, of each row
    carry: list[Carry] = field(default_factory=list)
    spun: list[Spun] = field(default_factory=list)
    marks: list[float] = field(default_factory=list)  # the last ones
    market: Any = None  # the `Bars`, for those who read a finished run
