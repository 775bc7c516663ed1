"""Leaving the universe: it ends a position, and nothing is opened outside it."""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Own
from backtest.kernels.guard import lift_guard
from backtest.kernels.mark import is_known
from backtest.kernels.post import post_cancel, post_order
from backtest.kernels.working import cancel_entries
from backtest.types import CancelReason, FillReason, OrderKind, TimeInForce

UNIVERSE = np.int64(CancelReason.UNIVERSE.value)
LEAVES = np.int64(FillReason.UNIVERSE.value)


@part
def leave_universe(book, bars, rule, out, t, prices):
    """At the end of row `t`: an order that waits for a bar closes what was left behind; entries are cancelled."""
    for n in range(prices.shape[0]):
        i = bars.by_name[n]
        if bars.member[t, i]:
            continue
        cancel_entries(book, out, t, i, UNIVERSE)
        for s in range(book.owners.shape[0]):
            opening = book.owned[s, Own.OPEN, i]
            if book.owners[s]["working"] == 1 and opening != 0.0:
                post_cancel(book, out, s, t, i, book.order_id[s, i], opening, UNIVERSE)
                book.owned[s, Own.OPEN, i] = 0.0
            if book.owned[s, Own.QUANTITY, i] != 0.0 and not _is_leaving(book, s, i):
                _close(book, bars, rule, out, s, t, i, prices[i])


@part
def _is_leaving(book, s, i):
    """Whether the order that closes the position works already."""
    found = False
    for k in range(book.record[0]["n_working"]):
        order = book.orders[k]
        found = found or (order["alive"] == 1 and order["forced"] == 1 and order["asset"] == i and order["owner"] == s)
    return found


@part
def _close(book, bars, rule, out, s, t, i, price):
    """Place the order that ends the position of owner `s`."""
    state = book.record[0]
    order = book.orders[state["n_working"]]
    state["n_working"] += 1
    order["number"] = state["next_order"]
    state["next_order"] += 1
    order["owner"], order["asset"], order["kind"], order["tif"] = s, i, OrderKind.MARKET, TimeInForce.GTC
    order["quantity"], order["reduce_only"], order["forced"] = -book.owned[s, Own.QUANTITY, i], 1, 1
    order["limit"] = order["stop"] = order["trail"] = order["extreme"] = np.nan
    order["trail_is_percent"] = order["children"] = order["triggered"] = order["fresh"] = 0
    order["reached"] = order["spent"] = 0
    order["expires_row"] = order["expires_session"] = order["last_session"] = order["limit_from"] = -1
    order["parent_id"] = order["group"] = order["basket_row"] = order["part"] = -1
    order["decision_row"] = t
    order["decision_price"] = price if bars.complete[t] or is_known(book, i) else np.nan
    order["alive"], order["filled"] = 1, 0.0
    lift_guard(book)
    post_order(book, rule, out, t, order, LEAVES)
