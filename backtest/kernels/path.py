"""Inside the bar along an assumed way of the price: open, high, low, close, or open, low, high, close.

One asset walks after the other, by name. On each leg whatever is reached first fills first, at its level; of what is
reached at the same price a stop goes before a limit, a declared exit before an order, and then the lower number. What
is born, woken or armed on the way works from there on.
"""

from typing import Any

import numpy as np

from backtest.kernels._jit import NO, YES, part
from backtest.kernels.book import Own, Slot
from backtest.kernels.execute import execute, fire
from backtest.kernels.exits import TARGET, exit_side, stop_now
from backtest.kernels.levels import (
    INSIDE,
    better,
    has_limit,
    is_beyond_limit,
    is_beyond_stop,
    is_market,
    is_stop,
    raise_extreme,
    side_of,
    stop_of,
    worse,
)
from backtest.kernels.reach import reach_again
from backtest.kernels.working import is_asleep
from backtest.types import Intrabar, OrderKind

NOTHING: Any = np.int64(-2)  # what a leg reaches, besides the place of an order
SLOT: Any = np.int64(-1)
FILLS: Any = np.int64(0)  # what it does to that order
ARMS: Any = np.int64(-1)


@part
def walk(book, bars, rule, fees, out, t, i, work):
    """Walk one asset through its bar."""
    up_first = rule["intrabar"] == Intrabar.OPEN_HIGH_LOW_CLOSE
    here, spent = bars.open[t, i], NO
    for leg in range(3):
        end = bars.close[t, i]
        if leg < 2:
            end = bars.high[t, i] if (leg == 0) == up_first else bars.low[t, i]
        spent = _walk_leg(book, bars, rule, fees, out, t, i, here, end, spent, work)
        _see(book, rule, i, end)
        here = end
    for s in range(book.owners.shape[0]):
        book.slots[s, Slot.HOT, i] = 2.0


@part
def _walk_leg(book, bars, rule, fees, out, t, i, here, end, spent, work):
    """Fill whatever is reached between two prices, in the order in which it is reached.

    `spent` says whether the declared exits have had their turn in this bar; return whether they have now.
    """
    while True:
        if book.record[0]["n_working"] > 0:
            reach_again(book, bars, t, YES)
        _see(book, rule, i, here)
        found, owner, price, reason = _first_hit(book, rule, t, i, here, end, spent)
        if found == NOTHING:
            return spent
        here = price
        if found == SLOT:
            fire(book, bars, rule, fees, out, owner, t, i, price, reason, INSIDE, work)
            spent = spent or book.owned[owner, Own.QUANTITY, i] != 0.0
        elif reason == ARMS:
            book.orders[found]["limit_from"] = t
        else:
            execute(book, bars, rule, fees, out, t, found, price, bars.open[t], INSIDE, work)
            book.orders[found]["spent"] = 1


@part
def _first_hit(book, rule, t, i, here, end, spent):
    """Return what the leg reaches first: `SLOT`, the place of an order, or `NOTHING`; its owner, its price, and why.

    The reason of a declared exit is that of its fill; `ARMS` says that the stop of a stop-limit is reached.
    """
    found, owner, price, reason = NOTHING, 0, np.nan, FILLS
    distance, rank = np.inf, 2
    if rule["exits"] == 1 and not spent:
        for s in range(book.owners.shape[0]):
            if book.owned[s, Own.QUANTITY, i] != 0.0 and book.slots[s, Slot.FIRED, i] == 0.0:
                side = exit_side(book, s, i)
                level, why = stop_now(book, s, i)
                at = _stop_hit(side, level, here, end)
                if abs(at - here) < distance:
                    found, owner, price, reason, distance, rank = SLOT, s, at, why, abs(at - here), 0
                at = _limit_hit(side, book.slots[s, Slot.TARGET, i], here, end)
                if abs(at - here) < distance:
                    found, owner, price, reason, distance, rank = SLOT, s, at, TARGET, abs(at - here), 1
    for j in range(book.record[0]["n_near"] if book.record[0]["n_working"] > 0 else 0):
        k = book.orders[j]["nth_near"]
        order = book.orders[k]
        if order["asset"] != i or order["alive"] == 0 or order["spent"] == 1 or order["triggered"] == 1:
            continue
        if is_market(order["kind"]) or is_asleep(book, order):
            continue
        side, cause, turn = side_of(order["quantity"]), FILLS, 0
        if is_stop(order["kind"]):
            at = _stop_hit(side, stop_of(order), here, end)
        elif has_limit(order, t):
            at, turn = _limit_hit(side, order["limit"], here, end), 1
        else:
            at, cause = _stop_hit(side, order["stop"], here, end), ARMS
        away = abs(at - here)
        if away < distance or (away == distance and turn < rank):
            found, owner, price, reason, distance, rank = k, order["owner"], at, cause, away, turn
    return found, owner, price, reason


@part
def _stop_hit(side, level, here, end):
    """Return where a stop is hit: at its level, or here if the price is beyond it already; NaN if it is not."""
    if is_beyond_stop(side, level, here) or is_beyond_stop(side, level, end):
        return worse(side, level, here)
    return np.nan


@part
def _limit_hit(side, level, here, end):
    """Return where a limit is hit: at its level, or here if the price is beyond it already; NaN if it is not."""
    if is_beyond_limit(side, level, here) or is_beyond_limit(side, level, end):
        return better(side, level, here)
    return np.nan


@part
def _see(book, rule, i, price):
    """Let the trails of an asset see a price."""
    if rule["exits"] == 1:
        for s in range(book.owners.shape[0]):
            if book.owned[s, Own.QUANTITY, i] != 0.0:
                extreme = book.slots[s, Slot.EXTREME, i]
                book.slots[s, Slot.EXTREME, i] = raise_extreme(exit_side(book, s, i), extreme, price)
    for j in range(book.record[0]["n_near"] if book.record[0]["n_working"] > 0 else 0):
        order = book.orders[book.orders[j]["nth_near"]]
        trails = order["asset"] == i and order["alive"] == 1 and order["kind"] == OrderKind.TRAILING
        if trails and not is_asleep(book, order):
            order["extreme"] = raise_extreme(side_of(order["quantity"]), order["extreme"], price)
