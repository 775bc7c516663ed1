"""Which lots each trade closes: what was opened together, and the parts in which it went.

One position is followed at a time, so that its open lots lie side by side in `lots[head:tail]`: a queue for fifo, a
stack for lifo, a heap with the costliest in front for highest_cost, one lot alone for average.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from backtest.kernels._jit import loop, part
from backtest.types import Floats, Ints, LotMethod

ROUNDING = 1e-12  # of the quantity of a trade: a lot or a position with no more than this is none


class Trades(NamedTuple):
    """The `K` trades of `C` positions, each one's together, from `edges[c]` on, and in time."""

    edges: Ints  # (C + 1,)
    time: Ints  # (K,) from here on
    quantity: Floats  # signed
    price: Floats  # of a unit, costs included


class Splits(NamedTuple):
    """What restates the lots of the same positions, from `edges[c]` on; each comes before the trades of its time."""

    edges: Ints  # (C + 1,)
    time: Ints
    ratio: Floats  # new units for each old one
    kept: Floats  # part of the money that a lot has cost which stays with it: a spin-off takes the rest along


class Lots(NamedTuple):
    """Room for the open lots of one position: as many as it has trades."""

    opened: Ints  # number of the trade that opened it
    units: Floats  # signed
    price: Floats  # of a unit, costs included


class Parts(NamedTuple):
    """Where the parts of lots are written, `(2K,)`: a trade opens one lot at most, and leaves one in two at most."""

    opened: Ints  # number of the trade that opened it
    closed: Ints  # of the trade that closed it, -1: still open
    units: Floats  # signed, in units of the day when it was closed, or of the last one
    price: Floats  # at which such a unit was opened, costs included


@loop
def match_lots(trades: Trades, splits: Splits, lots: Lots, parts: Parts, method: int) -> int:
    """Write the parts of all lots, those still open at the end of each position, and return how many there are."""
    n = 0
    for c in range(trades.edges.shape[0] - 1):
        n = follow(trades, splits, lots, parts, method, c, n)
    return n


@part
def follow(trades, splits, lots, parts, method, c, n):
    """Follow position `c`; `n` parts are written already. Return how many there are then."""
    head, tail, held = 0, 0, 0.0
    s = splits.edges[c]
    for k in range(trades.edges[c], trades.edges[c + 1]):
        while s < splits.edges[c + 1] and splits.time[s] <= trades.time[k]:
            held *= splits.ratio[s]
            restate(lots, head, tail, splits.ratio[s], splits.kept[s])
            s += 1
        quantity = trades.quantity[k]
        before, held = held, after(held, quantity)
        if before * quantity < 0.0:
            # What the ledger calls flat or turned has no old lots, however their sum was rounded.
            left = abs(quantity) if held * before > 0.0 else math.inf
            head, tail, n = close(lots, parts, method, head, tail, k, left, n)
        if held * quantity > 0.0:
            units = quantity if before * quantity >= 0.0 else held
            tail = add(lots, method, head, tail, k, units, trades.price[k])
    while s < splits.edges[c + 1]:
        restate(lots, head, tail, splits.ratio[s], splits.kept[s])
        s += 1
    for j in range(head, tail):
        n = write(parts, n, lots, j, -1, lots.units[j])
    return n


@part
def after(held, quantity):
    """Return the position after a trade; what only rounding has left is none."""
    now = held + quantity
    return now if abs(now) > ROUNDING * abs(quantity) else 0.0


@part
def close(lots, parts, method, head, tail, k, left, n):
    """Close `left` units, lot after lot, by trade `k`; return the new head, tail and number of parts."""
    least = ROUNDING * left if left < math.inf else 0.0
    while left > least and head < tail:
        j = tail - 1 if method == LotMethod.LIFO else head
        units = lots.units[j]
        if abs(units) - left > least:
            units = math.copysign(left, units)
            n = write(parts, n, lots, j, k, units)
            lots.units[j] -= units
            break
        n = write(parts, n, lots, j, k, units)
        left -= abs(units)
        if method == LotMethod.FIFO:
            head += 1
        else:
            tail -= 1
        if method == LotMethod.HIGHEST_COST:
            swap(lots, head, tail)
            sink(lots, tail)
    return head, tail, n


@part
def add(lots, method, head, tail, k, units, price):
    """Open a lot by trade `k`, or with average cost add it to the one there is; return the new tail."""
    if method == LotMethod.AVERAGE and head < tail:
        total = lots.units[head] + units
        lots.price[head] = (lots.units[head] * lots.price[head] + units * price) / total
        lots.units[head] = total
        return tail
    lots.opened[tail] = k
    lots.units[tail] = units
    lots.price[tail] = price
    if method == LotMethod.HIGHEST_COST:
        rise(lots, tail)
    return tail + 1


@part
def write(parts, n, lots, j, k, units):
    """Write `units` of lot `j` as part `n`, closed by trade `k`; return the number of parts."""
    parts.opened[n] = lots.opened[j]
    parts.closed[n] = k
    parts.units[n] = units
    parts.price[n] = lots.price[j]
    return n + 1


@part
def restate(lots, head, tail, ratio, kept):
    """Count open lots in the units of a split, and leave them a part of their cost."""
    for j in range(head, tail):
        lots.units[j] *= ratio
        lots.price[j] *= kept / ratio


@part
def goes_first(lots, i, j):
    """Whether lot `i` earns less than lot `j`, or as much and is older."""
    one = math.copysign(1.0, lots.units[i]) * lots.price[i]
    other = math.copysign(1.0, lots.units[j]) * lots.price[j]
    return one > other or (one == other and lots.opened[i] < lots.opened[j])


@part
def rise(lots, j):
    """Bring the last lot `j` of a heap to its place."""
    while j > 0:
        parent = (j - 1) // 2
        if not goes_first(lots, j, parent):
            break
        swap(lots, j, parent)
        j = parent


@part
def sink(lots, tail):
    """Bring the first lot of the heap `lots[:tail]` to its place."""
    j = 0
    while 2 * j + 1 < tail:
        child = 2 * j + 1
        if child + 1 < tail and goes_first(lots, child + 1, child):
            child += 1
        if not goes_first(lots, child, j):
            break
        swap(lots, j, child)
        j = child


@part
def swap(lots, i, j):
    """Let two lots change places."""
    lots.opened[i], lots.opened[j] = lots.opened[j], lots.opened[i]
    lots.units[i], lots.units[j] = lots.units[j], lots.units[i]
    lots.price[i], lots.price[j] = lots.price[j], lots.price[i]
