"""Margin: whether the equity still covers what the positions need, and what is sold when it does not."""

from backtest.kernels._jit import part
from backtest.kernels.basket import cancel_basket
from backtest.kernels.book import Own
from backtest.kernels.forced import CALLED, reduce_all
from backtest.kernels.post import post_event
from backtest.kernels.working import cancel_entries
from backtest.types import CancelReason, EventKind, FillReason


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
def answer_call(book, bars, rule, fees, out, t, quotes, sold, is_last, work):
    """At the first prices of row `t` after a call, close what is missing to the initial margin.

    `quotes` are of what can be sold in this row and `sold` of what can be now; the call holds until the last of them.
    """
    state = book.record[0]
    if state["called"] == 1:
        state["called"] = 0 if is_last else 1
        reduce_all(book, bars, rule, fees, out, t, quotes, sold, CALLED, work)


@part
def refer_to(book, out, prices, first, last):
    """Take the weights at `prices`, the marks, of what the fills [first, last) traded outside baskets as references."""
    for k in range(first, last):
        fill = out.fills[k]
        s, i = fill["owner"], fill["asset"]
        owner = book.owners[s]
        if owner["has_reference"] == 1 and fill["reason"] != FillReason.TARGET:
            book.owned[s, Own.REFERENCE, i] = book.owned[s, Own.QUANTITY, i] * prices[i] / owner["equity"]
