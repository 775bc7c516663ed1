"""Marking: what each asset is worth at a close, what the owners have, and the line of the row."""

import numpy as np

from backtest.kernels._jit import part
from backtest.kernels.book import Own, Row, Seen, Told
from backtest.kernels.lanes import dot
from backtest.kernels.post import post_event
from backtest.types import EventKind

NOTHING = 1e-12  # of the equity at the mark before


@part
def catch_up(book, bars, t):
    """Write the marks that dense rows only implied: row `t` was complete and is where they stand."""
    mark, close, session = book.mark, bars.close[t], bars.session[t]
    seen, flagged = book.seen[Seen.SESSION], book.seen[Seen.FLAGGED]
    for i in range(mark.shape[0]):
        mark[i] = close[i]
        seen[i] = session
        flagged[i] = 0


@part
def is_known(book, i):
    """Whether an asset has a mark: it had a bar, or was given away by another before anybody knew a price of it."""
    return book.seen[Seen.SESSION, i] >= 0 or book.seen[Seen.GIVEN, i] == 1


@part
def mark_sparse(book, bars, t):
    """Mark what has a real bar in row `t` and carry the rest."""
    for i in range(book.mark.shape[0]):
        price = bars.close[t, i]
        if price == price:
            book.mark[i] = price
            book.seen[Seen.SESSION, i] = bars.session[t]
            book.seen[Seen.FLAGGED, i] = 0


@part
def report_stale(book, bars, rule, out, t):
    """Say once that a held asset has not traded for more than the allowed sessions."""
    for i in range(book.mark.shape[0]):
        age = bars.session[t] - book.seen[Seen.SESSION, i]
        if age > rule["max_stale"] and book.seen[Seen.FLAGGED, i] == 0:
            for s in range(book.owners.shape[0]):
                if book.owned[s, Own.QUANTITY, i] != 0.0:
                    book.seen[Seen.FLAGGED, i] = 1
                    post_event(book, out, s, t, i, EventKind.STALE, -1, age)


@part
def settle(book, out, t, prices):
    """Value every owner at `prices` `(N,)`; freeze an account of which nothing is left.

    After a total loss the sign of what remains is rounding, so that nothing means 1e-12 of the equity before.
    """
    state = book.record[0]
    before = state["equity"]
    equity = 0.0
    for s in range(book.owners.shape[0]):
        owner = book.owners[s]
        owner["equity"] = owner["cash"] + dot(book.owned[s, Own.QUANTITY], prices)
        equity += owner["equity"]
    state["equity"] = equity
    if equity <= NOTHING * before:
        state["frozen"] = 1
        post_event(book, out, 0, t, -1, EventKind.BANKRUPT, -1, equity)


@part
def record_row(book, rule, out, t, reasons):
    """Write equity, cash, drift and what fired."""
    state = book.record[0]
    cash = 0.0
    for s in range(book.owners.shape[0]):
        cash += book.owners[s]["cash"]
    k = t - rule["first"]
    out.rows[Row.EQUITY, k] = state["equity"]
    out.rows[Row.CASH, k] = cash
    if state["drift"] == state["drift"]:
        out.rows[Row.DRIFT, k] = state["drift"]
        out.told[Told.DRIFT_ASSET, k] = state["drift_asset"]
    if reasons != 0:
        out.told[Told.REASONS, k] = reasons


@part
def rest(book, rule, out, t):
    """A row of a frozen book: everything stays as it was when the account ended."""
    book.record[0]["drift"] = np.nan
    book.record[0]["drift_asset"] = -1
    record_row(book, rule, out, t, 0)
