"""What the simulator remembers, and what it writes down: plain records without behaviour.

The fields of `Fill`, `Decision` and `Event` have the names of the engine's records; kinds are words here, not numbers.
Nobody owns more than one account in this reference, so `owner` is always 0, `parent_id` -1 and `impact` 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .costs import Costs


@dataclass(frozen=True)
class Rules:
    """How the account trades. Bits of triggers are masks (1, 2, 4, ...), money is money, rates are fractions."""

    fill: str  # "next_open", "next_close", "same_close"
    size: str  # "at_decision", "at_fill"
    costs: Costs
    lots: tuple[float, ...]  # per asset, 0 = fractional
    min_trade: float
    cash_reserve: float
    max_gross: float
    max_stale: int
    wake_mask: int
    reapply_mask: int
    bands: tuple[float, ...]
    band_bits: tuple[int, ...]


@dataclass(frozen=True)
class View:
    """What a strategy that is asked may know of its book: the marked state of the row."""

    cash: float
    quantities: tuple[float, ...]
    marks: tuple[float, ...]  # NaN before the first bar
    equity: float


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
    reason: str = "target"  # or "delisting"
    commission: float = 0.0
    spread: float = 0.0
    slippage: float = 0.0
    impact: float = 0.0
    parent_id: int = -1
    owner: int = 0


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


@dataclass
class Order:
    """A wish to trade, split at zero: what reduces the position, and what opens one. Both signed, in units."""

    order_id: int
    asset: int
    reducing: float
    opening: float

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
    orders: list[Order] | None = None


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
