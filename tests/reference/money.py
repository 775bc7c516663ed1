"""What the account can pay for: cash above the reserve, or equity above the initial margin."""

from __future__ import annotations

import math
from typing import NamedTuple

from .bars import Day
from .costs import charge

BISECTIONS = 60


class Opening(NamedTuple):
    """Something to open at a price; `done` is what the same order has just reduced, in the same fill."""

    asset: int
    quantity: float
    price: float
    done: float = 0.0
    is_resting: bool = False


def usable_cash(day: Day) -> float:
    """Return the cash that has settled."""
    clock = day.bars.clock
    return day.book.cash - math.fsum(cash for due, cash, i in day.book.unsettled if due > clock.session(day.row, i))


def equity_at(day: Day, prices: list[float]) -> float:
    """Return cash and positions at `prices`."""
    return math.fsum([day.book.cash, *(q * prices[i] for i, q in enumerate(day.book.quantities) if q != 0.0)])


def margin_at(day: Day, prices: list[float], rates: tuple[float, ...]) -> float:
    """Return the own money that the positions need at `prices`."""
    return math.fsum(rates[i] * abs(q) * prices[i] for i, q in enumerate(day.book.quantities) if q != 0.0)


def available(day: Day, prices: list[float]) -> float:
    """Return the money that openings may use up: cash above the reserve, on margin equity above the initial margin.

    What a withdrawal waits for is not to be spent.
    """
    waiting = day.book.withdrawal
    if not day.rules.on_margin:
        return usable_cash(day) - day.rules.cash_reserve - waiting
    return equity_at(day, prices) - margin_at(day, prices, day.rules.initial) - waiting


def need(day: Day, openings: list[Opening], f: float) -> float:
    """Return what the part `f` of all openings uses up, costs included."""
    return math.fsum(use(day, opening, f * opening.quantity) for opening in openings)


def use(day: Day, opening: Opening, quantity: float) -> float:
    """Return what opening `quantity` units uses up: their price or their margin, and what they add to the cost."""
    costs, price = day.costs(opening.asset), opening.price
    paid = charge(costs, opening.done * price, price, resting=opening.is_resting)
    cost = charge(costs, (opening.done + quantity) * price, price, resting=opening.is_resting)
    if not day.rules.on_margin:
        return quantity * price + (cost.total - paid.total)
    held = day.book.quantities[opening.asset]
    margin = day.rules.initial[opening.asset] * (abs(held + quantity) - abs(held)) * price
    return margin + (cost.total - paid.total)


def affordable_part(day: Day, openings: list[Opening], prices: list[float]) -> float:
    """Return f, the one share of all openings that can be paid for.

    1 if all of them can, up to 1e-12 of the equity at the last mark, which is rounding; else in closed form where half
    of a trade costs half, and otherwise the lower end of 60 halvings.
    """
    if not openings:  # cash may be below the reserve without any opening
        return 1.0
    limit = available(day, prices)
    tolerance = 1e-12 * day.book.equity
    wanted = need(day, openings, 1.0)
    if wanted <= limit + tolerance:
        return 1.0
    if limit <= tolerance:
        return 0.0
    if all(day.costs(opening.asset).is_proportional for opening in openings):
        return limit / wanted
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        if need(day, openings, middle) <= limit:
            low = middle
        else:
            high = middle
    return low


def room(day: Day, asset: int) -> float:
    """Return how many units of the asset may still be filled in this row."""
    part = day.rules.trading.participation
    if math.isinf(part) or day.bars.volume is None:
        return math.inf
    if asset not in day.room:
        volume = day.bars.volume[day.row][asset]
        day.room[asset] = part * volume if volume > 0.0 else 0.0
    return day.room[asset]


def take_room(day: Day, asset: int, quantity: float) -> None:
    """Use up a part of the row's volume. A rest that is rounding is none."""
    left = room(day, asset) - abs(quantity)
    if left < math.inf:
        day.room[asset] = left if left > 1e-12 * abs(quantity) else 0.0
