"""Declared exits: a stop, a target and a trail in a slot of each asset, set whenever its position grows."""

from __future__ import annotations

import math

from .bars import Day
from .book import Slot
from .match import (
    better,
    is_beyond_limit,
    is_beyond_stop,
    raise_extreme,
    trail_level,
    worse,
)
from .rounding import round_to_tick

STOP, TARGET, TRAIL = "exit_stop", "exit_target", "exit_trail"


def update(day: Day, asset: int, old: float, price: float, moment: str) -> None:
    """Set the slot of a position that a fill at `price` changed from `old` units; without a position it is empty.

    Levels are fractions of the average reference price of what is held, so an increase moves them.
    """
    book = day.book
    new, slot = book.quantities[asset], book.slots[asset]
    if new == 0.0:
        book.slots[asset] = Slot()
    elif old * new <= 0.0:
        book.slots[asset] = Slot(entry=price, extreme=price, is_new=moment == "inside")
        set_levels(day, asset)
    elif abs(new) > abs(old):
        slot.entry = average(slot.entry, abs(old), price, abs(new))
        slot.extreme = raise_extreme(-math.copysign(1.0, new), slot.extreme, price)
        set_levels(day, asset)


def average(entry: float, old: float, price: float, new: float) -> float:
    """Return the average price of `new` units; the child of a spin-off that nobody could price has none (NaN)."""
    if math.isnan(entry) or math.isnan(price):
        return price if math.isnan(entry) else entry
    return (entry * old + price * (new - old)) / new


def set_levels(day: Day, asset: int) -> None:
    """Compute the levels from the entry price: a stop rounds away from the price, a target too."""
    slot, tick = day.book.slots[asset], day.rules.ticks[asset]
    stop, target, trail = day.rules.exits[asset]
    side = exit_side(day, asset)
    slot.stop = round_to_tick(slot.entry * (1.0 + side * stop), tick, side)
    slot.target = round_to_tick(slot.entry * (1.0 - side * target), tick, -side)
    slot.distance = slot.entry * trail


def exit_side(day: Day, asset: int) -> float:
    """Return the side of the order that ends the position."""
    return -math.copysign(1.0, day.book.quantities[asset])


def stop_now(day: Day, asset: int) -> tuple[float, str]:
    """Return the nearer of stop and trail, NaN without either; of two equal ones it is the stop."""
    slot, side = day.book.slots[asset], exit_side(day, asset)
    trail = trail_level(side, slot.extreme, slot.distance, False)
    if math.isnan(trail) or (not math.isnan(slot.stop) and better(side, slot.stop, trail) == slot.stop):
        return slot.stop, STOP
    return trail, TRAIL


def stop_at_open(day: Day, asset: int, opened: float) -> str:
    """Return which stop the open has gapped, or which exit still has a rest to fill; the trail sees the open first."""
    slot, side = day.book.slots[asset], exit_side(day, asset)
    slot.extreme = raise_extreme(side, slot.extreme, opened)
    if slot.fired:
        return slot.fired
    level, reason = stop_now(day, asset)
    return reason if is_beyond_stop(side, level, opened) else ""


def target_at_open(day: Day, asset: int, opened: float) -> str:
    """Return whether the open has gapped the target."""
    return TARGET if is_beyond_limit(exit_side(day, asset), day.book.slots[asset].target, opened) else ""


def stop_inside(day: Day, asset: int, opened: float, adverse: float) -> tuple[float, str] | None:
    """Return price and reason of the stop that the bar reached; `opened` where the position began beyond it."""
    side = exit_side(day, asset)
    level, reason = stop_now(day, asset)
    return (worse(side, level, opened), reason) if is_beyond_stop(side, level, adverse) else None


def target_inside(day: Day, asset: int, opened: float, favourable: float) -> tuple[float, str] | None:
    """Return price and reason of the target that the bar reached."""
    side, target = exit_side(day, asset), day.book.slots[asset].target
    return (better(side, target, opened), TARGET) if is_beyond_limit(side, target, favourable) else None
