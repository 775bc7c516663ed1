"""One fill of the whole bar: the position, the cash, the record, and what else a change of position sets in motion."""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Slot, Work
from backtest.kernels.costs import fill_cost, note_unknown, read_rates
from backtest.kernels.exits import update_slot
from backtest.kernels.heard import note
from backtest.kernels.levels import INSIDE
from backtest.kernels.orders import whole_lots
from backtest.kernels.post import post_event, write_alone
from backtest.kernels.settlement import hold_back
from backtest.kernels.working import let_vanish, wake_sleepers
from backtest.types import CostShape, EventKind, FillReason

NEW = np.int64(-1)  # the line of a fill that is not there yet
REINVEST = np.int64(FillReason.REINVEST.value)
ROUNDING = 1e-12  # of a trade: a position with no more than this is none


@part
def trade(book, bars, rule, fees, out, s, t, i, quantity, price, line, reason, resting, in_basket, moment, work):
    """Book `quantity` units at `price`; return the line of the fill.

    An order split at zero is one fill: with `line` ≥ 0 this is the second half of the fill there. The order's own
    columns of a new line are the caller's to fill in.
    """
    old = book.owned[s, Own.QUANTITY, i]
    done = 0.0
    if line < 0:
        if not in_basket and abs(old + quantity) <= ROUNDING * abs(quantity):
            quantity = -old  # 0.3 sold of 0.1 + 0.2
        line = book.record[0]["n_fills"]
        write_alone(book, out, s, t, i, quantity, price, reason, moment)
    else:
        done = out.fills[line]["quantity"]
        if rule["all_events"] == 1:
            post_event(book, out, s, t, i, EventKind.ORDER_FILLED, out.fills[line]["order_id"], done)
    note(book, EventKind.ORDER_FILLED)
    whole = done + quantity
    rates = read_rates(book, rule, fees)
    fee, spread, slippage, impact = fill_cost(rates, fees, t, i, abs(whole), price, resting)
    if reason == REINVEST:
        fee = spread = slippage = impact = 0.0
    if rates.shape != CostShape.FLAT:
        book.record[0]["month_volume"] += abs(quantity) * price
        if not np.isfinite(spread + impact):
            note_unknown(book, i)
            spread, impact = 0.0, 0.0
    fill = out.fills[line]
    more = (fee + spread + slippage + impact) - (
        fill["commission"] + fill["spread"] + fill["slippage"] + fill["impact"]
    )
    fill["quantity"], fill["commission"], fill["spread"] = whole, fee, spread
    fill["slippage"], fill["impact"] = slippage, impact
    new = whole - done if old == 0.0 else old + quantity  # so that the book is what its fills add up to
    if not in_basket and abs(new) <= ROUNDING * abs(quantity):
        new = 0.0
    if not in_basket and rule["whole"] == 1:
        book.slots[s, Slot.TOUCHED, i] = t
    book.owned[s, Own.QUANTITY, i] = new
    outlay = quantity * price + more
    book.owners[s]["cash"] -= outlay
    hold_back(book, bars, s, t, i, -outlay)
    _follow(book, bars, rule, out, s, t, i, old, price, resting, moment, work)
    return line


@part
def _follow(book, bars, rule, out, s, t, i, old, price, resting, moment, work):
    """Do what a change of position calls for: declared exits, sleeping orders."""
    new = book.owned[s, Own.QUANTITY, i]
    turned = old * new <= 0.0
    if moment == INSIDE and new != 0.0 and (turned or abs(new) > abs(old)):
        book.record[0]["entered"] = 1
        book.slots[s, Slot.HOT, i] = 1.0
        work[Work.ENTERED, i] = price
        work[Work.BY_LIMIT, i] = 1.0 if resting else 0.0
    busy = book.record[0]["n_working"] > 0
    if old != 0.0 and turned:
        note(book, EventKind.POSITION_CLOSED)
        if busy:
            let_vanish(book, out, s, t, i, old)
    if rule["exits"] == 1:
        update_slot(book, bars, s, i, old, price, moment)
    if new != 0.0 and turned:
        note(book, EventKind.POSITION_OPENED)
        if busy:
            wake_sleepers(book, s, i, price, moment)


@part
def limit_to_volume(book, rule, i, quantity, lot):
    """Return what of `quantity` the volume of the row allows, in whole lots where it binds."""
    if rule["participation"] == 0.0:
        return quantity
    left = book.slots[0, Slot.ROOM, i]
    if abs(quantity) <= left:
        return quantity
    return whole_lots(left if quantity > 0.0 else -left, lot)


@part
def take_room(book, rule, i, quantity):
    """Use up a part of the row's volume. A rest that is rounding is none."""
    if rule["participation"] != 0.0:
        left = book.slots[0, Slot.ROOM, i] - abs(quantity)
        book.slots[0, Slot.ROOM, i] = left if left > ROUNDING * abs(quantity) else 0.0


@part
def open_room(book, bars, rule, t):
    """Allow the row's part of the volume; NaN or 0 is no volume."""
    if rule["participation"] != 0.0:
        for i in range(book.mark.shape[0]):
            volume = bars.volume[t, i]
            book.slots[0, Slot.ROOM, i] = rule["participation"] * volume if volume > 0.0 else 0.0
