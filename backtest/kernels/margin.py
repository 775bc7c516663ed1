"""Margin: whether the equity still covers what the positions need, and what is sold when it does not."""

import numpy as np

from backtest.kernels._jit import NO, part
from backtest.kernels.basket import cancel_basket
from backtest.kernels.book import Own, Seen
from backtest.kernels.costs import read_rates, whole_cost
from backtest.kernels.levels import CLOSE, OPEN
from backtest.kernels.post import post_event
from backtest.kernels.trade import NEW, limit_to_volume, take_room, trade
from backtest.kernels.working import cancel_entries
from backtest.types import CancelReason, EventKind, FillReason

HALVINGS = 60
CALLED = np.int64(FillReason.MARGIN_CALL.value)


@part
def call_margin(book, bars, rule, out, t, prices):
    """Call if maintenance exceeds the equity at `prices`, the marks: the next first price reduces everything.

    What still works of a basket is cancelled, and so is every explicit order that opens.
    """
    state = book.record[0]
    needed = 0.0
    for s in range(book.owners.shape[0]):
        q = book.owned[s, Own.QUANTITY]
        for i in range(q.shape[0]):
            needed += abs(q[i]) * prices[i]
    missing = needed * rule["maintenance"] - state["equity"]
    if missing > 1e-12 * state["equity"]:
        state["called"] = 1
        post_event(book, out, 0, t, -1, EventKind.MARGIN_CALL, -1, missing)
        for s in range(book.owners.shape[0]):
            cancel_basket(book, bars, out, s, t, CancelReason.MARGIN_CALL.value)
        if state["n_working"] > 0:
            for k in range(bars.by_name.shape[0]):
                cancel_entries(book, out, t, bars.by_name[k], CancelReason.MARGIN_CALL.value)


@part
def answer_call(book, bars, rule, fees, out, t, work):
    """At the first prices of row `t` after a call, close the smallest part of all positions that is enough.

    The upper end of 60 halvings; all of it if need be. Whole lots go, and what has no bar stays.
    """
    state = book.record[0]
    if state["called"] == 0:
        return
    state["called"] = 0
    quotes = bars.open[t]
    moment = OPEN if rule["opens"] == 1 else CLOSE
    if _covers(book, rule, fees, t, quotes, 0.0):
        return
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if _covers(book, rule, fees, t, quotes, middle):
            high = middle
        else:
            low = middle
    for s in range(book.owners.shape[0]):
        for k in range(quotes.shape[0]):
            i = bars.by_name[k]
            held = book.owned[s, Own.QUANTITY, i]
            if held != 0.0 and _trades(book, quotes, i):
                gone = min(lots_up(high * abs(held), bars.lots[i]), abs(held))
                quantity = limit_to_volume(book, rule, i, -gone if held > 0.0 else gone, bars.lots[i])
                if quantity != 0.0:
                    take_room(book, rule, i, quantity)
                    price = quotes[i]
                    trade(book, bars, rule, fees, out, s, t, i, quantity, price, NEW, CALLED, NO, NO, moment, work)


@part
def _trades(book, quotes, i):
    return quotes[i] == quotes[i] and book.seen[Seen.GONE, i] == 0


@part
def _covers(book, rule, fees, t, quotes, g):
    """Whether the equity covers the initial margin once the part `g` of what has a bar was closed, at its cost."""
    equity, margin = 0.0, 0.0
    rates = read_rates(book, rule, fees)
    for s in range(book.owners.shape[0]):
        q = book.owned[s, Own.QUANTITY]
        equity += book.owners[s]["cash"]
        for i in range(q.shape[0]):
            if q[i] == 0.0:
                continue
            trades = _trades(book, quotes, i)
            price = quotes[i] if trades else book.mark[i]
            gone = g * abs(q[i]) if trades else 0.0
            equity += q[i] * price - whole_cost(rates, fees, t, i, gone * price, price, False)
            margin += rule["initial"] * (abs(q[i]) - gone) * price
    return margin <= equity


@part
def lots_up(units, lot):
    """Round `units` ≥ 0 up to whole lots; `lot` 0 leaves it alone."""
    if lot == 0.0 or units == 0.0:
        return units
    return np.ceil(units / lot * (1.0 - 1e-12) - 1e-9) * lot


@part
def refer_to(book, out, prices, first, last):
    """Take the weights at `prices`, the marks, of what the fills [first, last) traded outside baskets as references."""
    for k in range(first, last):
        fill = out.fills[k]
        s, i = fill["owner"], fill["asset"]
        owner = book.owners[s]
        if owner["has_reference"] == 1 and fill["reason"] != FillReason.TARGET:
            book.owned[s, Own.REFERENCE, i] = book.owned[s, Own.QUANTITY, i] * prices[i] / owner["equity"]
