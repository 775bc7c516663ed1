"""One factor for a whole basket: what reduces is cut with what opens, so that the net exposure goes where it should."""

from __future__ import annotations

import math

from .bars import Day
from .book import Basket, TargetOrder
from .clock import has_turn
from .costs import charge
from .money import BISECTIONS, equity_at
from .rounding import round_to_lot


def cut_basket(day: Day, basket: Basket, prices: list[float]) -> None:
    """Cut every order by f where not all of the basket is covered; nothing is cut where nothing opens.

    f is the lower end of 60 halvings of the part of the basket after which the margin is still covered. Where it is
    not covered before anything trades either, the basket is not cut here: what reduces is then made in full.
    """
    row = basket.decision.row
    wanted = {o.order_id: wish_of(day, o) for o in basket.orders or [] if has_turn(day, o.asset, row)}
    orders = [order for order in basket.orders or [] if wanted.get(order.order_id, 0.0) != 0.0]
    if not any(opens(day, order) for order in orders):
        return
    rounding = 1e-12 * day.book.equity
    if spare(day, orders, wanted, prices, 1.0) >= -rounding or spare(day, orders, wanted, prices, 0.0) < -rounding:
        return
    low, high = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        if spare(day, orders, wanted, prices, middle) >= 0.0:
            low = middle
        else:
            high = middle
    low = low if low > 1e-12 else 0.0  # what is to spare after a withdrawal is rounding
    basket.decision.scale = low if math.isnan(basket.decision.scale) else min(low, basket.decision.scale)
    day.log("scaled", low)
    for order in orders:
        cut(day, order, low * wanted[order.order_id], prices[order.asset])


def wish_of(day: Day, order: TargetOrder) -> float:
    """Return what the order would trade now (units, signed): nothing without a bar."""
    if not day.is_tradable(order.asset):
        return 0.0
    held = day.book.quantities[order.asset]
    return closing(order.reducing, held) + (order.opening if opens(day, order) else 0.0)


def opens(day: Day, order: TargetOrder) -> bool:
    """Whether the order would open something once it has reduced."""
    held = day.book.quantities[order.asset]
    return order.opening != 0.0 and order.opening * (held + closing(order.reducing, held)) >= 0.0


def closing(quantity: float, held: float) -> float:
    """Return the part of a trade that makes a position smaller."""
    return math.copysign(min(abs(quantity), abs(held)), quantity) if quantity * held < 0.0 else 0.0


def spare(day: Day, orders: list[TargetOrder], wanted: dict[int, float], prices: list[float], f: float) -> float:
    """Return the equity above the initial margin once the part `f` of everything has traded and paid for itself."""
    after = list(day.book.quantities)
    costs = []
    for order in orders:
        quantity = f * wanted[order.order_id]
        after[order.asset] += quantity
        costs.append(charge(day.costs(order.asset), quantity * prices[order.asset], prices[order.asset]).total)
    margin = math.fsum(day.rules.initial[i] * abs(q) * prices[i] for i, q in enumerate(after) if q != 0.0)
    return equity_at(day, prices) - math.fsum(costs) - margin


def cut(day: Day, order: TargetOrder, quantity: float, price: float) -> None:
    """Let the order be for `quantity`, split at zero and rounded to lots anew; small openings are dropped."""
    lot = day.rules.lots[order.asset]
    part = closing(quantity, day.book.quantities[order.asset])
    opening = round_to_lot(quantity - part, lot)
    if order.opening == 0.0:
        opening = 0.0  # a difference that is rounding
    order.reducing = round_to_lot(part, lot)
    notional = abs(order.reducing + opening) * price
    if opening != 0.0 and notional < day.rules.trading.min_notional:
        day.log("below_minimum", notional, order.asset, order.order_id)
        opening = 0.0
    order.opening = opening
