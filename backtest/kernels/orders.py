"""From raw targets to orders: the one function that plans, answers and re-applied targets all go through."""

import math

import numpy as np

from backtest.kernels._jit import kernel
from backtest.kernels.book import Own, Seen, Work
from backtest.kernels.lanes import total
from backtest.kernels.post import post_event
from backtest.kernels.sizing import add_members, aimed_equity, equity_after, smallest_member
from backtest.types import EventKind, Size


@kernel
def whole_lots(quantity, lot):
    """Round a signed quantity toward zero to whole lots; `lot` 0 leaves it alone."""
    if lot == 0.0:
        return quantity
    return math.copysign(np.floor(abs(quantity) / lot * (1.0 + 1e-12) + 1e-9) * lot, quantity)


@kernel
def take_decision(book, bars, rule, out, s, t, prices, source, reasons, work):
    """Make the raw targets in `Own.TARGET` a working basket, sized now or at its fill; `prices` are the marks."""
    state = book.record[0]
    owner = book.owners[s]
    owner["has_targets"] = 1
    owner["working"] = 1
    owner["row"] = t
    owner["source"] = source
    owner["reasons"] = reasons
    owner["drift"] = state["drift"]
    owner["drift_asset"] = state["drift_asset"]
    owner["n_orders"] = 0
    owner["n_fills"] = 0
    owner["before"] = owner["equity"]
    owner["after"] = owner["equity"]
    owner["scale"] = np.nan
    owner["net_before"] = np.nan
    book.owned[s, Own.DECISION_PRICE, :] = prices
    if not bars.complete[t]:
        for i in range(prices.shape[0]):
            if book.seen[Seen.SESSION, i] < 0:
                book.owned[s, Own.DECISION_PRICE, i] = np.nan
    if rule["size"] == Size.AT_DECISION:
        size_basket(book, bars, rule, out, s, t, bars.close[t], owner["equity"], bars.complete[t], work)
    else:
        owner["after"] = np.nan
        book.owned[s, Own.REDUCE, :] = 0.0
        book.owned[s, Own.OPEN, :] = 0.0


@kernel
def size_basket(book, bars, rule, out, s, t, quotes, equity, dense, work):
    """Solve for the equity after costs and write the orders of owner `s`, numbered by symbol.

    `quotes` `(N,)` are the prices to size with; NaN marks what cannot be traded, which is valued at its mark. `dense`
    says that there is no NaN.
    """
    q = book.owned[s, Own.QUANTITY]
    reduce = book.owned[s, Own.REDUCE]
    opening = book.owned[s, Own.OPEN]
    stuck, gross, free = 0.0, 0.0, 0.0
    if dense:
        _look(q, book.owned[s, Own.TARGET], quotes, rule["commission"], rule["per_share"], work)
    else:
        stuck, gross, free = _look_around(book, rule, out, s, t, quotes, bars.by_name, work)
    owner = book.owners[s]
    owner["before"] = equity
    owner["after"] = equity
    owner["shorts"] = 0
    if equity <= 0.0:
        reduce[:] = 0.0
        opening[:] = 0.0
        return
    x = _solve(book, bars, rule, out, s, t, equity, stuck, gross, free, work)
    owner["after"] = x
    y = aimed_equity(x, stuck, gross, free)
    owner["shorts"] = write_quantities(y, 1e-9 * equity, q, quotes, work, reduce, opening)
    if rule["lots"] == 1:
        round_to_lots(q, bars.lots, reduce, opening)
    _number_orders(book, s, bars.by_name, reduce, opening)


@kernel
def _look(q, target, quotes, rate, per_share, work):
    """Fill in weights, values and cost rates when everything can be traded."""
    w, h, unit_rate = work.cells[Work.WEIGHT], work.cells[Work.VALUE], work.cells[Work.RATE]
    for i in range(q.shape[0]):
        w[i] = target[i]
        h[i] = q[i] * quotes[i]
        unit_rate[i] = rate
    if per_share > 0.0:
        for i in range(q.shape[0]):
            unit_rate[i] += per_share / quotes[i]
    work.cells[Work.FREE, :] = 1.0


@kernel
def _look_around(book, rule, out, s, t, quotes, by_name, work):
    """Fill in weights, values and cost rates; return money stuck in the untradable, and Σ|w| of all and of the free.

    A target on what is neither tradable nor held counts nowhere: its money stays cash.
    """
    w, h, unit_rate = work.cells[Work.WEIGHT], work.cells[Work.VALUE], work.cells[Work.RATE]
    q = book.owned[s, Own.QUANTITY]
    target = book.owned[s, Own.TARGET]
    stuck = 0.0
    extra = 0.0
    for k in range(by_name.shape[0]):
        i = by_name[k]
        real = quotes[i] == quotes[i] and book.seen[Seen.GONE, i] == 0
        price = quotes[i] if real else book.mark[i]
        work.cells[Work.FREE, i] = 1.0 if real else 0.0
        h[i] = q[i] * price
        w[i] = target[i] if real else 0.0
        unit_rate[i] = rule["commission"]
        if real:
            unit_rate[i] += rule["per_share"] / price
        elif q[i] != 0.0:
            stuck += abs(h[i])
            extra += abs(target[i])
        elif target[i] != 0.0:
            post_event(book, out, s, t, i, EventKind.UNTRADABLE_TARGET, -1, target[i])
    free = total(np.abs(w))
    return stuck, free + extra, free


@kernel
def _solve(book, bars, rule, out, s, t, equity, stuck, gross, free, work):
    """Find the equity after costs, letting assets in as the answer moves them beyond the smallest trade."""
    w, h, unit_rate, member = (
        work.cells[Work.WEIGHT],
        work.cells[Work.VALUE],
        work.cells[Work.RATE],
        work.cells[Work.MEMBER],
    )
    terms = work.cells[Work.TERMS]
    smallest = max(rule["min_trade"], 1e-9 * equity)
    spread_rate = rule["half_spread"] + rule["slippage"]
    minimum = rule["minimum"]
    start = aimed_equity(equity, stuck, gross, free)
    member[:] = 0.0
    add_members(start, smallest, w, h, work.cells[Work.FREE], member)
    while True:
        x = equity_after(equity, stuck, gross, free, w, h, member, unit_rate, spread_rate, minimum, terms)
        while x <= 0.0:
            i = smallest_member(start, 1e-9 * equity, w, h, member, bars.by_name)
            member[i] = 0.0
            work.cells[Work.FREE, i] = 0.0
            post_event(book, out, s, t, i, EventKind.COST_EXCEEDS_EQUITY, -1, abs(w[i] * start - h[i]))
            x = equity_after(equity, stuck, gross, free, w, h, member, unit_rate, spread_rate, minimum, terms)
        if add_members(aimed_equity(x, stuck, gross, free), smallest, w, h, work.cells[Work.FREE], member) == 0:
            return x


@kernel
def write_quantities(y, rounding, q, quotes, work, reduce, opening):
    """Turn aimed values into quantities, closing and opening parts apart; return 1 when any opens a short.

    A member within `rounding` (money) of its aim is where it should be and gets no order.

    Whether an asset is bought or sold is a coin toss that no processor predicts: written without branches this takes a
    fifth of the time (measured on 500 assets with changing signs).
    """
    w, h, member = work.cells[Work.WEIGHT], work.cells[Work.VALUE], work.cells[Work.MEMBER]
    shorts = 0
    for i in range(q.shape[0]):
        value = w[i] * y
        trades = (member[i] == 1.0) & (abs(value - h[i]) > rounding)
        closes = trades & ((value == 0.0) | (value * h[i] < 0.0))
        shrinks = trades & (abs(value) < abs(h[i])) & (not closes)
        grows = trades & (not shrinks)
        part = (value - (0.0 if closes else h[i])) / quotes[i]
        reduce[i] = -q[i] if closes else (part if shrinks else 0.0)
        opening[i] = part if grows else 0.0
        shorts |= 1 if opening[i] < 0.0 else 0
    return shorts


@kernel
def round_to_lots(q, lots, reduce, opening):
    """Round both parts toward zero, except what closes a position whole."""
    for i in range(q.shape[0]):
        opening[i] = whole_lots(opening[i], lots[i])
        if reduce[i] != -q[i]:
            part = whole_lots(reduce[i], lots[i])
            reduce[i] = math.copysign(min(abs(part), abs(q[i])), part)


@kernel
def _number_orders(book, s, by_name, reduce, opening):
    """Number the orders by symbol name; a number is written for every asset and kept by those that trade."""
    order_id = book.order_id[s]
    first = book.record[0]["next_order"]
    number = first
    for k in range(by_name.shape[0]):
        i = by_name[k]
        order_id[i] = number
        number += (reduce[i] != 0.0) | (opening[i] != 0.0)
    book.record[0]["next_order"] = number
    book.owners[s]["n_orders"] = number - first
