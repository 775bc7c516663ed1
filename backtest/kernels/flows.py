"""Money that comes and goes from outside, and the return of a row that does not count it."""

from backtest.kernels._jit import part
from backtest.kernels.book import Row
from backtest.kernels.forced import WITHDRAWN, free_cash, reduce_all, stand
from backtest.kernels.post import post_event
from backtest.types import CancelReason, EventKind

ROUNDING = 1e-9  # of a withdrawal: selling for it by halvings may miss so much


@part
def flows_at(flows, t):
    """Whether money moves in row `t`."""
    return flows.shape[0] > 0 and (flows[t, 0] != 0.0 or flows[t, 1] != 0.0)


@part
def begin_return(book):
    """Let the return of the row begin at the equity of the row before."""
    state = book.record[0]
    state["growth"], state["base"] = 1.0, state["equity"]


@part
def move_cash(book, bars, rule, fees, flows, out, t):
    """Take in a deposit, pay a withdrawal; what is more than the free cash waits for sales at the row's first prices.

    A row of `flows` is money, and a part of the equity at the mark before.
    """
    state = book.record[0]
    flow = flows[t, 0] + flows[t, 1] * state["equity"]
    if flow == 0.0:
        return
    if -flow > free_cash(rule, stand(book, bars, rule, fees, t, book.mark, 0.0)):
        state["withdrawal"] = -flow
        return
    state["base"] += flow
    _book(book, rule, out, t, flow, CancelReason.NONE.value)


@part
def pay_withdrawal(book, bars, rule, fees, out, t, quotes, sold, is_last, work):
    """Sell for the withdrawal that waits and pay what is free then; the row's return is split at the payment.

    `quotes` are of what can be sold in this row and `sold` of what can be now; too little waits for the last of them.
    """
    state = book.record[0]
    if state["withdrawal"] == 0.0:
        return
    reduce_all(book, bars, rule, fees, out, t, quotes, sold, WITHDRAWN, work)
    standing = stand(book, bars, rule, fees, t, quotes, 0.0)
    wanted = state["withdrawal"]
    paid = min(wanted, free_cash(rule, standing))
    is_cut = wanted - paid > ROUNDING * wanted
    if is_cut and not is_last:
        return
    state["withdrawal"] = 0.0
    state["growth"] *= standing.equity / state["base"]
    state["base"] = standing.equity - paid
    _book(book, rule, out, t, -paid, CancelReason.CUT.value if is_cut else CancelReason.NONE.value)


@part
def _book(book, rule, out, t, flow, reason):
    """Move the money, in equal shares in, in shares of what they have out, and write it down."""
    total = 0.0
    owners = book.owners.shape[0]
    for s in range(owners):
        total += max(0.0, book.owners[s]["cash"])
    for s in range(owners):
        owner = book.owners[s]
        share = max(0.0, owner["cash"]) / total if flow < 0.0 and total > 0.0 else 1.0 / owners
        owner["cash"] += flow * share
    out.rows[Row.FLOW, t - rule["first"]] = flow
    post_event(book, out, 0, t, -1, EventKind.CASH_FLOW, -1, flow)
    out.events[book.record[0]["n_events"] - 1]["reason"] = reason


@part
def record_return(book, rule, out, t):
    """Write the time-weighted return of the row. An account that is empty has none."""
    state = book.record[0]
    rest = state["equity"] / state["base"] if state["base"] > 0.0 else 1.0
    out.rows[Row.GROWTH, t - rule["first"]] = state["growth"] * rest - 1.0
