"""Inside the bar, by the table of SEMANTICS §6: exits, then entries, then what an entry's own bar may still do to it.

`PESSIMISTIC` is that table. `OPTIMISTIC` turns it round: targets before stops, and on the bar of an entry made inside
it a target counts as soon as the bar reaches it, a stop or trail only if the close proves it.
"""

import numpy as np

from backtest.kernels._jit import NO, YES, part
from backtest.kernels.book import Own, Slot, Work
from backtest.kernels.execute import execute, fire
from backtest.kernels.exits import TARGET, exit_side, stop_inside, stop_now, target_inside
from backtest.kernels.instant import NONE, follows_trails
from backtest.kernels.levels import (
    INSIDE,
    better,
    has_limit,
    is_beyond_limit,
    is_beyond_stop,
    is_stop,
    price_inside,
    side_of,
    stop_of,
    worse,
)
from backtest.kernels.path import walk
from backtest.kernels.reach import cool, list_hot, raise_orders, raise_slots, reach_again, warm_inside, warm_near
from backtest.kernels.working import is_asleep, is_opposed
from backtest.types import Intrabar, OrderKind


@part
def play_inside(book, bars, rule, fees, out, t, work):
    """Let every working order and declared exit meet the bar between its open and its close."""
    state = book.record[0]
    busy = state["n_working"] > 0
    follows = follows_trails(rule)
    if busy:
        reach_again(book, bars, t, follows)
    hot = False
    if rule["exits"] == 1:
        for s in range(book.owners.shape[0]):
            q, slots = book.owned[s, Own.QUANTITY], book.slots[s]
            hot = warm_inside(q, slots, bars.high[t], bars.low[t], follows) > 0 or hot
    if hot or (busy and state["n_near"] > 0):
        if follows:
            _walk_all(book, bars, rule, fees, out, t, work)
        else:
            _play_table(book, bars, rule, fees, out, t, rule["intrabar"] == Intrabar.PESSIMISTIC, work)
    if rule["exits"] == 1:
        for s in range(book.owners.shape[0]):
            q, slots = book.owned[s, Own.QUANTITY], book.slots[s]
            raise_slots(q, slots, bars.high[t], bars.low[t], bars.close[t], follows)
    if busy and state["trails"] == 1:
        raise_orders(book, bars, t, follows)


@part
def _walk_all(book, bars, rule, fees, out, t, work):
    """Walk the assets on whose way anything is reached, by name."""
    state = book.record[0]
    if rule["exits"] == 0:
        cool(book)
    warm_near(book)
    for n in range(book.mark.shape[0]):
        i = bars.by_name[n]
        if state["late"] == 1:
            reach_again(book, bars, t, YES)
            warm_near(book)
        if _is_hot(book, i):
            walk(book, bars, rule, fees, out, t, i, work)


@part
def _is_hot(book, i):
    hot = False
    for s in range(book.slots.shape[0]):
        hot = hot or book.slots[s, Slot.HOT, i] != 0.0
    return hot


@part
def _play_table(book, bars, rule, fees, out, t, stops_first, work):
    """Exits, entries, and what an entry's own bar may still do to it."""
    state = book.record[0]
    if state["n_near"] > 0:
        state["entered"] = 0
        for i in range(book.mark.shape[0]):
            work[Work.ENTERED, i] = np.nan
    for stops in (stops_first, not stops_first):
        n_hot = list_hot(book, bars.by_name, work[Work.HOT]) if rule["exits"] == 1 else NONE
        play_exits(book, bars, rule, fees, out, t, stops, n_hot, work)
    if state["n_working"] > 0:
        reach_again(book, bars, t, NO)
        if state["n_near"] > 0:
            _play_entries(book, bars, rule, fees, out, t, work)
            if state["entered"] == 1:
                _play_own_bars(book, bars, rule, fees, out, t, stops_first, work)
                _play_own_bars(book, bars, rule, fees, out, t, not stops_first, work)


@part
def play_exits(book, bars, rule, fees, out, t, stops, n_hot, work):
    """Exits of positions that are older than the bar or were opened at its open: the whole bar counts.

    Declared ones are those of the assets that are listed as hot.
    """
    if n_hot > 0:
        for s in range(book.owners.shape[0]):
            for n in range(n_hot):
                i = int(work[Work.HOT, n])
                if book.slots[s, Slot.HOT, i] == 1.0 and _watches(book, s, i):
                    seen = _extreme_for(book, bars, s, t, i, stops)
                    if stops:
                        price, reason = stop_inside(book, s, i, bars.open[t, i], seen)
                    else:
                        price, reason = target_inside(book, s, i, bars.open[t, i], seen)
                    if price == price:
                        fire(book, bars, rule, fees, out, s, t, i, price, reason, INSIDE, work)
    if _mark_exits(book, bars, t, stops):
        orders = book.orders
        for j in range(book.record[0]["n_near"]):
            k = orders[j]["nth_near"]
            if orders[k]["reached"] == 1 and orders[k]["alive"] == 1 and is_opposed(book, orders[k]):
                _meet(book, bars, rule, fees, out, t, k, work)


@part
def _watches(book, s, i):
    """Whether a slot guards a position and has not fired."""
    return book.owned[s, Own.QUANTITY, i] != 0.0 and book.slots[s, Slot.FIRED, i] == 0.0


@part
def _mark_exits(book, bars, t, stops):
    """Mark the stops, or else the limits, that would make a position smaller as it is now; return whether any does.

    Only among those that the bar may reach.
    """
    found = False
    if book.record[0]["n_working"] > 0:
        reach_again(book, bars, t, NO)
        for j in range(book.record[0]["n_near"]):
            order = book.orders[book.orders[j]["nth_near"]]
            meets = order["alive"] == 1 and is_stop(order["kind"]) == stops and is_opposed(book, order)
            order["reached"] = 1 if meets else 0
            found = found or meets
    return found


@part
def _meet(book, bars, rule, fees, out, t, k, work):
    """Fill an order that has worked since the open if the bar reaches it."""
    order = book.orders[k]
    i = order["asset"]
    price = price_inside(order, t, bars.open[t, i], bars.high[t, i], bars.low[t, i])
    if price == price:
        execute(book, bars, rule, fees, out, t, k, price, bars.open[t], INSIDE, work)


@part
def _play_entries(book, bars, rule, fees, out, t, work):
    """All other orders, by number; what opposes a position that was entered inside this bar waits for its turn."""
    orders = book.orders
    for j in range(book.record[0]["n_near"]):
        k = orders[j]["nth_near"]
        if orders[k]["alive"] == 1 and not is_asleep(book, orders[k]) and not is_opposed(book, orders[k]):
            _meet(book, bars, rule, fees, out, t, k, work)


@part
def _play_own_bars(book, bars, rule, fees, out, t, stops, work):
    """Exits of positions that were opened or increased inside this bar."""
    if rule["exits"] == 1:
        for s in range(book.owners.shape[0]):
            for n in range(book.mark.shape[0]):
                i = bars.by_name[n]
                entered = work[Work.ENTERED, i]
                if entered == entered and _watches(book, s, i):
                    side, reason = exit_side(book, s, i), TARGET
                    if stops:
                        level, reason = stop_now(book, s, i)
                        price = _own_stop(book, bars, rule, s, t, i, side, level, work)
                    else:
                        level = book.slots[s, Slot.TARGET, i]
                        price = _own_target(book, bars, rule, s, t, i, side, level, work)
                    if price == price:
                        fire(book, bars, rule, fees, out, s, t, i, price, reason, INSIDE, work)
    if _mark_exits(book, bars, t, stops):
        orders = book.orders
        for j in range(book.record[0]["n_near"]):
            k = orders[j]["nth_near"]
            entered = work[Work.ENTERED, orders[k]["asset"]]
            wanted = orders[k]["reached"] == 1 and orders[k]["alive"] == 1 and is_opposed(book, orders[k])
            if wanted and entered == entered:
                price = _own_price(book, bars, rule, orders[k], t, work)
                if price == price:
                    execute(book, bars, rule, fees, out, t, k, price, bars.open[t], INSIDE, work)


@part
def _own_price(book, bars, rule, order, t, work):
    """Return the price of an order that closes what was entered inside this bar."""
    i, s, side = order["asset"], order["owner"], side_of(order["quantity"])
    if is_stop(order["kind"]):
        if order["triggered"] == 1:
            return np.nan
        return _own_stop(book, bars, rule, s, t, i, side, stop_of(order), work)
    if order["kind"] == OrderKind.STOP_LIMIT and not has_limit(order, t):
        price = _own_stop(book, bars, rule, s, t, i, side, order["stop"], work)
        if order["limit_from"] < 0 and price == price:
            order["limit_from"] = t + 1
        return np.nan
    return _own_target(book, bars, rule, s, t, i, side, order["limit"], work)


@part
def _own_stop(book, bars, rule, s, t, i, side, level, work):
    """Return where a stop of an entry at P fills on its own bar: its level, or P if that is already beyond it."""
    proof = _extreme_for(book, bars, s, t, i, YES)
    if rule["intrabar"] == Intrabar.OPTIMISTIC:
        proof = bars.close[t, i]
    return worse(side, level, work[Work.ENTERED, i]) if is_beyond_stop(side, level, proof) else np.nan


@part
def _own_target(book, bars, rule, s, t, i, side, level, work):
    """Return where a target of an entry at P fills on its own bar if the close proves it: its level, or P beyond it."""
    proof = bars.close[t, i]
    if rule["intrabar"] == Intrabar.OPTIMISTIC:
        proof = _extreme_for(book, bars, s, t, i, NO)
    elif work[Work.BY_LIMIT, i] == 0.0:
        return np.nan
    return better(side, level, work[Work.ENTERED, i]) if is_beyond_limit(side, level, proof) else np.nan


@part
def _extreme_for(book, bars, s, t, i, adverse):
    """Return the price of the bar that is worst, or best, for the position."""
    return bars.low[t, i] if (book.owned[s, Own.QUANTITY, i] > 0.0) == adverse else bars.high[t, i]
