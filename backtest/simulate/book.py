"""Making and copying a book: everything of the engine's that the future depends on."""

from __future__ import annotations

from typing import Any

import numpy as np

from backtest.kernels.book import OWNER, Book, Listed, Own, Slot
from backtest.types import BOOK, BOOK_VERSION, DECISION, EVENT, ORDER, EventKind, Floats, Ints, OrderKind, Records


def new_book(n_assets: int, capital: float, owners: int = 1) -> Book:
    """Open an account with `capital` in cash, shared equally between owners, that has seen nothing yet."""
    record: Records = np.zeros(1, BOOK)
    record["version"] = BOOK_VERSION
    record["equity"] = capital
    record["drift"] = np.nan
    record["drift_asset"] = -1
    each: Records = np.zeros(owners, OWNER)
    each["cash"] = each["equity"] = capital / owners
    return Book(
        record,
        each,
        np.zeros(n_assets),
        np.zeros((owners, len(Own), n_assets)),
        np.full((owners, n_assets), -1, np.int64),
        np.zeros((owners, len(Listed), n_assets + 1), np.int64),
        np.repeat(np.array([[-1], [0], [0], [0]], np.int64), n_assets, axis=1),
        np.zeros((owners, len(Slot), 0)),
        np.zeros(0, ORDER),
        np.zeros((owners, 0)),
        np.zeros((0, 0)),
    )


def with_slots(book: Book) -> Book:
    """Give a book what the whole bar remembers of each position, if it has not got it yet."""
    owners, _, n_assets = book.owned.shape
    return book if book.slots.shape[2] else book._replace(slots=np.zeros((owners, len(Slot), n_assets)))


def with_lag(book: Book, sessions: int) -> Book:
    """Give a book whose sales settle later what it remembers of them, if it has not got it yet."""
    if book.unsettled.shape[1] == sessions:
        return book
    return book._replace(unsettled=np.zeros((len(book.owners), sessions)))


def with_room(book: Book, n: int) -> Book:
    """Make room in a book for `n` more orders."""
    wanted = int(book.record["n_working"][0]) + n
    if wanted <= len(book.orders):
        return book
    orders = np.zeros(2 * wanted, ORDER)
    orders[: len(book.orders)] = book.orders
    return book._replace(orders=orders)


def with_curves(book: Book, requests: Records, curves: Floats) -> tuple[Book, Records]:
    """Put the curves of requests, `(K, L)`, into rows of a book that no order needs, and let them point there."""
    if (requests["curve"] >= len(curves)).any():  # the loop would read memory that is nobody's
        raise ValueError(f"a request points at curve {requests['curve'].max()}; there are {len(curves)}")
    if not len(curves):
        return book, requests
    working = book.orders[: int(book.record["n_working"][0])]
    needed = working["curve"][(working["alive"] == 1) & (working["kind"] == OrderKind.SLICED)]
    free = np.setdiff1d(np.arange(len(book.curves) + len(curves)), needed)[: len(curves)]
    rows, length = max(len(book.curves), int(free.max()) + 1), max(book.curves.shape[1], curves.shape[1])
    kept = np.ones((rows, length))
    kept[: len(book.curves), : book.curves.shape[1]] = book.curves
    kept[free, : curves.shape[1]] = curves
    pointed = requests.copy()
    has_curve = (requests["kind"] == OrderKind.SLICED) & (requests["curve"] >= 0)
    pointed["curve"][has_curve] = free[requests["curve"][has_curve]]
    return book._replace(curves=kept), pointed


def copy_book(book: Book) -> Book:
    """Copy every block."""
    return Book._make(block.copy() for block in book)


def left_working(book: Book, by_name: Ints) -> tuple[Records, Records]:
    """Decisions and events of what still waits when the data ends: baskets, then explicit orders. The book keeps it.

    What waits in a frozen book will never fill, and is no event.
    """
    last = int(book.record["row"][0]) - 1
    ended = bool(book.record["frozen"][0])
    waiting = np.flatnonzero(book.owners["working"] == 1)
    decisions = np.zeros(len(waiting), DECISION)
    unfilled: list[tuple[Any, ...]] = []  # owner, asset, number, quantity
    for line, s in zip(decisions, waiting, strict=True):
        owner = book.owners[s]
        for name in ("row", "source", "reasons", "drift", "drift_asset", "n_orders", "n_fills"):
            line[name] = owner[name]
        for name in ("scale", "net_before", "net_after"):
            line[name] = owner[name]
        line["equity"], line["equity_after"] = owner["before"], owner["after"]
        line["owner"], line["done_row"] = s, -1
        quantity = book.owned[s, Own.REDUCE] + book.owned[s, Own.OPEN]
        for i in by_name[quantity[by_name] != 0.0]:
            unfilled.append((s, i, book.order_id[s, i], quantity[i]))
    orders = book.orders[: int(book.record["n_working"][0])]
    orders = orders[(orders["alive"] == 1) & (orders["quantity"] != 0.0)]
    unfilled += [(order["owner"], order["asset"], order["number"], order["quantity"]) for order in orders]
    unfilled_at_end = _events_at_end(last, [] if ended else unfilled)
    unfilled_at_end["after"] = book.record["fills_before"] + book.record["n_fills"]
    return decisions, unfilled_at_end


def _events_at_end(row: int, unfilled: list[tuple[Any, ...]]) -> Records:
    events: Records = np.zeros(len(unfilled), EVENT)
    events["row"], events["kind"] = row, EventKind.UNFILLED_AT_END
    for event, found in zip(events, unfilled, strict=True):
        event["owner"], event["asset"], event["order_id"], event["value"] = found
    return events
