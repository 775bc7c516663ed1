"""The life of explicit orders: placed, cancelled, replaced, outlived, born of a parent."""

from __future__ import annotations

import math

from .bars import Day
from .clock import is_possible
from .match import MARKETS
from .orders import Answer, Order, Working, check_order
from .rounding import round_to_lot, round_to_tick


def place_orders(day: Day, answer: Answer) -> None:
    """Cancel what the answer cancels, then place its orders. Each order uses up a number, also one that is refused."""
    for order_id in answer.cancels:
        working = find(day, order_id)
        if working is not None:
            cancel(day, working, "cancelled")
    first = day.book.next_order
    day.book.next_order += len(answer.orders)
    for k, order in enumerate(answer.orders):
        check_order(order)
        if order.kind not in MARKETS and not day.bars.has_ranges:
            raise ValueError(f"row {day.row}: a {order.kind} order needs open, high and low")
        parent = find(day, first + order.parent) if 0 <= order.parent < k else None
        place(day, order, first + k, parent, answer.weights is not None)


def place(day: Day, order: Order, order_id: int, parent: Working | None, has_basket: bool) -> None:
    """Place one order, or say why not; the one that it replaces goes first."""
    replaced = find(day, order.replaces) if order.replaces >= 0 else None
    refusal = why_refused(day, order, parent, replaced)
    if refusal:
        day.log("order_cancelled", order.quantity, order.asset, order_id, refusal)
        return
    if replaced is not None:
        cancel(day, replaced, "replaced")
    lot, tick = day.rules.lots[order.asset], day.rules.ticks[order.asset]
    quantity = float(order.quantity if order.reduce_only else round_to_lot(order.quantity, lot))
    if parent is not None:
        quantity = 0.0
    side = -parent.side if parent is not None else math.copysign(1.0, order.quantity)
    mark = day.book.marks[order.asset]
    working = Working(
        order_id=order_id,
        asset=order.asset,
        quantity=quantity,
        kind=order.kind,
        limit=round_to_tick(float(order.limit), tick, -side),
        stop=round_to_tick(float(order.stop), tick, side),
        trail=float(order.trail),
        trail_is_percent=order.trail_is_percent,
        reduce_only=order.reduce_only or parent is not None,
        tif=order.tif,
        expires_row=order.expires_row,
        expires_session=order.expires_session,
        parent_id=-1 if parent is None else parent.order_id,
        group=order.group,
        tag=order.tag,
        decision_row=day.row,
        decision_price=mark,
        basket_row=day.row if has_basket else -1,
        first_row=order.first_row,
        last_row=order.last_row,
        curve=order.curve,
    )
    if not is_asleep(day, working):
        working.extreme = mark
    day.book.orders.append(working)
    day.log_all("order_placed", quantity, order.asset, order_id, order.kind)


def why_refused(day: Day, order: Order, parent: Working | None, replaced: Working | None) -> str:
    """Return why an order is not accepted, "" when it is."""
    if order.replaces >= 0 and replaced is None:
        return "nothing_to_replace"  # it was filled or cancelled meanwhile: doubling it is not what was meant
    if order.parent >= 0 and (parent is None or not parent.is_born):
        return "parent"  # it was refused, or is a child itself
    if day.book.delisted[order.asset]:
        return "delisted"
    if parent is not None or order.reduce_only:
        return ""
    if not day.is_member(order.asset):
        return "universe"
    quantity = round_to_lot(order.quantity, day.rules.lots[order.asset])
    level = next((v for v in (order.limit, order.stop, day.book.marks[order.asset]) if not math.isnan(v)), math.nan)
    if quantity == 0.0 or abs(quantity) * level < day.rules.trading.min_notional:
        return "below_minimum"
    return ""


def find(day: Day, order_id: int) -> Working | None:
    """Return the working order with a number."""
    return next((w for w in day.book.orders if w.order_id == order_id), None)


def is_asleep(day: Day, working: Working) -> bool:
    """Whether an order has nothing to do yet: a child before its birth, or nothing that it could reduce."""
    if not working.is_born:
        return True
    return working.reduce_only and not day.book.quantities[working.asset] * working.quantity < 0.0


def cancel(day: Day, working: Working, reason: str) -> None:
    """Take an order out of the book, and with it the children that it has not given birth to."""
    day.book.orders.remove(working)
    day.log("order_cancelled", working.quantity, working.asset, working.order_id, reason)
    for child in [w for w in day.book.orders if w.parent_id == working.order_id and not w.is_born]:
        cancel(day, child, "parent")


def cancel_entries(day: Day, asset: int, reason: str) -> None:
    """Cancel the orders that would open; what could reduce the position may only do that from now on."""
    for working in list(day.book.orders):
        if working.asset != asset or find(day, working.order_id) is None:
            continue
        if working.reduce_only or day.book.quantities[asset] * working.quantity < 0.0:
            working.reduce_only = True
        else:
            cancel(day, working, reason)


def expire(day: Day) -> None:
    """Cancel what has outlived its time: it could not fill in this row any more. A day order learns its session."""
    clock = day.bars.clock
    for working in list(day.book.orders):
        if working not in day.book.orders:
            continue  # a child that went with its parent
        own = clock.session(day.row, working.asset)
        is_first = working.last_session < 0 and is_possible(day, working.asset, working.decision_row)
        if working.tif == "day" and working.is_born and is_first:
            working.last_session = own
        if is_over(working, day.row, own, day.bars.session[day.row]):
            cancel(day, working, "expired")


def is_over(working: Working, row: int, own: int, session: int) -> bool:
    """Whether the time of an order has passed; a day is a session of its `own` group, a date one of any."""
    if working.kind == "sliced" and row > working.last_row:
        return True
    if working.tif == "day":
        return 0 <= working.last_session < own
    if working.tif == "gtd":
        return 0 <= working.expires_row < row or 0 <= working.expires_session < session
    return False


def give_birth(day: Day, parent: Working, quantity: float, price: float, moment: str) -> None:
    """Let the children of an entry work for what was filled of it; `price` is that of the fill."""
    for child in day.book.orders:
        if child.parent_id != parent.order_id:
            continue
        was_born = child.is_born
        child.quantity -= quantity
        if not was_born:
            start_trail(child, price, moment)
            if child.tif == "day":
                child.last_session = day.bars.clock.session(day.row, child.asset)


def start_trail(working: Working, price: float, moment: str) -> None:
    """Let a trail begin at the fill that gave it a position to protect."""
    working.extreme = price
    working.is_new = moment == "inside"


def wake_sleepers(day: Day, asset: int, price: float, moment: str) -> None:
    """A position was opened: the reduce-only orders that waited for it begin to work."""
    for working in day.book.orders:
        if working.asset == asset and working.reduce_only and not is_asleep(day, working):
            start_trail(working, price, moment)


def let_vanish(day: Day, asset: int, old: float) -> None:
    """A fill has ended the position `old`: what could only have reduced it has no purpose any more."""
    for working in list(day.book.orders):
        if working.asset == asset and working.reduce_only and working.quantity * old < 0.0:
            cancel(day, working, "position_closed")


def drop_without_position(day: Day, decision_row: int) -> None:
    """The basket of an answer has ended: its reduce-only orders that found no position go."""
    for working in list(day.book.orders):
        if working.basket_row == decision_row:
            working.basket_row = -1
            if working.reduce_only and working.is_born and is_asleep(day, working):
                cancel(day, working, "no_position")
