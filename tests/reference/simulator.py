"""The day of an account, step by step, in the plainest Python.

This is the authority on what is right: the compiled engine must agree with it. It imports nothing of the engine.
Speed does not matter here. The readings of the rules that were chosen where they left room are listed in `__init__`.
"""

from __future__ import annotations

import math

from .actions import apply_actions, pay_delistings
from .answers import Decide, Weights, decide_row
from .bars import Day
from .book import Basket
from .financing import Rates, carry
from .flows import begin_return, move_cash, record_return
from .instant import fill_close, fill_open, fill_same_close
from .intrabar import play_inside
from .margin import call_margin
from .marking import announce_listings, flag_stale, mark, settle
from .orders import Answer
from .universe import leave_universe
from .watch import watch
from .working import expire


def see_history(day: Day) -> None:
    """Carry marks through a row before the simulation starts; there is nothing to trade yet."""
    apply_actions(day)
    mark(day)
    pay_delistings(day)
    day.book.happened.clear()


def play(
    day: Day,
    calendar_bits: int,
    rates: Rates | None,
    flow: float,
    planned: Weights | Answer | None,
    decide: Decide | None,
) -> None:
    """One row, in the order of the rules."""
    book, bars, rules = day.book, day.bars, day.rules
    begin_return(day)
    if book.frozen:
        rest(day)
        return
    announce_listings(day)
    begin_row(day)

    # 1. carry and flows of cash
    if rates is not None:
        carry(day, rates)
    move_cash(day, flow)

    # 2. corporate actions
    apply_actions(day)

    # 3. and 4. the open, and the way to the close
    basket = meeting(day)
    if bars.open is not None:
        fill_open(day)
    play_inside(day)

    # 5. the close; mark, pay out what was delisted, look at the result
    fill_close(day)
    mark(day)
    pay_delistings(day)
    settle(day, has_attained(day, basket))
    if book.frozen:
        rest(day)
        return
    call_margin(day)
    flag_stale(day)
    leave_universe(day)
    book.tier_volume = book.month_volume

    # 6. watch
    bits, drift, drift_asset = watch(day, calendar_bits)
    if bits:
        day.log_all("trigger_fired", float(bits))
    day.out.reasons.append(bits)
    day.out.drift.append(drift)
    day.out.drift_asset.append(drift_asset)

    # 7. decide, unless a margin call has done so; a same_close basket fills at once and is marked once more
    if not book.is_called:
        decide_row(day, bits, drift, drift_asset, planned, decide)
    if rules.fill == "same_close" and book.pending is not None:
        basket = meeting(day)
        fill_same_close(day)
        settle(day, has_attained(day, basket))
        call_margin(day)
    record(day)


def begin_row(day: Day) -> None:
    """What the calendar alone brings: a new month of commission tiers, settled cash, orders that are outlived."""
    book, month = day.book, day.bars.month
    if day.row > 0 and month[day.row] != month[day.row - 1]:
        book.month_volume = 0.0
    book.tier_volume = book.month_volume
    book.unsettled = [entry for entry in book.unsettled if entry[0] > day.bars.clock.session(day.row, entry[2])]
    expire(day)


def meeting(day: Day) -> tuple[Basket, bool] | None:
    """Return the working basket and whether this is not its first opportunity."""
    basket = day.book.pending
    return None if basket is None else (basket, basket.has_met)


def has_attained(day: Day, before: tuple[Basket, bool] | None) -> bool:
    """Whether a basket has had its first opportunity since then, or has finished."""
    return before is not None and (day.book.pending is None or before[0].has_met > before[1])


def record(day: Day) -> None:
    """Write down the book at the end of the row."""
    record_return(day)
    day.out.equity.append(day.book.equity)
    day.out.cash.append(day.book.cash)
    day.out.quantities.append(list(day.book.quantities))


def rest(day: Day) -> None:
    """A row of a frozen book: everything stays as it was when the account ended."""
    record(day)
    day.out.reasons.append(0)
    day.out.drift.append(math.nan)
    day.out.drift_asset.append(-1)


def leave_working(day: Day) -> None:
    """The data ended: orders still working are named, positions stay open at their marks."""
    book = day.book
    if book.frozen:
        return
    for order in (book.pending.orders or []) if book.pending is not None else []:
        day.log("unfilled_at_end", order.quantity, order.asset, order.order_id)
    for working in book.orders:
        if working.is_born:
            day.log("unfilled_at_end", working.quantity, working.asset, working.order_id)
