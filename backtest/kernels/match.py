"""How a working basket meets the prices of one moment: the only part that a live broker would replace."""

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Work
from backtest.kernels.costs import trade_cost
from backtest.kernels.lanes import total
from backtest.kernels.orders import whole_lots
from backtest.kernels.post import post_event
from backtest.types import EventKind

BISECTIONS = 60


@part
def drop_orders(book, bars, out, s, t, quotes):
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


@part
def match_basket(book, bars, rule, out, s, t, quotes, work):
    """Decide what fills: every reducing part, clipped to what is held, and every opening part, cut by one factor."""
    owner = book.owners[s]
    q = book.owned[s, Own.QUANTITY]
    reduce = book.owned[s, Own.REDUCE]
    opening = book.owned[s, Own.OPEN]
    terms = work[Work.TERMS]
    rate, per_share, minimum = rule["commission"], rule["per_share"], rule["minimum"]
    spread_rate = rule["half_spread"] + rule["slippage"]
    for i in range(q.shape[0]):
        part = min(abs(reduce[i]), abs(q[i]))  # math.copysign is a call: 2 µs on 500 assets
        reduce[i] = part if reduce[i] > 0.0 else -part
    cash = owner["cash"] - outlay(1.0, reduce, quotes, rate, per_share, spread_rate, minimum, terms)
    factor = _opening_factor(rule, cash - rule["cash_reserve"], owner["equity"], opening, quotes, terms)
    owner["scale"] = factor
    if factor < 1.0:
        post_event(book, out, s, t, -1, EventKind.SCALED, -1, factor)
        for i in range(q.shape[0]):
            opening[i] = whole_lots(opening[i] * factor, bars.lots[i])


@part
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


@part
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
