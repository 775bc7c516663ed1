"""A basket meets the market: reduce first, then share what money there is among the openings."""

from __future__ import annotations

import math

from .actions import cancel_opening
from .bars import Day
from .book import Basket, TargetOrder
from .clock import has_turn, is_current
from .execute import within_room
from .money import Opening, affordable_part, equity_at, take_room
from .options import GTC
from .post import Ticket, post
from .rounding import round_to_lot
from .sizing import Sheet, size
from .working import drop_without_position


def size_basket(day: Day, basket: Basket, prices: list[float]) -> None:
    """Turn the basket's targets into numbered orders at `prices` (real where tradable, otherwise marks)."""
    book, rules = day.book, day.rules
    kept = [book.exited[i] and basket.decision.source == "reapply" for i in range(len(prices))]
    sheet = Sheet(
        targets=basket.targets,
        quantities=book.quantities,
        prices=prices,
        tradable=[is_current(day, i) and not kept[i] for i in range(len(prices))],
        by_name=day.bars.by_name,
        equity=equity_at(day, prices),
        costs=rules.costs.plain,
        lots=rules.lots,
        min_trade=rules.min_trade,
        costs_of=tuple(day.costs(i) for i in range(len(prices))),
    )
    sized = size(sheet)
    for i in sized.untradable:
        if not kept[i]:
            day.log("untradable_target", basket.targets[i], i)
    for i, value in sized.given_up:
        day.log("cost_exceeds_equity", value, i)
    sent = []
    for trade in sized.trades:
        notional = abs(trade.reducing + trade.opening) * prices[trade.asset]
        if notional < rules.trading.min_notional:
            day.log("below_minimum", notional, trade.asset)
        else:
            sent.append(trade)
    first = book.next_order
    basket.orders = [TargetOrder(first + k, t.asset, t.reducing, t.opening) for k, t in enumerate(sent)]
    book.next_order += len(basket.orders)
    basket.decision.n_orders = len(basket.orders)
    basket.decision.equity = sheet.equity
    basket.decision.equity_after = sized.equity_after
    for order in basket.orders:
        day.log_all("order_placed", order.quantity, order.asset, order.order_id, "target")


def start(day: Day, basket: Basket, prices: list[float]) -> None:
    """Begin an opportunity of the basket: size it if that is still to be done, let lapse what has no bar."""
    if basket.orders is None:
        size_basket(day, basket, prices)
        for action in day.actions:
            if action.kind == "delisting":
                cancel_opening(day, action.asset)
    if math.isnan(basket.decision.net_before):
        basket.decision.net_before = net_exposure(day, prices)
    row = basket.decision.row
    basket.orders = [o for o in basket.orders or [] if not has_turn(day, o.asset, row) or meets_a_bar(day, o)]


def is_its_turn(day: Day, basket: Basket) -> bool:
    """Whether any order of the basket has its opportunity now; one that has no orders is done at the first."""
    row = basket.decision.row
    return not basket.orders or any(has_turn(day, order.asset, row) for order in basket.orders)


def meets_a_bar(day: Day, order: TargetOrder) -> bool:
    """Whether the order can fill now or may wait; otherwise it lapses. With a bar a cash account looks at it first."""
    if day.is_tradable(order.asset):
        order.bars_met += 1
        drop_short(day, order)
        return True
    if day.rules.trading.carry != 0:
        return True
    day.log("halted", order.quantity, order.asset, order.order_id)
    return False


def clipped(day: Day, order: TargetOrder) -> float:
    """Return the reducing part, at most what is still there."""
    held = day.book.quantities[order.asset]
    if order.reducing * held < 0.0:
        return math.copysign(min(abs(order.reducing), abs(held)), order.reducing)
    return 0.0


def drop_short(day: Day, order: TargetOrder) -> None:
    """A cash account opens no short."""
    if order.opening < 0.0 and not day.rules.on_margin:
        day.log("short_dropped", order.opening, order.asset, order.order_id)
        order.opening = 0.0


def reduce_basket(day: Day, basket: Basket, prices: list[float], moment: str) -> None:
    """Fill the reducing parts, as far as there is still something to reduce."""
    for order in basket.orders or []:
        if day.is_tradable(order.asset) and has_turn(day, order.asset, basket.decision.row):
            order.reducing = clipped(day, order)
            quantity = within_room(day, order.asset, order.reducing)
            order.reducing -= quantity
            trade(day, basket, order, quantity, prices, moment)


def open_basket(day: Day, basket: Basket, prices: list[float], moment: str) -> None:
    """Fill the opening parts, all of them cut by the one factor that can be paid for; what is cut is not sent again."""
    row = basket.decision.row
    present = [order for order in basket.orders or [] if has_turn(day, order.asset, row)]
    wanted = {order.order_id: wanted_opening(day, order) for order in present}
    orders = [order for order in present if wanted[order.order_id] != 0.0]
    openings = []
    for order in orders:
        done = day.parts[order.order_id].quantity if order.order_id in day.parts else 0.0
        openings.append(Opening(order.asset, wanted[order.order_id], prices[order.asset], done))
    f = affordable_part(day, openings, prices)
    decision = basket.decision
    decision.scale = f if math.isnan(decision.scale) else min(f, decision.scale)
    if f < 1.0:
        day.log("scaled", f)
    for order, opening in zip(orders, openings, strict=True):
        quantity = opening.quantity
        order.opening -= quantity
        if f < 1.0:
            quantity = drop_small(day, order, opening, round_to_lot(f * quantity, day.rules.lots[order.asset]))
        trade(day, basket, order, quantity, prices, moment)


def wanted_opening(day: Day, order: TargetOrder) -> float:
    """Return what the order could open now: nothing without a bar, or while there is still something to reduce."""
    if not day.is_tradable(order.asset) or order.opening * day.book.quantities[order.asset] < 0.0:
        return 0.0
    return within_room(day, order.asset, order.opening)


def drop_small(day: Day, order: TargetOrder, opening: Opening, quantity: float) -> float:
    """Return an opening after the cut, 0 if the order has become too small to be sent."""
    notional = abs(opening.done + quantity) * opening.price
    if quantity == 0.0 or notional >= day.rules.trading.min_notional:
        return quantity
    day.log("below_minimum", notional, order.asset, order.order_id)
    return 0.0


def trade(day: Day, basket: Basket, order: TargetOrder, quantity: float, prices: list[float], moment: str) -> None:
    """Book a part of an order of the basket."""
    if quantity == 0.0:
        return
    take_room(day, order.asset, quantity)
    if order.order_id not in day.parts:
        basket.decision.n_fills += 1
    ticket = Ticket(order.order_id, basket.decision.row, basket.decision_prices[order.asset], in_basket=True)
    post(day, ticket, order.asset, quantity, prices[order.asset], moment)


def finish(day: Day, basket: Basket, prices: list[float]) -> None:
    """End an opportunity: what is left works on as long as it may; without anything left the basket is done."""
    basket.has_met = True
    basket.decision.net_after = net_exposure(day, prices)
    row = basket.decision.row
    basket.orders = [o for o in basket.orders or [] if not has_turn(day, o.asset, row) or works_on(day, o)]
    if not basket.orders:
        end_basket(day, basket)
        day.log_all("rebalance_completed", basket.decision.scale)


def works_on(day: Day, order: TargetOrder) -> bool:
    """Whether an order that has met the row has something left and time for it."""
    if order.quantity == 0.0:
        return False
    carry = day.rules.trading.carry
    if carry == GTC or order.bars_met < carry or (carry != 0 and not day.is_tradable(order.asset)):
        return True
    day.log("capped", order.quantity, order.asset, order.order_id)
    return False


def end_basket(day: Day, basket: Basket) -> None:
    """The basket has nothing left to do."""
    basket.decision.done_row = day.row
    day.book.pending = None
    drop_without_position(day, basket.decision.row)


def cancel_basket(day: Day, reason: str) -> None:
    """Cancel what is left of the working basket."""
    basket = day.book.pending
    if basket is None:
        return
    for order in basket.orders or []:
        day.log("order_cancelled", order.quantity, order.asset, order.order_id, reason)
    end_basket(day, basket)


def net_exposure(day: Day, prices: list[float]) -> float:
    """Return the positions' value at `prices` as a fraction of the equity at them, NaN without equity."""
    book = day.book
    held = math.fsum(q * prices[i] for i, q in enumerate(book.quantities) if q != 0.0)
    return held / (book.cash + held) if book.cash + held > 0.0 else math.nan
