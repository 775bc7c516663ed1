"""The open and the close: one price an asset, at which everything that may fill does so in a fixed order."""

from __future__ import annotations

from . import exits
from .bars import Day
from .basket import finish, is_its_turn, open_basket, reduce_basket, start
from .clock import begin, closings, everybody, has_turn, openings
from .execute import execute, fire, reduce
from .forced import force
from .keep_net import cut_basket
from .match import MARKETS, STOPS, price_at_open
from .orders import Working
from .working import is_asleep


def fill_open(day: Day) -> None:
    """Fill, open after open, gapped exits, all that reduces, explicit openings, the basket's openings."""
    assert day.bars.open is not None
    for turn in openings(day):
        prices = begin(day, turn, day.bars.open)
        force(day, prices, "open")
        touched = [w for w in ready(day) if price_at_open(w, day.row, prices[w.asset]) is not None]
        reached = [w for w in touched if is_of_open(day, w)]
        fill_gapped_exits(day, reached, prices)
        fill_at(day, reached, prices, "open", has_basket=day.rules.fill == "next_open")


def fill_close(day: Day) -> None:
    """Fill, close after close, what fills there; without opens they are the row's first prices."""
    for turn in closings(day):
        prices = begin(day, turn, day.bars.close)
        if day.bars.open is None:
            force(day, prices, "close")
        reached = [w for w in ready(day) if is_of_close(day, w)]
        fill_at(day, reached, prices, "close", has_basket=day.rules.fill == "next_close")


def ready(day: Day) -> list[Working]:
    """Return the orders that could fill now, by number."""
    return [
        w
        for w in day.book.orders
        if not is_asleep(day, w) and day.is_tradable(w.asset) and has_turn(day, w.asset, w.decision_row)
    ]


def is_of_open(day: Day, working: Working) -> bool:
    """Whether an order may fill at the open: everything but what asks for the close."""
    return working.kind != "market_on_close" and (working.kind not in MARKETS or day.rules.fill == "next_open")


def is_of_close(day: Day, working: Working) -> bool:
    """Whether an order asks for the close; a market order does where targets fill there."""
    return working.kind == "market_on_close" or (working.kind in MARKETS and day.rules.fill != "next_open")


def fill_gapped_exits(day: Day, reached: list[Working], prices: list[float]) -> None:
    """First the stops that the open has gapped, then the targets; slots by name before orders by number."""
    assert day.turn is not None
    held = [i for i in day.bars.by_name if day.book.quantities[i] != 0.0 and day.is_tradable(i) and i in day.turn.now]
    for i in held:
        reason = exits.stop_at_open(day, i, prices[i])
        if reason:
            fire(day, i, prices[i], reason, "open")
    for working in [w for w in reached if w.kind in STOPS]:
        reduce(day, working, prices[working.asset], "open")
    for i in held:
        if day.book.quantities[i] != 0.0 and not day.book.slots[i].fired:
            reason = exits.target_at_open(day, i, prices[i])
            if reason:
                fire(day, i, prices[i], reason, "open")
    for working in [w for w in reached if w.kind not in STOPS and w.kind not in MARKETS]:
        reduce(day, working, prices[working.asset], "open")


def fill_at(day: Day, reached: list[Working], prices: list[float], moment: str, *, has_basket: bool) -> None:
    """Fill at one price an asset: all reducing parts, then explicit openings, then those of the basket."""
    basket = day.book.pending if has_basket else None
    if basket is not None and not is_its_turn(day, basket):
        basket = None
    if basket is not None:
        start(day, basket, prices)
    for working in [w for w in reached if w.kind in MARKETS]:
        reduce(day, working, prices[working.asset], moment)
    if basket is not None:
        if day.rules.trading.keep_net:
            cut_basket(day, basket, prices)
        reduce_basket(day, basket, prices, moment)
    for working in reached:
        execute(day, working, prices[working.asset], prices, moment)
    if basket is not None:
        open_basket(day, basket, prices, moment)
        finish(day, basket, prices)
    day.parts.clear()


def fill_same_close(day: Day) -> None:
    """Fill the basket that was decided at this very close."""
    prices = begin(day, everybody(day), day.bars.close)
    fill_at(day, [], prices, "close", has_basket=True)
