"""Sliced orders: parents that are filled little by little, as far as a curve over their rows says."""

from __future__ import annotations

import math

from .bars import Day
from .orders import Working
from .rounding import round_to_lot


def part_due(working: Working, row: int) -> float:
    """Return which part of the order is due by the end of a row: equal steps, or what its curve says."""
    if row < working.first_row:
        return 0.0
    if row >= working.last_row:
        return 1.0
    if working.curve:
        return working.curve[row - working.first_row]
    return (row - working.first_row + 1.0) / (working.last_row - working.first_row + 1.0)


def due(day: Day, working: Working) -> float:
    """Return what of an order may be filled now: all that is left of it, of a sliced one what is due, in whole lots."""
    if working.kind != "sliced":
        return working.quantity
    part = part_due(working, day.row)
    if part >= 1.0:
        return working.quantity
    left = part * (working.quantity + working.filled) - working.filled
    if left * working.quantity <= 0.0:
        return 0.0
    size = min(abs(left), abs(working.quantity))
    return round_to_lot(math.copysign(size, working.quantity), day.rules.lots[working.asset])


def number_now(day: Day, working: Working) -> int:
    """Return the number that a fill of this moment has so far: that of the order, or of its slice; -1: none yet."""
    if working.kind != "sliced":
        return working.order_id
    return working.slice_id if working.slice_row == day.row else -1


def take_number(day: Day, working: Working) -> int:
    """Return the number of a fill; a slice takes the book's next one."""
    if number_now(day, working) < 0:
        working.slice_id, working.slice_row = day.book.next_order, day.row
        day.book.next_order += 1
    return number_now(day, working)
