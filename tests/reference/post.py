"""Booking a fill: the position, the cash, the record, and what else a change of position sets in motion."""

from __future__ import annotations

from typing import NamedTuple

from . import exits
from .bars import Day
from .book import Entry, Fill
from .costs import Costs, charge
from .orders import Working
from .working import let_vanish, wake_sleepers

FREE = Costs()


class Ticket(NamedTuple):
    """What a fill says about the wish behind it."""

    order_id: int = -1
    decision_row: int = -1
    decision_price: float | None = None  # None: the price of the fill
    reason: str = "target"
    parent_id: int = -1
    tag: int = 0
    is_resting: bool = False  # a limit order: commission only
    in_basket: bool = False
    is_exit: bool = False
    is_free: bool = False  # of all costs


def ticket_of(working: Working) -> Ticket:
    """Return the ticket of an explicit order."""
    return Ticket(
        working.order_id,
        working.decision_row,
        working.decision_price,
        working.reason or working.kind,
        working.parent_id,
        working.tag,
        is_resting=working.kind in ("limit", "stop_limit"),
        is_exit=working.reduce_only,
    )


def post(day: Day, ticket: Ticket, asset: int, quantity: float, price: float, moment: str) -> None:
    """Book `quantity` units at `price`. An order split at zero is one fill: its second half joins the first."""
    if quantity == 0.0:
        return
    book = day.book
    part = day.parts.pop(ticket.order_id, None) if ticket.order_id >= 0 else None
    done = 0.0 if part is None else part.quantity
    costs = FREE if ticket.is_free else day.costs(asset)
    paid = charge(costs, done * price, price, resting=ticket.is_resting)
    cost = charge(costs, (done + quantity) * price, price, resting=ticket.is_resting)
    old = book.quantities[asset]
    book.quantities[asset] = moved(old, quantity, ticket.in_basket)
    outlay = quantity * price + (cost.total - paid.total)
    book.cash -= outlay
    book.month_volume += abs(quantity * price)
    if day.rules.settlement > 0 and outlay < 0.0:
        due = day.bars.clock.session(day.row, asset) + day.rules.settlement
        book.unsettled.append((due, -outlay, asset))
    if part is None:
        decided = price if ticket.decision_price is None else ticket.decision_price
        part = Fill(day.row, asset, ticket.order_id, ticket.decision_row, 0.0, price, decided, price)
        part.reason, part.parent_id, part.tag, part.moment = ticket.reason, ticket.parent_id, ticket.tag, moment
        day.out.fills.append(part)
    part.quantity = done + quantity
    part.commission, part.spread, part.slippage = cost.commission, cost.spread, cost.slippage
    part.impact, part.temporary, part.permanent = cost.impact, cost.temporary, cost.permanent
    if ticket.order_id >= 0:
        day.parts[ticket.order_id] = part
    day.log_all("order_filled", quantity, asset, ticket.order_id, ticket.reason)
    follow(day, ticket, asset, old, price, moment)


def moved(old: float, quantity: float, in_basket: bool) -> float:
    """Return the new position. What explicit orders leave by rounding (0.3 sold of 0.1 + 0.2) is no position."""
    new = old + quantity
    return 0.0 if not in_basket and abs(new) <= 1e-12 * abs(quantity) else new


def follow(day: Day, ticket: Ticket, asset: int, old: float, price: float, moment: str) -> None:
    """Do what a change of position calls for: declared exits, sleeping orders, references, events."""
    new = day.book.quantities[asset]
    grew = new != 0.0 and (old * new <= 0.0 or abs(new) > abs(old))
    if moment == "inside" and grew:
        day.entered[asset] = Entry(price, ticket.is_resting)
    if not ticket.in_basket:
        day.touched.add(asset)
    if ticket.is_exit:
        day.book.exited[asset] = True
    if old != 0.0 and old * new <= 0.0:
        let_vanish(day, asset, old)
        day.log_all("position_closed", old, asset, ticket.order_id, ticket.reason)
    exits.update(day, asset, old, price, moment)
    if new != 0.0 and old * new <= 0.0:
        wake_sleepers(day, asset, price, moment)
        day.log_all("position_opened", new, asset, ticket.order_id, ticket.reason)
