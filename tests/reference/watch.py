"""What the triggers see: how far the book has drifted, and which bits fire."""

from __future__ import annotations

import math

from .bars import Day


def weight(day: Day, asset: int) -> float:
    """Return the asset's share of the equity at its mark."""
    book = day.book
    return 0.0 if book.quantities[asset] == 0.0 else book.quantities[asset] * book.marks[asset] / book.equity


def measure_drift(day: Day) -> tuple[float, int]:
    """Return the largest |weight - reference| of the assets with a bar, and its column.

    NaN and -1 before the first basket has finished; 0 and -1 when nothing drifted. The first column wins a tie.
    """
    reference, waiting = day.book.reference, working_assets(day)
    if reference is None:
        return math.nan, -1
    largest, where = 0.0, -1
    for i in range(len(reference)):
        distance = abs(weight(day, i) - reference[i])
        if day.is_tradable(i) and i not in waiting and distance > largest:
            largest, where = distance, i
    return largest, where


def working_assets(day: Day) -> set[int]:
    """Return the assets whose target order still waits for a bar or for volume: nobody can have attained anything."""
    basket = day.book.pending
    return set() if basket is None else {order.asset for order in basket.orders or []}


def watch(day: Day, calendar_bits: int) -> tuple[int, float, int]:
    """Return the bits that fire on this row, the drift and the asset that drifted most."""
    drift, asset = measure_drift(day)
    bits = calendar_bits
    if not day.book.is_called:  # else nobody would be asked: what has happened waits for the next row
        for kind, bit in day.rules.on_event:
            if kind in day.book.happened:
                bits |= bit
        day.book.happened.clear()
    for band, bit in zip(day.rules.bands, day.rules.band_bits, strict=True):
        if drift > band:  # NaN never is
            bits |= bit
    return bits, drift, asset
