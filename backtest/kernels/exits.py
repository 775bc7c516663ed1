"""Declared exits: a stop, a target and a trail in a slot of each position, set whenever it grows."""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Slot
from backtest.kernels.levels import (
    INSIDE,
    better,
    is_beyond_limit,
    is_beyond_stop,
    raise_extreme,
    round_to_tick,
    worse,
)
from backtest.types import FillReason

STOP = np.int64(FillReason.EXIT_STOP.value)
TRAIL = np.int64(FillReason.EXIT_TRAIL.value)
TARGET = np.int64(FillReason.EXIT_TARGET.value)
LEVELS = (Slot.ENTRY, Slot.STOP, Slot.TARGET, Slot.DISTANCE, Slot.EXTREME)


@part
def exit_side(book, s, i):
    """Return the side of the order that ends the position."""
    return -1.0 if book.owned[s, Own.QUANTITY, i] > 0.0 else 1.0


@part
def empty_slot(book, s, i):
    """Forget the exits of a position that is gone."""
    for row in LEVELS:
        book.slots[s, row, i] = np.nan
    book.slots[s, Slot.FRESH, i] = 0.0
    book.slots[s, Slot.FIRED, i] = 0.0


@part
def update_slot(book, bars, s, i, old, price, moment):
    """Set the slot of a position that a fill at `price` changed from `old` units; without a position it is empty.

    Levels are fractions of the average reference price of what is held, so an increase moves them.
    """
    new = book.owned[s, Own.QUANTITY, i]
    slots = book.slots
    if new == 0.0:
        empty_slot(book, s, i)
    elif old * new <= 0.0:
        slots[s, Slot.ENTRY, i] = slots[s, Slot.EXTREME, i] = price
        slots[s, Slot.FRESH, i] = 1.0 if moment == INSIDE else 0.0
        slots[s, Slot.FIRED, i] = 0.0
        _set_levels(book, bars, s, i)
    elif abs(new) > abs(old):
        slots[s, Slot.ENTRY, i] = _average(slots[s, Slot.ENTRY, i], abs(old), price, abs(new))
        slots[s, Slot.EXTREME, i] = raise_extreme(exit_side(book, s, i), slots[s, Slot.EXTREME, i], price)
        _set_levels(book, bars, s, i)


@part
def _average(entry, old, price, new):
    """Return the average price of `new` units; what was received before anybody knew a price of it has none (NaN)."""
    if entry != entry or price != price:
        return price if entry != entry else entry
    return (entry * old + price * (new - old)) / new


@part
def _set_levels(book, bars, s, i):
    """Compute the levels from the entry price: a stop rounds away from the price, a target too."""
    side, tick, entry = exit_side(book, s, i), bars.ticks[i], book.slots[s, Slot.ENTRY, i]
    book.slots[s, Slot.STOP, i] = round_to_tick(entry * (1.0 + side * bars.exits[0, i]), tick, side)
    book.slots[s, Slot.TARGET, i] = round_to_tick(entry * (1.0 - side * bars.exits[1, i]), tick, -side)
    book.slots[s, Slot.DISTANCE, i] = entry * bars.exits[2, i]


@part
def split_slot(book, s, i, ratio):
    """Restate levels and distances in new units."""
    for row in LEVELS:
        book.slots[s, row, i] /= ratio


@part
def stop_now(book, s, i):
    """Return the nearer of stop and trail, NaN without either, and its reason; of two equal ones it is the stop."""
    side, stop = exit_side(book, s, i), book.slots[s, Slot.STOP, i]
    trail = book.slots[s, Slot.EXTREME, i] + side * book.slots[s, Slot.DISTANCE, i]
    if trail != trail or (stop == stop and better(side, stop, trail) == stop):
        return stop, STOP
    return trail, TRAIL


@part
def stop_at_open(book, s, i, opened):
    """Return which stop the open has gapped, or which has a rest to fill, 0: none; the trail sees the open first."""
    side = exit_side(book, s, i)
    book.slots[s, Slot.EXTREME, i] = raise_extreme(side, book.slots[s, Slot.EXTREME, i], opened)
    fired = int(book.slots[s, Slot.FIRED, i])
    if fired != 0:
        return fired
    level, reason = stop_now(book, s, i)
    return reason if is_beyond_stop(side, level, opened) else 0


@part
def gaps_target(book, s, i, opened):
    """Whether the open has gapped the target."""
    return is_beyond_limit(exit_side(book, s, i), book.slots[s, Slot.TARGET, i], opened)


@part
def stop_inside(book, s, i, opened, adverse):
    """Return price and reason of the stop that the bar reached; `opened` where the position began beyond it."""
    side = exit_side(book, s, i)
    level, reason = stop_now(book, s, i)
    return (worse(side, level, opened) if is_beyond_stop(side, level, adverse) else np.nan), reason


@part
def target_inside(book, s, i, opened, favourable):
    """Return price and reason of the target that the bar reached."""
    side, target = exit_side(book, s, i), book.slots[s, Slot.TARGET, i]
    return (better(side, target, opened) if is_beyond_limit(side, target, favourable) else np.nan), TARGET
