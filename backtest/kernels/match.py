"""How a working basket meets the prices of one moment: the only part that a live broker would replace."""

import math

import numpy as np

from backtest.kernels._jit import kernel
from backtest.kernels.actions import cancel_openings
from backtest.kernels.book import Own, Work
from backtest.kernels.costs import trade_cost
from backtest.kernels.lanes import dot, total
from backtest.kernels.orders import size_basket, whole_lots
from backtest.kernels.post import net_exposure, post_event, post_fills
from backtest.types import EventKind, Size

BISECTIONS = 60


@kernel
def fill_basket(book, bars, rule, out, s, t, quotes, dense, work):
    """Fill the working basket of owner `s` at `quotes` `(N,)`, NaN where there is no bar, and book the fills."""
    owner = book.owners[s]
    prices = quotes if dense else np.where(quotes == quotes, quotes, book.mark)
    if rule["size"] == Size.AT_FILL:
        equity = owner["cash"] + dot(book.owned[s, Own.QUANTITY], prices)
        size_basket(book, bars, rule, out, s, t, quotes, equity, dense, work)
        if not dense:
            cancel_openings(book, bars, out, s, t)
    owner["net_before"] = net_exposure(book, s, prices)
    if owner["shorts"] == 1 or not dense:
        _drop_orders(book, bars, out, s, t, quotes)
    count = match_basket(book, bars, rule, out, s, t, quotes, work)
    post_fills(book, rule, out, s, t, work.assets, work.trades, quotes, count)
    owner["net_after"] = net_exposure(book, s, prices)
    owner["working"] = 2


@kernel
def _drop_orders(book, bars, out, s, t, quotes):
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
        elif opening[i] < 0.0:
            post_event(book, out, s, t, i, EventKind.SHORT_DROPPED, book.order_id[s, i], opening[i])
            opening[i] = 0.0


@kernel
def match_basket(book, bars, rule, out, s, t, quotes, work):
    """List what fills, in order: every reducing part, then every opening part cut by one factor. Return how many."""
    owner = book.owners[s]
    q = book.owned[s, Own.QUANTITY]
    reduce = book.owned[s, Own.REDUCE]
    opening = book.owned[s, Own.OPEN]
    terms = work.cells[Work.TERMS]
    rate, per_share, minimum = rule["commission"], rule["per_share"], rule["minimum"]
    spread_rate = rule["half_spread"] + rule["slippage"]
    for i in range(q.shape[0]):
        reduce[i] = math.copysign(min(abs(reduce[i]), abs(q[i])), reduce[i])
    cash = owner["cash"] - outlay(1.0, reduce, quotes, rate, per_share, spread_rate, minimum, terms)
    count = list_trades(reduce, bars.by_name, work.assets, work.trades, 0)
    factor = _opening_factor(rule, cash - rule["cash_reserve"], owner["equity"], opening, quotes, terms)
    owner["scale"] = factor
    if factor < 1.0:
        post_event(book, out, s, t, -1, EventKind.SCALED, -1, factor)
        for i in range(q.shape[0]):
            opening[i] = whole_lots(opening[i] * factor, bars.lots[i])
    return list_trades(opening, bars.by_name, work.assets, work.trades, count)


@kernel
def list_trades(wanted, by_name, assets, trades, count):
    """Append the assets with a quantity, in the order of their names; return the new count.

    Every asset is written and only trades advance the count, so that there is no branch to mispredict. In a cash
    account an asset either reduces or opens, so that `N + 1` places are enough.
    """
    for k in range(by_name.shape[0]):
        i = by_name[k]
        assets[count] = i
        trades[count] = wanted[i]
        count += wanted[i] != 0.0
    return count


@kernel
def _opening_factor(rule, available, equity, opening, quotes, terms):
    """Largest factor at which `available` cash pays for all openings and their costs."""
    rate, per_share, minimum = rule["commission"], rule["per_share"], rule["minimum"]
    spread_rate = rule["half_spread"] + rule["slippage"]
    need = outlay(1.0, opening, quotes, rate, per_share, spread_rate, minimum, terms)
    rounding = 1e-12 * equity
    if need == 0.0 or need <= available + rounding:
        return 1.0
    if available <= rounding:
        return 0.0
    if minimum == 0.0:
        return available / need
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        if outlay(middle, opening, quotes, rate, per_share, spread_rate, minimum, terms) <= available:
            low = middle
        else:
            high = middle
    return low


@kernel
def outlay(factor, quantities, quotes, rate, per_share, spread_rate, minimum, terms):
    """Money that trading `factor · quantities` takes, costs included; negative when it brings money in."""
    n = quantities.shape[0]
    if minimum == 0.0:
        for i in range(n):
            value = factor * quantities[i] * quotes[i]
            cost = abs(value) * (rate + spread_rate) + abs(quantities[i] * factor) * per_share
            terms[i] = value + cost if quantities[i] != 0.0 else 0.0
    else:
        for i in range(n):
            terms[i] = 0.0
            if quantities[i] != 0.0:
                value = factor * quantities[i] * quotes[i]
                terms[i] = value + trade_cost(abs(value), rate + per_share / quotes[i], spread_rate, minimum)
    return total(terms)
