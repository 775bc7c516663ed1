"""What must be sold before everything else at the first prices of a row: for a margin call, or for a withdrawal."""

from typing import NamedTuple

import numpy as np

from backtest.kernels._jit import NO, part
from backtest.kernels.book import Own, Seen
from backtest.kernels.costs import read_rates, whole_cost
from backtest.kernels.funding import is_perpetual
from backtest.kernels.levels import CLOSE, OPEN
from backtest.kernels.trade import NEW, limit_to_volume, take_room, trade
from backtest.types import FillReason

HALVINGS = 60
CALLED = np.int64(FillReason.MARGIN_CALL.value)
WITHDRAWN = np.int64(FillReason.WITHDRAWAL.value)


class Standing(NamedTuple):
    """An account after all positions were reduced by some part, in money."""

    cash: float
    shorts: float  # value of what is short, less that of longs that nothing was paid for
    equity: float
    margin: float  # initial margin needed


@part
def stand(book, bars, rule, fees, t, quotes, g):
    """Return the account once the part `g` of what has a bar was closed at `quotes`, at its cost."""
    money, shorts, equity, margin = 0.0, 0.0, 0.0, 0.0
    rates = read_rates(book, rule, fees)
    for s in range(book.owners.shape[0]):
        q = book.owned[s, Own.QUANTITY]
        money += book.owners[s]["cash"]
        equity += book.owners[s]["cash"]
        for i in range(q.shape[0]):
            if q[i] == 0.0:
                continue
            trades = has_price(book, quotes, i)
            price = quotes[i] if trades else book.mark[i]
            gone = g * abs(q[i]) if trades else 0.0
            cost = whole_cost(rates, fees, t, i, gone * price, price, False)
            equity += q[i] * price - cost
            margin += rule["initial"] * (abs(q[i]) - gone) * price
            if q[i] > 0.0:
                money += gone * price - cost
                if is_perpetual(bars, i):
                    shorts -= (q[i] - gone) * price
            else:
                money -= gone * price + cost
                shorts += (abs(q[i]) - gone) * price
    return Standing(money, shorts, equity, margin)


@part
def free_cash(rule, standing):
    """Return what can be paid out: cash; on margin, what is neither borrowed nor needed as margin."""
    free = standing.cash
    if rule["margin"] == 1:
        free = min(standing.cash - standing.shorts, standing.equity - standing.margin)
    return max(0.0, free)


@part
def reduce_all(book, bars, rule, fees, out, t, quotes, sold, reason, work):
    """Close the smallest part of all positions that is enough: the upper end of 60 halvings, all of it if need be.

    Whole lots go, and what has no bar stays. Of all that has `quotes` only what is `sold` now goes now.
    """
    if _is_enough(book, bars, rule, fees, t, quotes, reason, 0.0):
        return
    moment = OPEN if rule["opens"] == 1 else CLOSE
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if _is_enough(book, bars, rule, fees, t, quotes, reason, middle):
            high = middle
        else:
            low = middle
    for s in range(book.owners.shape[0]):
        for k in range(quotes.shape[0]):
            i = bars.by_name[k]
            held = book.owned[s, Own.QUANTITY, i]
            if held != 0.0 and has_price(book, sold, i):
                gone = min(lots_up(high * abs(held), bars.lots[i]), abs(held))
                quantity = limit_to_volume(book, rule, i, -gone if held > 0.0 else gone, bars.lots[i])
                if quantity != 0.0:
                    take_room(book, rule, i, quantity)
                    price = sold[i]
                    trade(book, bars, rule, fees, out, s, t, i, quantity, price, NEW, reason, NO, NO, moment, work)


@part
def _is_enough(book, bars, rule, fees, t, quotes, reason, g):
    """Whether closing the part `g` covers the initial margin, or leaves free what is to be paid out."""
    standing = stand(book, bars, rule, fees, t, quotes, g)
    if reason == CALLED:
        return standing.margin <= standing.equity
    return free_cash(rule, standing) >= book.record[0]["withdrawal"]


@part
def has_price(book, quotes, i):
    """Whether an asset can be traded at `quotes`."""
    return quotes[i] == quotes[i] and book.seen[Seen.GONE, i] == 0


@part
def lots_up(units, lot):
    """Round `units` ≥ 0 up to whole lots; `lot` 0 leaves it alone."""
    if lot == 0.0 or units == 0.0:
        return units
    return np.ceil(units / lot * (1.0 - 1e-12) - 1e-9) * lot
