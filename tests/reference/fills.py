"""A basket meets the market: sell first, then share what cash there is among the buys."""

from __future__ import annotations

import math

from .actions import cancel_opening
from .bars import Day
from .book import Basket, Fill, Order
from .costs import charge
from .sizing import Sheet, round_to_lot, size

BISECTIONS = 60


def size_basket(day: Day, basket: Basket, prices: list[float]) -> None:
    """Turn the basket's targets into numbered orders at `prices` (real where tradable, otherwise marks)."""
    book, rules = day.book, day.rules
    held = [q * prices[i] for i, q in enumerate(book.quantities) if q != 0.0]
    sheet = Sheet(
        targets=basket.targets,
        quantities=book.quantities,
        prices=prices,
        tradable=[day.is_tradable(i) for i in range(len(prices))],
        by_name=day.bars.by_name,
        equity=math.fsum([book.cash, *held]),
        costs=rules.costs,
        lots=rules.lots,
        min_trade=rules.min_trade,
    )
    sized = size(sheet)
    for i in sized.untradable:
        day.log("untradable_target", basket.targets[i], i)
    for i, value in sized.given_up:
        day.log("cost_exceeds_equity", value, i)
    first = book.next_order
    basket.orders = [Order(first + k, t.asset, t.reducing, t.opening) for k, t in enumerate(sized.trades)]
    book.next_order += len(basket.orders)
    basket.decision.n_orders = len(basket.orders)
    basket.decision.equity = sheet.equity
    basket.decision.equity_after = sized.equity_after


def fill_basket(day: Day, table: list[list[float]]) -> None:
    """Fill the pending basket at this row's prices in `table`; afterwards it is finished, whatever became of it."""
    book = day.book
    basket = book.pending
    assert basket is not None
    prices = [table[day.row][i] if day.is_tradable(i) else book.marks[i] for i in range(len(book.marks))]
    if basket.orders is None:
        size_basket(day, basket, prices)
        for action in day.actions:
            if action.kind == "delisting":
                cancel_opening(day, action.asset)
    decision = basket.decision
    decision.net_before = net_exposure(day, prices)
    orders = [clip(day, order) for order in basket.orders or [] if meets_a_bar(day, order)]
    for order in orders:
        trade(day, basket, order.order_id, order.asset, order.reducing, prices[order.asset])
    openings = [order for order in orders if order.opening > 0.0]
    decision.scale = affordable_fraction(day, openings, prices)
    for order in openings:
        quantity = order.opening
        if decision.scale < 1.0:
            quantity = round_to_lot(decision.scale * quantity, day.rules.lots[order.asset])
        trade(day, basket, order.order_id, order.asset, quantity, prices[order.asset])
    decision.net_after = net_exposure(day, prices)
    decision.done_row = day.row
    book.pending = None


def meets_a_bar(day: Day, order: Order) -> bool:
    """Whether the order can fill now; its only opportunity is this row, so otherwise it lapses."""
    if day.is_tradable(order.asset):
        return True
    day.log("halted", order.quantity, order.asset, order.order_id)
    return False


def clip(day: Day, order: Order) -> Order:
    """Return what a cash account does of the order: reduce at most what is still there, and open no short."""
    held = day.book.quantities[order.asset]
    reducing = 0.0
    if order.reducing * held < 0.0:
        reducing = math.copysign(min(abs(order.reducing), abs(held)), order.reducing)
    opening = order.opening
    if opening < 0.0:
        day.log("short_dropped", opening, order.asset, order.order_id)
        opening = 0.0
    return Order(order.order_id, order.asset, reducing, opening)


def affordable_fraction(day: Day, openings: list[Order], prices: list[float]) -> float:
    """Return f, the one share of every opening that the cash above the reserve pays for, costs included."""
    costs, book = day.rules.costs, day.book
    available = book.cash - day.rules.cash_reserve
    tolerance = 1e-12 * book.equity  # of the equity at the last mark; less money than that is rounding

    def need(f: float) -> float:
        values = [(f * order.opening * prices[order.asset], prices[order.asset]) for order in openings]
        return math.fsum(value + charge(costs, value, price).total for value, price in values)

    if not openings or need(1.0) <= available + tolerance:  # cash may be below the reserve without any opening
        return 1.0
    fraction, high = 0.0, 1.0
    if available > tolerance and costs.minimum == 0.0:
        fraction = available / need(1.0)
    elif available > tolerance:
        for _ in range(BISECTIONS):
            middle = (fraction + high) / 2.0
            if need(middle) <= available:
                fraction = middle
            else:
                high = middle
    day.log("scaled", fraction)
    return fraction


def trade(day: Day, basket: Basket, order_id: int, asset: int, quantity: float, price: float) -> None:
    """Book one fill: the position, the cash, the record."""
    if quantity == 0.0:
        return
    book = day.book
    cost = charge(day.rules.costs, quantity * price, price)
    book.quantities[asset] += quantity
    book.cash -= quantity * price + cost.total
    fill = Fill(day.row, asset, order_id, basket.decision.row, quantity, price, basket.decision_prices[asset], price)
    fill.commission, fill.spread, fill.slippage = cost.commission, cost.spread, cost.slippage
    day.out.fills.append(fill)
    basket.decision.n_fills += 1


def net_exposure(day: Day, prices: list[float]) -> float:
    """Return the positions' value at `prices` as a fraction of the equity at them, NaN without equity."""
    book = day.book
    held = math.fsum(q * prices[i] for i, q in enumerate(book.quantities) if q != 0.0)
    return held / (book.cash + held) if book.cash + held > 0.0 else math.nan
