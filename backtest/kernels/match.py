"""How a working basket meets the prices of one moment: the only part that a live broker would replace."""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Work
from backtest.kernels.costs import is_flat, is_linear, note_unknown, read_rates, whole_cost
from backtest.kernels.lanes import total
from backtest.kernels.orders import whole_lots
from backtest.kernels.post import post_event
from backtest.types import CostShape, EventKind

BISECTIONS = 60


@part
def drop_orders(book, bars, rule, out, s, t, quotes):
    """Let orders without a bar lapse, and openings of shorts, which a cash account does not do."""
    reduce = book.owned[s, Own.REDUCE]
    opening = book.owned[s, Own.OPEN]
    for k in range(quotes.shape[0]):
        i = bars.by_name[k]
        whole = reduce[i] + opening[i]
        if quotes[i] != quotes[i]:
            reduce[i] = 0.0
            opening[i] = 0.0
            if whole != 0.0:
                post_event(book, out, s, t, i, EventKind.HALTED, book.order_id[s, i], whole)
        elif opening[i] < 0.0 and rule["margin"] == 0:
            post_event(book, out, s, t, i, EventKind.SHORT_DROPPED, book.order_id[s, i], opening[i])
            opening[i] = 0.0


@part
def match_basket(book, bars, rule, fees, s, t, quotes, work):
    """Decide what fills: every reducing part, clipped to what is held, and every opening part, cut by one factor."""
    owner = book.owners[s]
    q = book.owned[s, Own.QUANTITY]
    reduce = book.owned[s, Own.REDUCE]
    opening = book.owned[s, Own.OPEN]
    terms = work[Work.TERMS]
    rates = read_rates(book, rule, fees)
    if fees is not None and rates.shape != CostShape.FLAT:
        drop_unknown(book, rates, fees, t, quotes, reduce, opening)
    for i in range(q.shape[0]):
        part = min(abs(reduce[i]), abs(q[i]))  # math.copysign is a call: 2 µs on 500 assets
        reduce[i] = part if reduce[i] > 0.0 else -part
    cash = owner["cash"] - outlay(rates, fees, t, reduce, quotes, terms)
    available = cash - rule["cash_reserve"]
    if rule["margin"] == 1:
        available = _free_margin(rule["initial"], cash, q, reduce, quotes, book.mark)
    factor = opening_factor(rule, rates, fees, t, available, owner["equity"], reduce, opening, quotes, terms)
    owner["scale"] = factor
    if factor < 1.0:
        for i in range(q.shape[0]):
            opening[i] = whole_lots(opening[i] * factor, bars.lots[i])


@part
def drop_unknown(book, rates, fees, t, quotes, reduce, opening):
    """Note orders whose cost nobody knows, and fill the others: the run ends with this row."""
    for i in range(quotes.shape[0]):
        value = abs(reduce[i] + opening[i]) * quotes[i]
        if value > 0.0 and not np.isfinite(whole_cost(rates, fees, t, i, value, quotes[i], False)):
            note_unknown(book, i)
            reduce[i] = 0.0
            opening[i] = 0.0


@part
def opening_factor(rule, rates, fees, t, available, equity, reduced, opening, quotes, terms):
    """Largest factor at which `available` money, cash or free margin, is enough for all openings and their costs."""
    need = use(rule, rates, fees, t, 1.0, reduced, opening, quotes, terms)
    rounding = 1e-12 * equity
    if need == 0.0 or need <= available + rounding:
        return 1.0
    if available <= rounding:
        return 0.0
    if is_linear(rates):
        return available / need
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if use(rule, rates, fees, t, middle, reduced, opening, quotes, terms) <= available:
            low = middle
        else:
            high = middle
    return low


@part
def outlay(rates, fees, t, quantities, quotes, terms):
    """Money that trading `quantities` takes, costs included; negative when it brings money in."""
    n = quantities.shape[0]
    if is_flat(rates):
        rate, per_share = rates.commission + (rates.half_spread + rates.slippage), rates.per_share
        for i in range(n):
            value = quantities[i] * quotes[i]
            cost = abs(value) * rate + abs(quantities[i]) * per_share
            terms[i] = value + cost if quantities[i] != 0.0 else 0.0
    else:
        for i in range(n):
            terms[i] = 0.0
            if quantities[i] != 0.0:
                value = quantities[i] * quotes[i]
                terms[i] = value + whole_cost(rates, fees, t, i, abs(value), quotes[i], False)
    return total(terms)


@part
def _free_margin(initial, cash, q, reduce, quotes, mark):
    """Equity above the initial margin at the quotes (the mark where there is none), once `reduce` has traded."""
    equity, margin = cash, 0.0
    for i in range(q.shape[0]):
        left = q[i] + reduce[i]
        if left != 0.0:
            value = left * (quotes[i] if quotes[i] == quotes[i] else mark[i])
            equity += value
            margin += initial * abs(value)
    return equity - margin


@part
def use(rule, rates, fees, t, factor, reduced, opening, quotes, terms):
    """Money that opening `factor · opening` uses up: its value, on margin the initial part of it, and its costs.

    An opening that follows a reduction of the same order, through zero, pays what the whole order costs more than the
    reduction did.
    """
    own = rule["initial"] if rule["margin"] == 1 else 1.0
    n = opening.shape[0]
    if is_flat(rates):
        rate, per_share = rates.commission + (rates.half_spread + rates.slippage), rates.per_share
        for i in range(n):
            value = abs(factor * opening[i] * quotes[i])
            cost = value * rate + abs(opening[i] * factor) * per_share
            terms[i] = own * value + cost if opening[i] != 0.0 else 0.0
    else:
        for i in range(n):
            terms[i] = 0.0
            if opening[i] != 0.0:
                value = abs(factor * opening[i] * quotes[i])
                done = abs(reduced[i] * quotes[i])
                paid = whole_cost(rates, fees, t, i, done, quotes[i], False)
                whole = whole_cost(rates, fees, t, i, done + value, quotes[i], False)
                terms[i] = own * value + (whole - paid)
    return total(terms)
