"""Actions that concern two columns: a symbol that changes its name, and a company that gives away a part of itself."""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Listed, Own, Seen, Slot
from backtest.kernels.exits import empty_slot, update_slot
from backtest.kernels.guard import lift_guard
from backtest.kernels.levels import OPEN
from backtest.kernels.mark import is_known
from backtest.kernels.post import post_event
from backtest.types import EventKind

MOVED = (Own.QUANTITY, Own.TARGET, Own.REFERENCE, Own.REDUCE, Own.OPEN, Own.DECISION_PRICE)


@part
def rename(book, bars, out, t, i, j):
    """Move everything that hangs on column `i` to column `j` of its new symbol, which is empty; `i` is gone."""
    book.mark[j] = book.mark[i]
    for row in (Seen.SESSION, Seen.FLAGGED, Seen.GIVEN):
        book.seen[row, j] = book.seen[row, i]
    book.seen[Seen.GONE, i] = 1
    for s in range(book.owners.shape[0]):
        held = book.owned[s, Own.QUANTITY, i]
        for row in MOVED:
            book.owned[s, row, j] = book.owned[s, row, i]
            book.owned[s, row, i] = 0.0
        book.order_id[s, j] = book.order_id[s, i]
        if book.slots.shape[2] > 0:
            _move_slot(book, s, i, j)
        if book.owners[s]["working"] == 1:
            _list_again(book, bars, s)
        if held != 0.0:
            post_event(book, out, s, t, i, EventKind.RENAME, -1, float(j))
    lift_guard(book)
    for k in range(book.record[0]["n_working"]):
        if book.orders[k]["asset"] == i:
            book.orders[k]["asset"] = j


@part
def _move_slot(book, s, i, j):
    """Move what exits and carried orders remember; the volume of the row stays with the column that it is of."""
    for row in range(book.slots.shape[1]):
        if row != Slot.ROOM:
            book.slots[s, row, j] = book.slots[s, row, i]
    empty_slot(book, s, i)
    for row in (Slot.EXITED, Slot.MET, Slot.OUTSIDE):
        book.slots[s, row, i] = 0.0


@part
def _list_again(book, bars, s):
    """List the orders of the working basket of owner `s` by their names as they are now."""
    reduce, opening = book.owned[s, Own.REDUCE], book.owned[s, Own.OPEN]
    n_reducing = n_opening = 0
    for k in range(bars.by_name.shape[0]):
        i = bars.by_name[k]
        book.listed[s, Listed.REDUCING, n_reducing] = i
        book.listed[s, Listed.OPENING, n_opening] = i
        n_reducing += 1 if reduce[i] != 0.0 else 0
        n_opening += 1 if opening[i] != 0.0 else 0
    book.owners[s]["n_reducing"], book.owners[s]["n_opening"] = n_reducing, n_opening


@part
def note_held(book):
    """Note what is held: what one spin-off gives, another of the same row does not share out again."""
    for s in range(book.owners.shape[0]):
        for i in range(book.owned.shape[2]):
            book.owned[s, Own.BEFORE, i] = book.owned[s, Own.QUANTITY, i]


@part
def spin_off(book, bars, out, t, i, j, ratio):
    """Give `ratio` units of `j` for each noted one of `i`, whose carried mark falls by what they are worth."""
    quote = bars.open[t, j] if book.seen[Seen.GONE, j] == 0 else np.nan
    price = quote if quote == quote else book.mark[j]  # 0 when nobody knows it
    if is_known(book, i):
        book.mark[i] -= ratio * price
    for s in range(book.owners.shape[0]):
        units = book.owned[s, Own.BEFORE, i] * ratio
        if units != 0.0:
            if quote == quote:
                book.mark[j] = quote
            elif not is_known(book, j):
                book.seen[Seen.GIVEN, j] = 1
            old = book.owned[s, Own.QUANTITY, j]
            book.owned[s, Own.QUANTITY, j] = old + units
            if book.slots.shape[2] > 0 and bars.exits.shape[1] > 0:
                update_slot(book, bars, s, j, old, price if price > 0.0 else np.nan, OPEN)
            post_event(book, out, s, t, j, EventKind.SPIN_OFF, -1, units)
