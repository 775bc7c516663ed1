"""Who belongs to the universe: leaving it forces an exit, and nothing is opened outside it."""

from __future__ import annotations

from .actions import cancel_opening
from .bars import Day
from .orders import Working
from .working import cancel_entries


def leave_universe(day: Day) -> None:
    """At the end of a row: what was left behind is closed by an order that waits for a bar; entries are cancelled."""
    if day.bars.member is None:
        return
    for i in day.bars.by_name:
        if not day.is_member(i):
            cancel_openings(day, i)
            if day.book.quantities[i] != 0.0 and not is_leaving(day, i):
                close(day, i)


def is_leaving(day: Day, asset: int) -> bool:
    """Whether the order that closes the position works already."""
    return any(w.asset == asset and w.reason == "universe" for w in day.book.orders)


def close(day: Day, asset: int) -> None:
    """Place the order that ends the position."""
    book = day.book
    order_id, nothing = book.next_order, float("nan")
    book.next_order += 1
    order = Working(
        order_id=order_id, asset=asset, quantity=-book.quantities[asset], kind="market", limit=nothing, stop=nothing,
        trail=nothing, trail_is_percent=False, reduce_only=True, tif="gtc", expires_row=-1, expires_session=-1,
        parent_id=-1, group=-1, tag=0, decision_row=day.row, decision_price=book.marks[asset], reason="universe",
    )  # fmt: skip
    book.orders.append(order)
    day.log_all("order_placed", order.quantity, asset, order_id, "universe")


def cancel_openings(day: Day, asset: int) -> None:
    """Cancel whatever could open a position in the asset."""
    cancel_entries(day, asset, "universe")
    cancel_opening(day, asset, "order_cancelled", "universe")


def within_universe(day: Day, weights: list[float], source: str) -> list[float]:
    """Return the targets with 0 for what is outside; an answer is told so."""
    if source != "reapply":
        for i in day.bars.by_name:
            if weights[i] != 0.0 and not day.is_member(i):
                day.log("not_in_universe", weights[i], i)
    return [w if day.is_member(i) else 0.0 for i, w in enumerate(weights)]
