"""Inside the bar along an assumed way of the price: open, high, low, close, or open, low, high, close.

One asset walks after the other, by name. On each leg whatever is reached first fills first, at its level; of what is
reached at the same price a stop goes before a limit, a declared exit before an order, and then the lower number. What
is born, woken or armed on the way works from there on.
"""

from __future__ import annotations

from typing import NamedTuple

from . import exits
from .bars import Day
from .clock import may_meet
from .execute import execute, fire
from .match import (
    LIMITS,
    MARKETS,
    STOPS,
    better,
    has_limit,
    is_beyond_limit,
    is_beyond_stop,
    raise_extreme,
    stop_of,
    worse,
)
from .orders import Working
from .working import is_asleep


class Hit(NamedTuple):
    """Something that the leg reaches; the smallest one comes first."""

    distance: float
    rank: int  # stops before limits
    order_id: int  # -1: a declared exit
    price: float
    reason: str


def walk(day: Day, asset: int, prices: list[float]) -> None:
    """Walk one asset through its bar."""
    bars, row = day.bars, day.row
    assert bars.open is not None
    assert bars.high is not None
    assert bars.low is not None
    turns = [bars.high[row][asset], bars.low[row][asset]]
    if day.rules.trading.intrabar == "open_low_high_close":
        turns.reverse()
    spent: set[int] = set()  # filled as far as the volume allows, or armed
    here = bars.open[row][asset]
    for end in (*turns, bars.close[row][asset]):
        walk_leg(day, asset, here, end, prices, spent)
        see(day, asset, end)
        here = end
    day.book.slots[asset].is_new = False
    for working in day.book.orders:
        if working.asset == asset:
            working.is_new = False


def walk_leg(day: Day, asset: int, here: float, end: float, prices: list[float], spent: set[int]) -> None:
    """Fill whatever is reached between two prices, in the order in which it is reached."""
    while True:
        see(day, asset, here)
        hits = [hit for hit in find_hits(day, asset, here, end) if hit.order_id not in spent]
        if not hits:
            return
        hit = min(hits)
        here = hit.price
        if hit.order_id < 0:
            fire(day, asset, hit.price, hit.reason, "inside")
            if day.book.quantities[asset] != 0.0:
                spent.add(-1)
            continue
        working = next(w for w in day.book.orders if w.order_id == hit.order_id)
        if hit.reason == "arm":
            working.limit_from = day.row
            continue
        execute(day, working, hit.price, prices, "inside")
        spent.add(hit.order_id)


def find_hits(day: Day, asset: int, here: float, end: float) -> list[Hit]:
    """Return what the leg reaches from `here` on."""
    hits = []
    slot = day.book.slots[asset]
    if day.book.quantities[asset] != 0.0 and not slot.fired:
        side = exits.exit_side(day, asset)
        level, reason = exits.stop_now(day, asset)
        hits += hit_stop(side, level, here, end, -1, reason)
        hits += hit_limit(side, slot.target, here, end, -1, exits.TARGET)
    for working in day.book.orders:
        may_fill = working.kind not in MARKETS and not is_asleep(day, working) and may_meet(day, working)
        if working.asset == asset and may_fill:
            hits += hits_of(day, working, here, end)
    return hits


def hits_of(day: Day, working: Working, here: float, end: float) -> list[Hit]:
    """Return what the leg does to an order."""
    if working.is_triggered:
        return []
    if working.kind in STOPS:
        return hit_stop(working.side, stop_of(working), here, end, working.order_id, working.kind)
    if working.kind in LIMITS and has_limit(working, day.row):
        return hit_limit(working.side, working.limit, here, end, working.order_id, working.kind)
    return hit_stop(working.side, working.stop, here, end, working.order_id, "arm")


def hit_stop(side: float, level: float, here: float, end: float, order_id: int, reason: str) -> list[Hit]:
    """Return the hit of a stop: at its level, or here if the price is beyond it already."""
    if not (is_beyond_stop(side, level, here) or is_beyond_stop(side, level, end)):
        return []
    price = worse(side, level, here)
    return [Hit(abs(price - here), 0, order_id, price, reason)]


def hit_limit(side: float, level: float, here: float, end: float, order_id: int, reason: str) -> list[Hit]:
    """Return the hit of a limit: at its level, or here if the price is beyond it already."""
    if not (is_beyond_limit(side, level, here) or is_beyond_limit(side, level, end)):
        return []
    price = better(side, level, here)
    return [Hit(abs(price - here), 1, order_id, price, reason)]


def see(day: Day, asset: int, price: float) -> None:
    """Let the trails of an asset see a price."""
    if day.book.quantities[asset] != 0.0:
        slot = day.book.slots[asset]
        slot.extreme = raise_extreme(exits.exit_side(day, asset), slot.extreme, price)
    for working in day.book.orders:
        is_trail = working.kind == "trailing" and not is_asleep(day, working) and may_meet(day, working)
        if working.asset == asset and is_trail:
            working.extreme = raise_extreme(working.side, working.extreme, price)
