"""The life of explicit orders: placed, cancelled, replaced, outlived, born of a parent.

They stand in the book by number. What is filled or cancelled stays there, no more alive, until the next row.
"""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Seen
from backtest.kernels.clocks import is_possible, own_session
from backtest.kernels.guard import lift_guard
from backtest.kernels.levels import INSIDE, is_market, round_to_tick, side_of
from backtest.kernels.mark import is_known
from backtest.kernels.orders import whole_lots
from backtest.kernels.post import post_cancel, post_order
from backtest.types import CancelReason, Fill, FillReason, OrderKind, TimeInForce

FIRST = np.int64(FillReason.MARKET.value)  # from here on reasons stand as the kinds of orders
SLICED = np.int64(FillReason.SLICED.value)


@part
def find(book, number):
    """Place of the working order with a number, −1 when it works no more, or never did."""
    orders = book.orders
    n = book.record[0]["n_working"]
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if orders[middle]["number"] < number:
            low = middle + 1
        else:
            high = middle
    return low if low < n and orders[low]["number"] == number and orders[low]["alive"] == 1 else -1


@part
def reason_of(kind):
    """Return the FillReason of an explicit order of a kind."""
    return SLICED if kind == OrderKind.SLICED else FIRST + kind


@part
def is_asleep(book, order):
    """Whether an order has nothing to do yet: a child before its birth, or nothing that it could reduce."""
    quantity = order["quantity"]
    if quantity == 0.0:
        return True
    return order["reduce_only"] == 1 and not book.owned[order["owner"], Own.QUANTITY, order["asset"]] * quantity < 0.0


@part
def is_opposed(book, order):
    """Whether an order would make the position smaller."""
    return book.owned[order["owner"], Own.QUANTITY, order["asset"]] * order["quantity"] < 0.0


@part
def cancel(book, out, t, k, reason):
    """Take order `k` out of the book, and with it the children that it has not given birth to."""
    orders = book.orders
    order = orders[k]
    order["alive"] = 0
    book.record[0]["n_dead"] += 1
    post_cancel(book, out, order["owner"], t, order["asset"], order["number"], order["quantity"], reason)
    if order["children"] == 1:
        for c in range(k + 1, book.record[0]["n_working"]):
            child = orders[c]
            if child["decision_row"] != order["decision_row"]:
                break
            if child["alive"] == 1 and child["parent_id"] == order["number"] and child["quantity"] == 0.0:
                child["alive"] = 0
                book.record[0]["n_dead"] += 1
                gone = CancelReason.PARENT.value
                post_cancel(book, out, child["owner"], t, child["asset"], child["number"], 0.0, gone)


@part
def cancel_entries(book, out, t, i, reason):
    """Cancel the orders in `i` that would open; what could reduce the position may only do that from now on."""
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        if order["alive"] == 1 and order["asset"] == i:
            if order["reduce_only"] == 1 or is_opposed(book, order):
                order["reduce_only"] = 1
            else:
                cancel(book, out, t, k, reason)


@part
def cancel_explicit(book, out, t, i):
    """Cancel every explicit order of an asset that is gone."""
    for k in range(book.record[0]["n_working"]):
        if book.orders[k]["alive"] == 1 and book.orders[k]["asset"] == i:
            cancel(book, out, t, k, CancelReason.DELISTED.value)


@part
def split_orders(book, i, ratio):
    """Restate the orders of an asset in new units."""
    lift_guard(book)
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        if order["asset"] == i:
            order["quantity"] *= ratio
            order["filled"] *= ratio
            order["limit"] /= ratio
            order["stop"] /= ratio
            order["extreme"] /= ratio
            order["decision_price"] /= ratio
            if order["trail_is_percent"] == 0:
                order["trail"] /= ratio


@part
def _tidy_up(book):
    """Forget the orders that are gone."""
    state = book.record[0]
    orders = book.orders
    kept, timed = 0, 0
    for k in range(state["n_working"]):
        if orders[k]["alive"] == 1:
            timed |= 1 if _is_timed(orders[k]) else 0
            if kept < k:
                orders[kept] = orders[k]
            kept += 1
    state["n_working"], state["n_dead"], state["timed"] = kept, 0, timed


@part
def expire(book, bars, out, t):
    """Forget what is gone, and cancel what has outlived its time: it could not fill in row `t` any more."""
    state = book.record[0]
    orders = book.orders
    if state["n_dead"] > 0:
        _tidy_up(book)
    if state["timed"] == 1:
        session = bars.session[t]
        for k in range(state["n_working"]):
            order = orders[k]
            if order["alive"] == 1:
                own = own_session(bars, t, order["asset"])
                begins = order["tif"] == TimeInForce.DAY and order["last_session"] < 0 and order["quantity"] != 0.0
                if begins and is_possible(bars, t, order["asset"], order["decision_row"]):
                    order["last_session"] = own
                if _is_over(order, t, own, session):
                    cancel(book, out, t, k, CancelReason.EXPIRED.value)


@part
def _is_timed(order):
    """Whether an order ends by itself."""
    return order["tif"] != TimeInForce.GTC or order["kind"] == OrderKind.SLICED


@part
def _is_over(order, t, own, session):
    """Whether the time of an order has passed; a day is a session of its `own` clock, a date one of any."""
    if order["kind"] == OrderKind.SLICED and t > order["last_row"]:
        return True
    if order["tif"] == TimeInForce.DAY:
        return 0 <= order["last_session"] < own
    if order["tif"] == TimeInForce.GTD:
        return 0 <= order["expires_row"] < t or 0 <= order["expires_session"] < session
    return False


@part
def place_orders(book, bars, rule, out, requests, t, prices, has_basket):
    """Cancel what the answer cancels, then place its orders. Each order uses up a number, also one that is refused."""
    state = book.record[0]
    cancels = 0
    while cancels < requests.shape[0] and requests[cancels]["kind"] == OrderKind.CANCEL:
        k = find(book, requests[cancels]["number"])
        if k >= 0:
            cancel(book, out, t, k, CancelReason.CANCELLED.value)
        cancels += 1
    first = state["next_order"] - cancels
    state["next_order"] += requests.shape[0] - cancels
    for j in range(cancels, requests.shape[0]):
        _place(book, bars, rule, out, requests[j], first, first + j, t, prices, has_basket)


@part
def _place(book, bars, rule, out, asked, first, number, t, prices, has_basket):
    """Place one order, or say why not; the one that it replaces goes first."""
    state = book.record[0]
    i, s = asked["asset"], asked["owner"]
    mark = prices[i] if bars.complete[t] or is_known(book, i) else np.nan
    parent = find(book, first + asked["parent"]) if asked["parent"] >= 0 else -1
    replaced = find(book, asked["number"])
    refusal = _why_refused(book, bars, rule, asked, t, parent, replaced, mark)
    if refusal != CancelReason.NONE:
        post_cancel(book, out, s, t, i, number, asked["quantity"], refusal)
        return
    if replaced >= 0:
        cancel(book, out, t, replaced, CancelReason.REPLACED.value)
    order = book.orders[state["n_working"]]
    state["n_working"] += 1
    order["owner"], order["asset"], order["kind"], order["number"] = s, i, asked["kind"], number
    order["reduce_only"], order["parent_id"] = asked["reduce_only"], -1
    order["quantity"] = asked["quantity"] if asked["reduce_only"] == 1 else whole_lots(asked["quantity"], bars.lots[i])
    side = side_of(asked["quantity"])
    if parent >= 0:
        entry = book.orders[parent]
        entry["children"] = 1
        side = -side_of(entry["quantity"])
        order["quantity"], order["reduce_only"], order["parent_id"] = 0.0, 1, entry["number"]
    order["limit"] = round_to_tick(asked["limit"], bars.ticks[i], -side)
    order["stop"] = round_to_tick(asked["stop"], bars.ticks[i], side)
    order["trail"], order["trail_is_percent"] = asked["trail"], asked["trail_is_percent"]
    order["tif"], order["group"] = asked["tif"], asked["group"]
    order["expires_row"], order["expires_session"] = asked["expires_row"], asked["expires_session"]
    order["decision_row"], order["decision_price"] = t, mark
    order["first_row"], order["last_row"], order["curve"] = asked["first_row"], asked["last_row"], asked["curve"]
    order["basket_row"] = t if has_basket else -1
    order["last_session"], order["limit_from"], order["part"] = -1, -1, -1
    order["alive"], order["filled"], order["forced"] = 1, 0.0, 0
    state["timed"] |= 1 if _is_timed(order) else 0
    order["children"] = order["triggered"] = order["fresh"] = order["reached"] = order["spent"] = 0
    order["extreme"] = np.nan if is_asleep(book, order) else mark
    lift_guard(book)
    post_order(book, rule, out, t, order, reason_of(order["kind"]))


@part
def _why_refused(book, bars, rule, asked, t, parent, replaced, mark):
    """Return why an order is not accepted, 0 when it is."""
    i = asked["asset"]
    if asked["number"] >= 0 and replaced < 0:
        return CancelReason.NOTHING_TO_REPLACE.value  # doubling what has happened is not what was meant
    if asked["parent"] >= 0 and (parent < 0 or book.orders[parent]["quantity"] == 0.0):
        return CancelReason.PARENT.value  # it was refused, or is a child itself
    if book.seen[Seen.GONE, i] == 1:
        return CancelReason.DELISTED.value
    if parent >= 0 or asked["reduce_only"] == 1:
        return CancelReason.NONE.value
    if bars.member.shape[0] > 0 and not bars.member[t, i]:
        return CancelReason.UNIVERSE.value
    quantity = whole_lots(asked["quantity"], bars.lots[i])
    level = asked["limit"] if asked["limit"] == asked["limit"] else asked["stop"]
    level = level if level == level else mark
    if quantity == 0.0 or abs(quantity) * level < rule["min_notional"]:
        return CancelReason.BELOW_MINIMUM.value
    return CancelReason.NONE.value


@part
def start_trail(book, order, price, moment):
    """Let a trail begin at the fill that gave it a position to protect."""
    book.record[0]["late"] = 1
    lift_guard(book)
    order["extreme"] = price
    order["fresh"] = 1 if moment == INSIDE else 0


@part
def give_birth(book, bars, t, k, quantity, price, moment):
    """Let the children of entry `k` work for the `quantity` that was filled of it at `price`."""
    number = book.orders[k]["number"]
    for c in range(k + 1, book.record[0]["n_working"]):
        child = book.orders[c]
        if child["decision_row"] != book.orders[k]["decision_row"]:
            break
        if child["alive"] == 1 and child["parent_id"] == number:
            newborn = child["quantity"] == 0.0
            child["quantity"] -= quantity
            if newborn:
                start_trail(book, child, price, moment)
                if child["tif"] == TimeInForce.DAY:
                    child["last_session"] = own_session(bars, t, child["asset"])


@part
def cancel_others(book, out, t, k, done):
    """One cancels the other. A reduce-only order that is filled in part leaves the others: they clip to what is left.

    The first fill of a child ends what is left of its parent: nobody wants more of what is being closed.
    """
    order = book.orders[k]
    group, parent_id = order["group"], order["parent_id"]
    if parent_id >= 0:
        parent = find(book, parent_id)
        if parent >= 0:
            cancel(book, out, t, parent, CancelReason.CHILD_FILLED.value)
    if (order["reduce_only"] == 1 and not done) or (group < 0 and parent_id < 0):
        return
    for c in range(book.record[0]["n_working"]):
        other = book.orders[c]
        same = (group >= 0 and other["group"] == group) or (parent_id >= 0 and other["parent_id"] == parent_id)
        if c != k and same and other["alive"] == 1:
            cancel(book, out, t, c, CancelReason.OCO.value)


@part
def _may_only_reduce(order, s, i):
    return order["asset"] == i and order["owner"] == s and order["alive"] == 1 and order["reduce_only"] == 1


@part
def wake_sleepers(book, s, i, price, moment):
    """A position was opened: the reduce-only orders that waited for it begin to work."""
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        if _may_only_reduce(order, s, i) and not is_asleep(book, order):
            start_trail(book, order, price, moment)


@part
def let_vanish(book, out, s, t, i, old):
    """A fill has ended the position `old`: what could only have reduced it has no purpose any more."""
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        if _may_only_reduce(order, s, i) and order["quantity"] * old < 0.0:
            cancel(book, out, t, k, CancelReason.POSITION_CLOSED.value)


@part
def drop_without_position(book, out, s, t, decision_row):
    """The basket of an answer has ended: its reduce-only orders that found no position go."""
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        if order["alive"] == 1 and order["owner"] == s and order["basket_row"] == decision_row:
            order["basket_row"] = -1
            if order["reduce_only"] == 1 and order["quantity"] != 0.0 and is_asleep(book, order):
                cancel(book, out, t, k, CancelReason.NO_POSITION.value)


@part
def fills_at_close(rule, order):
    """Whether an order asks for the close; a market order does where targets fill there."""
    kind = order["kind"]
    return is_market(kind) and (kind == OrderKind.MARKET_ON_CLOSE or rule["fill"] != Fill.NEXT_OPEN)
