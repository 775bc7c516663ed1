"""An event, as strategies and callbacks see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from backtest.types import EventKind

VALUE_NAMES: Mapping[EventKind, str] = {
    EventKind.HALTED: "quantity",
    EventKind.UNTRADABLE_TARGET: "weight",
    EventKind.SHORT_DROPPED: "quantity",
    EventKind.SCALED: "factor",
    EventKind.COST_EXCEEDS_EQUITY: "money",
    EventKind.BANKRUPT: "equity",
    EventKind.SPLIT: "ratio",
    EventKind.DIVIDEND: "cash",
    EventKind.DELISTING: "cash",
    EventKind.UNFILLED_AT_END: "quantity",
    EventKind.STALE: "sessions",
    EventKind.MARGIN_CALL: "missing",
    EventKind.ORDER_CANCELLED: "quantity",
    EventKind.CAPPED: "quantity",
    EventKind.BELOW_MINIMUM: "money",
    EventKind.NOT_IN_UNIVERSE: "weight",
    EventKind.LISTING: "price",
    EventKind.ORDER_PLACED: "quantity",
    EventKind.ORDER_FILLED: "quantity",
    EventKind.POSITION_OPENED: "quantity",
    EventKind.POSITION_CLOSED: "quantity",
    EventKind.REBALANCE_COMPLETED: "factor",
    EventKind.TRIGGER_FIRED: "bits",
    EventKind.CASH_FLOW: "cash",
    EventKind.SPIN_OFF: "units",
    EventKind.RENAME: "column",
}
"""What the value of each kind of event is, the first entry of its payload."""

PRICED = frozenset((EventKind.ORDER_FILLED, EventKind.POSITION_OPENED, EventKind.POSITION_CLOSED))
"""Kinds whose payload has the price of their fill as well; that of `order_filled` has its cost too."""

PERFORMANCE_UPDATE = "performance_update"
"""The record of a bar: an event for callbacks only, whose table is equity.parquet."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the book, and how the account stood at the close of that bar.

    `time` is the end of the bar. `reason` says why: of a fill or a position the kind of the order or exit, of a
    cancellation its cause, of `trigger_fired` which ones; empty where there is none. `payload` holds numbers by name,
    `value` is the first of them. `positions` are units by symbol, without those that are 0. `run` is the name of the
    run within a comparison, for callbacks; empty anywhere else.
    """

    kind: str
    time: pd.Timestamp
    symbol: str | None
    value: float
    reason: str
    order_id: int | None
    owner: int
    tag: str
    payload: Mapping[str, float]
    equity: float
    cash: float
    positions: Mapping[str, float]
    run: str = ""

    def __str__(self) -> str:
        """Say in one line what happened."""
        of = "" if self.symbol is None else f" of {self.symbol}"
        why = f" ({self.reason})" if self.reason else ""
        whose = f"{self.run}: " if self.run else ""
        return f"{whose}{self.kind}{of} on {self.time:%Y-%m-%d %H:%M}: {next(iter(self.payload))} {self.value:g}{why}"


def payload_of(kind: EventKind, value: float, price: float, cost: float) -> Mapping[str, float]:
    """Return the numbers of an event by name."""
    named = {VALUE_NAMES[kind]: value}
    if kind in PRICED:
        named["price"] = price
    if kind is EventKind.ORDER_FILLED:
        named["cost"] = cost
    return MappingProxyType(named)
