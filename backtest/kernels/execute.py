"""An explicit order is filled at a price: reduce, then open what can be paid for, as far as the volume reaches."""

import numpy as np

from backtest.kernels._jit import NO, part
from backtest.kernels.afford import affordable_part
from backtest.kernels.book import Own, Slot
from backtest.kernels.exits import TARGET
from backtest.kernels.levels import INSIDE, is_stop
from backtest.kernels.orders import whole_lots
from backtest.kernels.post import post_event
from backtest.kernels.slices import due, is_sliced, number_slice
from backtest.kernels.trade import NEW, ROUNDING, limit_to_volume, take_room, trade
from backtest.kernels.working import cancel, cancel_others, give_birth, is_asleep, is_opposed, reason_of
from backtest.types import CancelReason, EventKind, FillReason, OrderKind

UNIVERSE = np.int64(FillReason.UNIVERSE.value)


@part
def execute(book, bars, rule, fees, out, t, k, price, quotes, moment, work):
    """Fill order `k` whole: what it reduces and then what it opens."""
    reduce_with(book, bars, rule, fees, out, t, k, price, moment, work)
    open_with(book, bars, rule, fees, out, t, k, price, quotes, moment, work)
    if moment == INSIDE:
        book.orders[k]["part"] = -1  # another fill in this bar has another price


@part
def reduce_with(book, bars, rule, fees, out, t, k, price, moment, work):
    """Fill the part of an order that makes the position smaller."""
    order = book.orders[k]
    if order["alive"] == 0 or is_asleep(book, order):
        return
    if is_stop(order["kind"]):
        order["triggered"] = 1
    if is_opposed(book, order):
        i = order["asset"]
        wanted = due(book, order, t, bars.lots[i])
        size = min(abs(wanted), abs(book.owned[order["owner"], Own.QUANTITY, i]))
        quantity = limit_to_volume(book, rule, i, size if wanted > 0.0 else -size, bars.lots[i])
        _fill(book, bars, rule, fees, out, t, k, quantity, price, moment, work)


@part
def open_with(book, bars, rule, fees, out, t, k, price, quotes, moment, work):
    """Fill what is left and opens, cut to what is affordable; what cannot be paid for is cancelled."""
    order = book.orders[k]
    if order["alive"] == 0 or is_asleep(book, order) or order["reduce_only"] == 1:
        return
    if is_stop(order["kind"]):
        order["triggered"] = 1
    if is_opposed(book, order):
        return  # the volume did not reach for what it reduces
    i, s = order["asset"], order["owner"]
    now = due(book, order, t, bars.lots[i])
    if now == 0.0:
        return
    if rule["margin"] == 0 and order["quantity"] < 0.0:
        post_event(book, out, s, t, i, EventKind.SHORT_DROPPED, order["number"], order["quantity"])
        cancel(book, out, t, k, CancelReason.SHORT_DROPPED.value)
        return
    quantity = limit_to_volume(book, rule, i, now, bars.lots[i])
    if quantity == 0.0:
        return
    done = out.fills[order["part"]]["quantity"] if order["part"] >= 0 else 0.0
    f = affordable_part(book, rule, fees, s, t, i, quantity, price, done, _is_resting(order), quotes)
    if f < 1.0:
        quantity = whole_lots(f * quantity, bars.lots[i])
    _fill(book, bars, rule, fees, out, t, k, quantity, price, moment, work)
    if f < 1.0 and order["alive"] == 1:
        cancel(book, out, t, k, CancelReason.UNAFFORDABLE.value)


@part
def _is_resting(order):
    return order["kind"] == OrderKind.LIMIT or order["kind"] == OrderKind.STOP_LIMIT


@part
def _fill(book, bars, rule, fees, out, t, k, quantity, price, moment, work):
    """Book a fill of order `k` and let its family know."""
    if quantity == 0.0:
        return
    order = book.orders[k]
    i, s, part_line = order["asset"], order["owner"], order["part"]
    take_room(book, rule, i, quantity)
    left = order["quantity"] - quantity
    order["quantity"] = 0.0 if abs(left) <= ROUNDING * abs(quantity) else left
    order["filled"] += quantity
    done = order["quantity"] == 0.0
    if done:
        order["alive"] = 0
        book.record[0]["n_dead"] += 1
    if order["reduce_only"] == 1:
        book.slots[s, Slot.EXITED, i] = 1.0
    reason, resting = reason_of(order["kind"]), _is_resting(order)
    if order["forced"] == 1:
        reason = UNIVERSE
    line = trade(book, bars, rule, fees, out, s, t, i, quantity, price, part_line, reason, resting, NO, moment, work)
    order["part"] = line
    fill = out.fills[line]
    if is_sliced(order):
        number_slice(book, order, fill, part_line < 0)
    else:
        fill["order_id"], fill["parent_id"] = order["number"], order["parent_id"]
    fill["decision_row"], fill["decision_price"] = order["decision_row"], order["decision_price"]
    if order["children"] == 1:
        give_birth(book, bars, t, k, quantity, price, moment)
    cancel_others(book, out, t, k, done)


@part
def fire(book, bars, rule, fees, out, s, t, i, price, reason, moment, work):
    """Fill a declared exit as far as the volume reaches; the rest of a stop is filled at the next open."""
    if reason != TARGET:
        book.slots[s, Slot.FIRED, i] = reason
    quantity = limit_to_volume(book, rule, i, -book.owned[s, Own.QUANTITY, i], bars.lots[i])
    if quantity != 0.0:
        take_room(book, rule, i, quantity)
        book.slots[s, Slot.EXITED, i] = 1.0
        trade(book, bars, rule, fees, out, s, t, i, quantity, price, NEW, reason, reason == TARGET, NO, moment, work)
