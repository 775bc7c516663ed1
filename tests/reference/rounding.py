"""Whole lots and whole ticks. Small numbers keep what was computed a hair too small from losing a whole one."""

from __future__ import annotations

import math


def round_to_lot(quantity: float, lot: float) -> float:
    """Round toward zero to a whole number of lots; a lot of 0 leaves the quantity alone.

    The two small numbers keep 3 lots that were computed as 2.9999999999 from becoming 2.
    """
    if lot == 0.0:
        return quantity
    count = math.trunc(abs(quantity) / lot * (1.0 + 1e-12) + 1e-9)
    return math.copysign(count * lot, quantity)


def round_up_to_lot(quantity: float, lot: float) -> float:
    """Round away from zero to a whole number of lots."""
    if lot == 0.0 or quantity == 0.0:
        return quantity
    count = math.ceil(abs(quantity) / lot * (1.0 - 1e-12) - 1e-9)
    return math.copysign(count * lot, quantity)


def round_to_tick(level: float, tick: float, direction: float) -> float:
    """Round a level up (`direction` > 0) or down to a whole number of ticks; a tick of 0, or NaN, changes nothing."""
    if tick == 0.0 or math.isnan(level):
        return level
    if direction > 0.0:
        return math.ceil(level / tick * (1.0 - 1e-12) - 1e-9) * tick
    return math.floor(level / tick * (1.0 + 1e-12) + 1e-9) * tick
