"""Explicit orders, as a strategy asks for them through its context."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backtest.errors import StrategyError, nearest
from backtest.strategy.base import not_there
from backtest.types import OrderKind, Records

KINDS = tuple(kind.name.lower() for kind in OrderKind if kind is not OrderKind.CANCEL)
LEVELS: Mapping[str, tuple[str, ...]] = {
    "limit": ("limit",),
    "stop": ("stop",),
    "stop_limit": ("limit", "stop"),
    "trailing": ("trail", "trail_fraction"),
}
"""The levels of each kind; a trailing order has one of its two."""
LEVEL_NAMES = ("limit", "stop", "trail", "trail_fraction")


@dataclass(frozen=True)
class Order:
    """An order in an answer: `quantity` in units, positive buys; levels in money, None where the kind has none."""

    number: int
    symbol: str
    column: int
    quantity: float
    kind: str = "market"
    limit: float | None = None
    stop: float | None = None
    trail: float | None = None
    trail_fraction: float | None = None
    reduce_only: bool = False
    tif: str | pd.Timestamp = "gtc"
    parent: int | None = None
    group: int | None = None
    replaces: int | None = None
    tag: str = ""
    over: int | tuple[float, ...] | None = None  # of a sliced order: rows, or the part of it in each of them
    start: int = 1  # rows until the first one

    @property
    def n_slices(self) -> int:
        """Over how many rows a sliced order is filled."""
        return self.over if isinstance(self.over, int) else len(self.over or ())


@dataclass(frozen=True)
class WorkingOrder:
    """An order that works in the book. `quantity` is what is left of it, 0 for an exit whose entry has not filled."""

    number: int
    symbol: str
    kind: str
    quantity: float
    filled: float
    limit: float
    stop: float
    reduce_only: bool
    parent: int | None


def check_order(order: Order, has_ranges: bool) -> None:
    """Raise StrategyError when an order cannot mean anything, or the market cannot say when it fills."""
    where = f"order({order.symbol!r})"
    if order.kind not in KINDS:
        close = nearest(order.kind, KINDS)
        hint = f"; did you mean {close!r}?" if close else ""
        raise StrategyError(f"{where}: received kind {order.kind!r}; it may be {', '.join(KINDS)}{hint}")
    if not math.isfinite(order.quantity) or (order.quantity == 0.0 and order.parent is None):
        raise StrategyError(f"{where}: received a quantity of {order.quantity:g}; expected units, negative to sell")
    _check_levels(order, where)
    _check_slices(order, where)
    if order.kind in LEVELS and not has_ranges:
        raise StrategyError(f"{where}: a {order.kind} order needs opens, highs and lows, which this market has not got")
    if isinstance(order.tif, str) and order.tif not in ("gtc", "day"):
        raise StrategyError(f"{where}: received tif {order.tif!r}; expected 'gtc', 'day' or the last date")
    if order.group is not None and not (isinstance(order.group, (int, np.integer)) and order.group >= 0):
        raise StrategyError(f"{where}: received group {order.group!r}; expected a number from 0 on")


def _check_levels(order: Order, where: str) -> None:
    """Ask for each level that the kind needs, and for no other."""
    needed = LEVELS.get(order.kind, ())
    given = {name for name in LEVEL_NAMES if getattr(order, name) is not None}
    if order.kind == "trailing" and len(given & set(needed)) != 1:
        raise StrategyError(f"{where}: a trailing order needs one of trail (money) and trail_fraction")
    for name in needed if order.kind != "trailing" else ():
        if name not in given:
            raise StrategyError(f"{where}: a {order.kind} order needs {name}=…")
    for name in sorted(given):
        level = getattr(order, name)
        if name not in needed:
            raise StrategyError(f"{where}: received {name}={level:g}, which a {order.kind} order has no use for")
        if not (math.isfinite(level) and level > 0.0) or (name == "trail_fraction" and level >= 1.0):
            below = " below 1" if name == "trail_fraction" else ""
            raise StrategyError(f"{where}: received {name}={level:g}; expected a number above 0{below}")


def _check_slices(order: Order, where: str) -> None:
    """Ask a sliced order for its rows, and no other."""
    if order.kind != "sliced":
        if order.over is not None or order.start != 1:
            name = "start" if order.over is None else "over"
            raise StrategyError(f"{where}: received {name}=, which a {order.kind} order has no use for")
        return
    if order.over is None:
        raise StrategyError(f"{where}: a sliced order needs over=…, a number of rows or the part of it in each of them")
    if order.n_slices < 1 or order.start < 1:
        raise StrategyError(f"{where}: received over={order.over}, start={order.start}; expected at least 1 row each")
    if not isinstance(order.over, int):
        wrong = [part for part in order.over if not (math.isfinite(part) and part >= 0.0)]
        if wrong or abs(math.fsum(order.over) - 1.0) > 1e-9:
            raise StrategyError(f"{where}: received over={list(order.over)}; expected parts from 0 on that add up to 1")


def _read_over(over: Any, where: str) -> int | tuple[float, ...] | None:
    """Return a number of rows as it is, and parts as numbers."""
    if over is None or isinstance(over, (int, np.integer)):
        return None if over is None else int(over)
    try:
        return tuple(_number(part, where) for part in over)
    except TypeError as error:
        raise StrategyError(f"{where}: received {over!r}; expected a number of rows, or a part for each") from error


def read_order(number: int, symbol: str, index: Mapping[str, int], quantity: Any, **asked: Any) -> Order:
    """Return an order from what a strategy wrote."""
    if symbol not in index:
        raise StrategyError(f"order: received {not_there(symbol, index)}")
    for name in LEVEL_NAMES:
        if asked.get(name) is not None:
            asked[name] = _number(asked[name], f"order({symbol!r}), {name}")
    asked["over"] = _read_over(asked.get("over"), f"order({symbol!r}), over")
    asked["tif"] = read_tif(asked.get("tif", "gtc"))
    units = _number(quantity, f"order({symbol!r}), quantity")
    return Order(number, symbol, index[symbol], units, **asked)


def _number(value: Any, what: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise StrategyError(f"{what}: received {value!r}; expected a number") from error


def read_tif(tif: Any) -> str | pd.Timestamp:
    """Return words as they are, and a date as one."""
    if isinstance(tif, str) and tif in ("gtc", "day"):
        return tif
    try:
        stamp: Any = pd.Timestamp(tif)
    except (TypeError, ValueError):
        return str(tif)
    return str(tif) if pd.isna(stamp) else stamp


def working_orders(orders: Records, symbols: Any) -> tuple[WorkingOrder, ...]:
    """What works in a book, by number; nothing of it is the book's own."""
    return tuple(
        WorkingOrder(
            number=int(order["number"]),
            symbol=str(symbols[order["asset"]]),
            kind=OrderKind(int(order["kind"])).name.lower(),
            quantity=float(order["quantity"]),
            filled=float(order["filled"]),
            limit=float(order["limit"]),
            stop=float(order["stop"]),
            reduce_only=bool(order["reduce_only"]),
            parent=int(order["parent_id"]) if order["parent_id"] >= 0 else None,
        )
        for order in orders[orders["alive"] == 1]
    )
