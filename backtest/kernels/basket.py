"""A basket on the whole bar: reduce first, then share what money there is among the openings, as far as volume goes."""

import numpy as np

from backtest.kernels._jit import NO, YES, part
from backtest.kernels.actions import cancel_openings
from backtest.kernels.afford import available_money
from backtest.kernels.book import Own, Slot, Work
from backtest.kernels.clocks import is_waiting
from backtest.kernels.costs import read_rates
from backtest.kernels.fill import net_exposure, value_known
from backtest.kernels.match import drop_unknown, opening_factor
from backtest.kernels.orders import size_basket, whole_lots
from backtest.kernels.post import complete_rebalance, post_cancel, post_decision, post_event
from backtest.kernels.trade import limit_to_volume, take_room, trade
from backtest.kernels.working import drop_without_position
from backtest.types import CostShape, EventKind, FillReason

TARGET = np.int64(FillReason.TARGET.value)
UNTIL_FILLED = -1


@part
def start_basket(book, bars, rule, fees, out, s, t, quotes, work):
    """Begin an opportunity of the basket: size it if that is still to be done, let lapse what has no bar."""
    owner = book.owners[s]
    held = value_known(book.owned[s, Own.QUANTITY], quotes, book.mark, work[Work.TERMS])
    if owner["sized"] == 0:
        owner["sized"] = 1
        size_basket(book, bars, rule, fees, out, s, t, quotes, owner["cash"] + held, bars.complete[t], work)
        cancel_openings(book, bars, out, s, t)
    rates = read_rates(book, rule, fees)
    if rates.shape != CostShape.FLAT:
        drop_unknown(book, rates, fees, t, quotes, book.owned[s, Own.REDUCE], book.owned[s, Own.OPEN])
    if owner["net_before"] != owner["net_before"]:
        owner["net_before"] = net_exposure(held, owner["cash"])
    reduce, opening = book.owned[s, Own.REDUCE], book.owned[s, Own.OPEN]
    for n in range(quotes.shape[0]):
        i = bars.by_name[n]
        work[Work.PART, i] = -1.0
        whole = reduce[i] + opening[i]
        if whole == 0.0:
            continue
        if quotes[i] == quotes[i]:
            book.slots[s, Slot.MET, i] += 1.0
            if opening[i] < 0.0 and rule["margin"] == 0:
                post_event(book, out, s, t, i, EventKind.SHORT_DROPPED, book.order_id[s, i], opening[i])
                opening[i] = 0.0
        elif rule["carry"] == 0 and not is_waiting(bars, work, i):
            post_event(book, out, s, t, i, EventKind.HALTED, book.order_id[s, i], whole)
            reduce[i] = opening[i] = 0.0


@part
def reduce_basket(book, bars, rule, fees, out, s, t, quotes, moment, work):
    """Fill the reducing parts, as far as there is still something to reduce."""
    reduce = book.owned[s, Own.REDUCE]
    for n in range(quotes.shape[0]):
        i = bars.by_name[n]
        if reduce[i] != 0.0 and quotes[i] == quotes[i]:
            held = book.owned[s, Own.QUANTITY, i]
            size = min(abs(reduce[i]), abs(held)) if reduce[i] * held < 0.0 else 0.0
            wanted = size if reduce[i] > 0.0 else -size
            quantity = limit_to_volume(book, rule, i, wanted, bars.lots[i])
            reduce[i] = wanted - quantity
            _trade(book, bars, rule, fees, out, s, t, i, quantity, quotes[i], moment, work)


@part
def open_basket(book, bars, rule, fees, out, s, t, quotes, moment, work):
    """Fill the opening parts, all of them cut by the one factor that can be paid for; what is cut is not sent again."""
    owner = book.owners[s]
    opening, wanted, done = book.owned[s, Own.OPEN], work[Work.MORE], work[Work.VALUE]
    for i in range(quotes.shape[0]):
        line = int(work[Work.PART, i])
        done[i] = out.fills[line]["quantity"] if line >= 0 else 0.0
        wanted[i] = 0.0
        if opening[i] != 0.0 and quotes[i] == quotes[i] and opening[i] * book.owned[s, Own.QUANTITY, i] >= 0.0:
            wanted[i] = limit_to_volume(book, rule, i, opening[i], bars.lots[i])
    rates = read_rates(book, rule, fees)
    available = available_money(book, rule, s, quotes)
    f = opening_factor(rule, rates, fees, t, available, owner["equity"], done, wanted, quotes, work[Work.TERMS])
    owner["scale"] = f if owner["scale"] != owner["scale"] else min(f, owner["scale"])
    if f < 1.0:
        post_event(book, out, s, t, -1, EventKind.SCALED, -1, f)
    for n in range(quotes.shape[0]):
        i = bars.by_name[n]
        quantity = wanted[i]
        if quantity != 0.0:
            opening[i] -= quantity
            if f < 1.0:
                quantity = whole_lots(f * quantity, bars.lots[i])
                worth = abs(done[i] + quantity) * quotes[i]
                if quantity != 0.0 and worth < rule["min_notional"]:
                    post_event(book, out, s, t, i, EventKind.BELOW_MINIMUM, book.order_id[s, i], worth)
                    quantity = 0.0
            _trade(book, bars, rule, fees, out, s, t, i, quantity, quotes[i], moment, work)


@part
def _trade(book, bars, rule, fees, out, s, t, i, quantity, price, moment, work):
    """Book a part of an order of the basket."""
    if quantity == 0.0:
        return
    owner = book.owners[s]
    take_room(book, rule, i, quantity)
    line = int(work[Work.PART, i])
    if line < 0:
        owner["n_fills"] += 1
    line = trade(book, bars, rule, fees, out, s, t, i, quantity, price, line, TARGET, NO, YES, moment, work)
    work[Work.PART, i] = line
    fill = out.fills[line]
    fill["order_id"], fill["decision_row"] = book.order_id[s, i], owner["row"]
    fill["decision_price"] = book.owned[s, Own.DECISION_PRICE, i]


@part
def finish_basket(book, bars, rule, out, s, t, quotes, work):
    """End an opportunity: what is left works on as long as it may; without anything left the basket is done."""
    owner = book.owners[s]
    reduce, opening = book.owned[s, Own.REDUCE], book.owned[s, Own.OPEN]
    held = value_known(book.owned[s, Own.QUANTITY], quotes, book.mark, work[Work.TERMS])
    owner["net_after"] = net_exposure(held, owner["cash"])
    owner["met"] = max(owner["met"], 1)
    left = False
    for n in range(quotes.shape[0]):
        i = bars.by_name[n]
        whole = reduce[i] + opening[i]
        if whole != 0.0:
            if is_waiting(bars, work, i) or _works_on(book, rule, s, i, quotes[i]):
                left = True
            else:
                post_event(book, out, s, t, i, EventKind.CAPPED, book.order_id[s, i], whole)
                reduce[i] = opening[i] = 0.0
    if not left:
        owner["working"] = 2
        drop_without_position(book, out, s, t, owner["row"])
        complete_rebalance(book, rule, out, s, t)


@part
def _works_on(book, rule, s, i, quote):
    """Whether the order of an asset that has something left has time for it."""
    carry = rule["carry"]
    return carry == UNTIL_FILLED or book.slots[s, Slot.MET, i] < carry or (carry != 0 and quote != quote)


@part
def cancel_basket(book, bars, out, s, t, reason):
    """Cancel what is left of the working basket of owner `s`, and end it."""
    if book.owners[s]["working"] != 1:
        return
    reduce, opening = book.owned[s, Own.REDUCE], book.owned[s, Own.OPEN]
    for n in range(book.mark.shape[0]):
        i = bars.by_name[n]
        whole = reduce[i] + opening[i]
        if whole != 0.0:
            post_cancel(book, out, s, t, i, book.order_id[s, i], whole, reason)
            reduce[i] = opening[i] = 0.0
    decision_row = book.owners[s]["row"]
    post_decision(book, out, s, t)
    drop_without_position(book, out, s, t, decision_row)


@part
def without_working(book, s, quotes, out_quotes):
    """Write the quotes into `out_quotes` `(N,)`, NaN for assets whose target order waits: nobody attained anything."""
    reduce, opening = book.owned[s, Own.REDUCE], book.owned[s, Own.OPEN]
    for i in range(quotes.shape[0]):
        out_quotes[i] = quotes[i] if reduce[i] + opening[i] == 0.0 else np.nan
