"""Actions that concern two columns: a symbol that changes its name, and a company that gives away a part of itself."""

from __future__ import annotations

import math

from . import exits
from .bars import Action, Day
from .book import Slot, Spun


def rename(day: Day, action: Action) -> None:
    """Move everything that hangs on a column to the one of the new symbol; the old one never trades again.

    Nobody can hold the new symbol before it exists, so that nothing has to be merged.
    """
    book, i, j = day.book, action.asset, action.other
    if book.quantities[j] != 0.0:
        raise ValueError(f"row {day.row}: column {j} is held already when column {i} takes its name")
    quantity = book.quantities[i]
    for table in (book.marks, book.last_bar, book.flagged_stale, book.slots, book.exited):
        table[j] = table[i]
    book.quantities[i], book.quantities[j] = 0.0, quantity
    book.slots[i], book.exited[i] = Slot(), False
    book.delisted[i] = True
    for weights in (book.reference, book.targets):
        if weights is not None:
            weights[i], weights[j] = 0.0, weights[i]
    for working in book.orders:
        if working.asset == i:
            working.asset = j
    if book.pending is not None:
        basket = book.pending
        for table in (basket.targets, basket.decision_prices):
            table[j] = table[i]
        basket.targets[i] = 0.0
        for order in basket.orders or []:
            if order.asset == i:
                order.asset = j
        (basket.orders or []).sort(key=lambda order: day.bars.by_name.index(order.asset))
    if quantity != 0.0:
        day.log("rename", float(j), i)


def spin_off(day: Day, action: Action) -> None:
    """Give `value` units of `other` for each unit held; the carried mark of the parent falls by what they are worth.

    The child's price is this row's first one; without a bar it is its last mark, and without that nobody knows it: then
    the parent's mark stays and the child is worth nothing until its first bar.
    """
    book, i, j = day.book, action.asset, action.other
    price, before = first_price(day, j), book.marks[i]
    if not day.held:
        day.held.extend(book.quantities)  # what one spin-off gives, another of the same row does not share out again
    units = day.held[i] * action.value
    book.marks[i] -= action.value * price
    if units == 0.0:
        return
    if math.isnan(book.marks[j]) or day.is_tradable(j):
        book.marks[j] = price
    old = book.quantities[j]
    book.quantities[j] = old + units
    exits.update(day, j, old, price if price > 0.0 else math.nan, "open")
    share = action.value * price / before if before > 0.0 else 0.0
    day.out.spun.append(Spun(day.row, i, j, units, share, price))
    day.log("spin_off", units, j)


def first_price(day: Day, asset: int) -> float:
    """Return the first price of the row, else the mark, else 0."""
    if day.is_tradable(asset):
        table = day.bars.close if day.bars.open is None else day.bars.open
        return table[day.row][asset]
    mark = day.book.marks[asset]
    return 0.0 if math.isnan(mark) else mark
