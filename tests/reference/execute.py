"""An explicit order is filled at a price: reduce, then open what can be paid for, as far as the volume reaches."""

from __future__ import annotations

import math

from . import exits
from .bars import Day
from .match import STOPS
from .money import Opening, affordable_part, room, take_room
from .orders import Working
from .post import Ticket, post, ticket_of
from .rounding import round_to_lot
from .slices import due, number_now, take_number
from .working import cancel, find, give_birth, is_asleep


def execute(day: Day, working: Working, price: float, prices: list[float], moment: str) -> None:
    """Fill an order whole: what it reduces and then what it opens."""
    reduce(day, working, price, moment)
    open_up(day, working, price, prices, moment)
    if moment == "inside":
        day.parts.pop(working.order_id, None)  # another fill in this bar has another price


def reduce(day: Day, working: Working, price: float, moment: str) -> None:
    """Fill the part of an order that makes the position smaller."""
    if find(day, working.order_id) is None or is_asleep(day, working):
        return
    if working.kind in STOPS:
        working.is_triggered = True
    held = day.book.quantities[working.asset]
    if held * working.quantity < 0.0:
        part = math.copysign(min(abs(due(day, working)), abs(held)), working.quantity)
        fill(day, working, within_room(day, working.asset, part), price, moment)


def open_up(day: Day, working: Working, price: float, prices: list[float], moment: str) -> None:
    """Fill what is left and opens, cut to what is affordable; what cannot be paid for is cancelled."""
    if find(day, working.order_id) is None or is_asleep(day, working) or working.reduce_only:
        return
    if working.kind in STOPS:
        working.is_triggered = True
    if day.book.quantities[working.asset] * working.quantity < 0.0:
        return  # the volume did not reach for what it reduces
    now = due(day, working)
    if now == 0.0:
        return
    if not day.rules.on_margin and working.quantity < 0.0:
        day.log("short_dropped", working.quantity, working.asset, working.order_id)
        cancel(day, working, "short_dropped")
        return
    asset, wanted = working.asset, within_room(day, working.asset, now)
    if wanted == 0.0:
        return
    number = number_now(day, working)
    done = day.parts[number].quantity if number in day.parts else 0.0
    opening = Opening(asset, wanted, price, done, ticket_of(working).is_resting)
    f = affordable_part(day, [opening], prices)
    quantity = wanted if f == 1.0 else round_to_lot(f * wanted, day.rules.lots[asset])
    fill(day, working, quantity, price, moment)
    if f < 1.0 and find(day, working.order_id) is not None:
        cancel(day, working, "unaffordable")


def within_room(day: Day, asset: int, quantity: float) -> float:
    """Return what of `quantity` the volume of the row allows, in whole lots where it binds."""
    left = room(day, asset)
    if abs(quantity) <= left:
        return quantity
    return round_to_lot(math.copysign(left, quantity), day.rules.lots[asset])


def fill(day: Day, working: Working, quantity: float, price: float, moment: str) -> None:
    """Book a fill of an explicit order and let its family know."""
    if quantity == 0.0:
        return
    take_room(day, working.asset, quantity)
    left = working.quantity - quantity
    working.quantity = 0.0 if abs(left) <= 1e-12 * abs(quantity) else left
    working.filled += quantity
    is_done = working.quantity == 0.0
    if is_done:
        day.book.orders.remove(working)
    ticket = ticket_of(working)
    if working.kind == "sliced":
        ticket = ticket._replace(order_id=take_number(day, working), parent_id=working.order_id)
    post(day, ticket, working.asset, quantity, price, moment)
    give_birth(day, working, quantity, price, moment)
    cancel_others(day, working, is_done)


def cancel_others(day: Day, working: Working, is_done: bool) -> None:
    """One cancels the other. A reduce-only order that is filled in part leaves the others: they clip to what is left.

    The first fill of a child ends what is left of its parent: nobody wants more of what is being closed.
    """
    parent = find(day, working.parent_id) if working.parent_id >= 0 else None
    if parent is not None:
        cancel(day, parent, "child_filled")
    if working.reduce_only and not is_done:
        return
    for other in list(day.book.orders):
        if other is not working and are_alternatives(working, other) and other in day.book.orders:
            cancel(day, other, "oco")


def are_alternatives(one: Working, other: Working) -> bool:
    """Whether two orders cancel each other."""
    return one.group == other.group >= 0 or one.parent_id == other.parent_id >= 0


def fire(day: Day, asset: int, price: float, reason: str, moment: str) -> None:
    """Fill a declared exit as far as the volume reaches; the rest of a stop is filled at the next open."""
    if reason != exits.TARGET:
        day.book.slots[asset].fired = reason
    quantity = within_room(day, asset, -day.book.quantities[asset])
    take_room(day, asset, quantity)
    ticket = Ticket(reason=reason, is_resting=reason == exits.TARGET, is_exit=True)
    post(day, ticket, asset, quantity, price, moment)
