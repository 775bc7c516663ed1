"""What must be traded before everything else: for a margin call, for a withdrawal, and dividends that buy more."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from .bars import Day
from .clock import began_before, has_turn
from .costs import charge
from .execute import within_room
from .financing import is_perpetual
from .money import BISECTIONS, equity_at, take_room
from .post import Ticket, post
from .rounding import round_to_lot, round_up_to_lot


class Standing(NamedTuple):
    """The account after all positions were reduced by some part, in money."""

    cash: float
    shorts: float  # value of what is short, less that of longs that nothing was paid for
    equity: float
    margin: float  # initial margin needed


def force(day: Day, prices: list[float], moment: str) -> None:
    """Do what cannot wait, at the first prices of the row."""
    book = day.book
    assert day.turn is not None
    if book.is_called:
        book.is_called = not day.turn.is_last
        reduce_all(day, prices, moment, "margin_call", lambda after: after.margin <= after.equity)
    if book.withdrawal > 0.0:
        reduce_all(day, prices, moment, "withdrawal", lambda after: free_cash(day, after) >= book.withdrawal)
        pay_withdrawal(day, prices)
    for asset in [i for i in day.bars.by_name if i in day.reinvested and i in day.turn.now]:
        reinvest(day, asset, day.reinvested[asset], prices[asset], moment)


def stand(day: Day, prices: list[float], g: float) -> Standing:
    """Return the account after the part `g` of each position that can still be sold in this row was closed."""
    book, rules = day.book, day.rules
    cash, shorts, costs, margin = [book.cash], [], [], []
    for i, q in enumerate(book.quantities):
        if q == 0.0:
            continue
        gone = g * q if can_go(day, i) else 0.0
        cost = charge(day.costs(i), gone * prices[i], prices[i]).total
        cash += [gone * prices[i], -cost]
        costs.append(cost)
        worth = -(q - gone) * prices[i]
        shorts.append(worth if is_perpetual(rules, i) else max(0.0, worth))
        margin.append(rules.initial[i] * abs(q - gone) * prices[i])
    equity = equity_at(day, prices) - math.fsum(costs)
    return Standing(math.fsum(cash), math.fsum(shorts), equity, math.fsum(margin))


def can_go(day: Day, asset: int) -> bool:
    """Whether a position can be sold now, or later in this row if its group opens then."""
    if day.turn is None:  # before the first open
        return False
    if asset in day.turn.later:
        return not day.book.delisted[asset] and not began_before(day, asset, day.row - 1)
    return day.is_tradable(asset) and has_turn(day, asset, day.row - 1)


def free_cash(day: Day, standing: Standing) -> float:
    """Return what can be paid out: cash, on margin neither borrowed nor needed as margin."""
    if not day.rules.on_margin:
        return max(0.0, standing.cash)
    return max(0.0, min(standing.cash - standing.shorts, standing.equity - standing.margin))


def reduce_all(day: Day, prices: list[float], moment: str, reason: str, is_enough: Callable[[Standing], bool]) -> None:
    """Close the smallest part of every position that is enough: the upper end of 60 halvings, all of it if need be."""
    low, high = 0.0, 1.0
    if is_enough(stand(day, prices, 0.0)):
        return
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        if is_enough(stand(day, prices, middle)):
            high = middle
        else:
            low = middle
    for i in day.bars.by_name:
        q = day.book.quantities[i]
        if q != 0.0 and day.is_tradable(i) and has_turn(day, i, day.row - 1):
            rounded = round_up_to_lot(high * q, day.rules.lots[i])
            quantity = within_room(day, i, -math.copysign(min(abs(rounded), abs(q)), q))
            take_room(day, i, quantity)
            post(day, Ticket(reason=reason), i, quantity, prices[i], moment)


def pay_withdrawal(day: Day, prices: list[float]) -> None:
    """Pay what is free, at most what was asked for; the row's return is counted up to here and from here on.

    What is not free yet waits as long as something opens later in the row.
    """
    book = day.book
    assert day.turn is not None
    paid = min(book.withdrawal, free_cash(day, stand(day, prices, 0.0)))
    if not day.turn.is_last and book.withdrawal - paid > 1e-9 * book.withdrawal:
        return
    wanted, book.withdrawal = book.withdrawal, 0.0
    before = equity_at(day, prices)
    book.cash -= paid
    book.growth *= before / book.base
    book.base = before - paid
    day.log("cash_flow", -paid, reason="cut" if wanted - paid > 1e-9 * wanted else "")


def reinvest(day: Day, asset: int, money: float, price: float, moment: str) -> None:
    """Buy more with a dividend, without cost; without a bar, or for less than a lot, it stays cash."""
    quantity = round_to_lot(money / price, day.rules.lots[asset])
    if quantity == 0.0 or not day.is_tradable(asset) or day.book.quantities[asset] <= 0.0:
        return
    post(day, Ticket(reason="reinvest", is_free=True), asset, quantity, price, moment)
