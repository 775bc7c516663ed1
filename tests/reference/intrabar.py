"""Inside the bar, by the table of the rules: exits, then entries, then what an entry's own bar may still do to it.

`pessimistic` is that table. `optimistic` turns it round: targets before stops, and on the bar of an entry made inside
it a target counts as soon as the bar reaches it, a stop or trail only if the close proves it. The two ways through
the bar are in `path`.
"""

from __future__ import annotations

from collections.abc import Callable

from . import exits
from .bars import Day
from .book import Entry
from .clock import may_meet
from .execute import execute, fire
from .match import (
    LIMITS,
    MARKETS,
    STOPS,
    better,
    has_limit,
    is_beyond_limit,
    is_beyond_stop,
    price_inside,
    raise_extreme,
    stop_of,
    worse,
)
from .orders import Working
from .path import walk
from .working import find, is_asleep

Exit = tuple[float, str] | None


def play_inside(day: Day) -> None:
    """Let every working order and declared exit meet the bar between its open and its close."""
    bars = day.bars
    if not bars.has_ranges:
        return
    assert bars.open is not None
    prices = day.prices(bars.open)
    if day.rules.trading.intrabar in ("pessimistic", "optimistic"):
        play_exits(day, prices)
        play_entries(day, prices)
        play_own_bars(day, prices)
        raise_trails(day)
    else:
        for asset in bars.by_name:
            if day.is_tradable(asset):
                walk(day, asset, prices)


def kinds_in_turn(day: Day) -> tuple[tuple[str, ...], ...]:
    """Return which exits go first when a bar has reached both."""
    return (LIMITS, STOPS) if day.rules.trading.intrabar == "optimistic" else (STOPS, LIMITS)


def play_exits(day: Day, prices: list[float]) -> None:
    """Exits of positions that are older than the bar or were opened at its open: the whole bar counts."""
    for kinds in kinds_in_turn(day):
        inside = exits.stop_inside if kinds is STOPS else exits.target_inside
        play_slots(day, lambda i, ask=inside, stops=kinds is STOPS: ask(day, i, prices[i], extreme_for(day, i, stops)))
        for working in exits_among(day, kinds):
            if find(day, working.order_id) is not None and is_exit(day, working):
                meet(day, working, prices)


def meet(day: Day, working: Working, prices: list[float]) -> None:
    """Fill an order that has worked since the open if the bar reaches it."""
    price = price_inside(working, day.row, prices[working.asset], *high_low(day, working.asset))
    if price is not None:
        execute(day, working, price, prices, "inside")


def play_slots(day: Day, ask: Callable[[int], Exit]) -> None:
    """Fire the declared exits of held assets, by name, where `ask` says a price."""
    for i in day.bars.by_name:
        if day.book.quantities[i] != 0.0 and day.is_tradable(i) and not day.book.slots[i].fired:
            answer = ask(i)
            if answer is not None:
                fire(day, i, *answer, "inside")


def exits_among(day: Day, kinds: tuple[str, ...]) -> list[Working]:
    """Return the orders of some kinds that would make a position smaller as it is now, by number."""
    return [w for w in day.book.orders if w.kind in kinds and is_exit(day, w) and may_meet(day, w)]


def is_exit(day: Day, working: Working) -> bool:
    """Whether an order would make the position smaller."""
    return working.is_born and day.book.quantities[working.asset] * working.quantity < 0.0


def play_entries(day: Day, prices: list[float]) -> None:
    """All other orders, by number; what opposes a position that was entered inside this bar waits for its turn."""
    for working in list(day.book.orders):
        is_idle = find(day, working.order_id) is None or is_asleep(day, working) or working.kind in MARKETS
        if not is_idle and not is_exit(day, working) and may_meet(day, working):
            meet(day, working, prices)


def play_own_bars(day: Day, prices: list[float]) -> None:
    """Exits of positions that were opened or increased inside this bar."""
    for kinds in kinds_in_turn(day):
        ask = own_stop if kinds is STOPS else own_target
        play_slots(day, lambda i, ask=ask: ask(day, i, day.entered[i]) if i in day.entered else None)
        for working in exits_among(day, kinds):
            if working.asset in day.entered and find(day, working.order_id) is not None and is_exit(day, working):
                price = own_price(day, working, day.entered[working.asset])
                if price is not None:
                    execute(day, working, price, prices, "inside")


def own_stop(day: Day, asset: int, entry: Entry) -> Exit:
    """Return the declared stop of an entry on its own bar: reached by any price of the bar, never better than P."""
    side = exits.exit_side(day, asset)
    level, reason = exits.stop_now(day, asset)
    price = stop_price(day, asset, side, level, entry)
    return None if price is None else (price, reason)


def own_target(day: Day, asset: int, entry: Entry) -> Exit:
    """Return the declared target of an entry on its own bar."""
    side, target = exits.exit_side(day, asset), day.book.slots[asset].target
    price = target_price(day, asset, side, target, entry)
    return None if price is None else (price, exits.TARGET)


def own_price(day: Day, working: Working, entry: Entry) -> float | None:
    """Return the price of an order that closes what was entered inside this bar."""
    i, side = working.asset, working.side
    if working.kind in STOPS:
        return None if working.is_triggered else stop_price(day, i, side, stop_of(working), entry)
    if working.kind == "stop_limit" and not has_limit(working, day.row):
        if working.limit_from < 0 and stop_price(day, i, side, working.stop, entry) is not None:
            working.limit_from = day.row + 1
        return None
    return target_price(day, i, side, working.limit, entry)


def stop_price(day: Day, asset: int, side: float, level: float, entry: Entry) -> float | None:
    """Return where a stop of an entry at P fills on its own bar: its level, or P if that is already beyond it."""
    proof = extreme_for(day, asset, True)
    if day.rules.trading.intrabar == "optimistic":
        proof = day.bars.close[day.row][asset]
    return worse(side, level, entry.price) if is_beyond_stop(side, level, proof) else None


def target_price(day: Day, asset: int, side: float, level: float, entry: Entry) -> float | None:
    """Return where a target of an entry at P fills on its own bar if the close proves it: its level, or P beyond it."""
    proof = day.bars.close[day.row][asset]
    if day.rules.trading.intrabar == "optimistic":
        proof = extreme_for(day, asset, False)
    elif not entry.by_limit:
        return None
    return better(side, level, entry.price) if is_beyond_limit(side, level, proof) else None


def high_low(day: Day, asset: int) -> tuple[float, float]:
    """Return the range of the bar."""
    assert day.bars.high is not None
    assert day.bars.low is not None
    return day.bars.high[day.row][asset], day.bars.low[day.row][asset]


def extreme_for(day: Day, asset: int, adverse: bool) -> float:
    """Return the price of the bar that is worst, or best, for the position."""
    high, low = high_low(day, asset)
    return low if (day.book.quantities[asset] > 0.0) == adverse else high


def raise_trails(day: Day) -> None:
    """Let all trails see the best price of the bar, for the next one; those that began inside it see its close."""
    for i in day.bars.by_name:
        if day.book.quantities[i] != 0.0 and day.is_tradable(i):
            slot = day.book.slots[i]
            seen = day.bars.close[day.row][i] if slot.is_new else extreme_for(day, i, False)
            slot.extreme = raise_extreme(exits.exit_side(day, i), slot.extreme, seen)
            slot.is_new = False
    for working in day.book.orders:
        i = working.asset
        if working.kind == "trailing" and not is_asleep(day, working) and may_meet(day, working):
            high, low = high_low(day, i)
            seen = low if working.side > 0.0 else high
            if working.is_new:
                seen = day.bars.close[day.row][i]
            working.extreme = raise_extreme(working.side, working.extreme, seen)
            working.is_new = False
