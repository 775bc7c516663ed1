"""A basket's one opportunity: size it if that was left to now, match it, post what filled."""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.actions import cancel_openings
from backtest.kernels.book import Listed, Own, Work
from backtest.kernels.lanes import dot, total
from backtest.kernels.match import drop_orders, match_basket
from backtest.kernels.orders import size_basket
from backtest.kernels.post import complete_rebalance, join_fills, post_event, post_fills
from backtest.types import EventKind, Size


@part
def fill_basket(book, bars, rule, fees, out, s, t, quotes, dense, work):
    """Fill the working basket of owner `s` at `quotes` `(N,)`, NaN where there is no bar, and book the fills."""
    owner = book.owners[s]
    if dense:
        held = dot(book.owned[s, Own.QUANTITY], quotes)
    else:
        held = value_known(book.owned[s, Own.QUANTITY], quotes, book.mark, work[Work.TERMS])
    if rule["size"] == Size.AT_FILL:
        size_basket(book, bars, rule, fees, out, s, t, quotes, owner["cash"] + held, dense, work)
        if not dense:
            cancel_openings(book, bars, out, s, t)
    owner["net_before"] = net_exposure(held, owner["cash"])
    if owner["shorts"] == 1 or not dense:
        drop_orders(book, bars, rule, out, s, t, quotes)
    match_basket(book, bars, rule, fees, s, t, quotes, work)
    reducing, openings = book.listed[s, Listed.REDUCING], book.listed[s, Listed.OPENING]
    first = book.record[0]["n_fills"]
    held += post_fills(book, rule, fees, out, s, t, reducing, owner["n_reducing"], book.owned[s, Own.REDUCE], quotes)
    if owner["scale"] < 1.0:
        post_event(book, out, s, t, -1, EventKind.SCALED, -1, owner["scale"])
    if rule["margin"] == 1:
        held += join_fills(book, rule, fees, out, s, t, first, book.owned[s, Own.OPEN], quotes)
    held += post_fills(book, rule, fees, out, s, t, openings, owner["n_opening"], book.owned[s, Own.OPEN], quotes)
    owner["net_after"] = net_exposure(held, owner["cash"])
    owner["working"] = 2
    complete_rebalance(book, rule, out, s, t)


@part
def net_exposure(held, cash):
    """Value of all positions / equity, NaN without equity."""
    return held / (cash + held) if cash + held > 0.0 else np.nan


@part
def value_known(q, quotes, mark, terms):
    """Value of `q` at the quotes, and at the mark where there is none."""
    for i in range(q.shape[0]):
        terms[i] = q[i] * (quotes[i] if quotes[i] == quotes[i] else mark[i])
    return total(terms)
