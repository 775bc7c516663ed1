"""Where an order meets a bar: pure questions of levels and prices, for buys and sales alike by their side."""

from __future__ import annotations

import math

from .orders import Working

MARKETS = ("market", "market_on_close", "sliced")
STOPS = ("stop", "trailing")
LIMITS = ("limit", "stop_limit")


def is_beyond_stop(side: float, level: float, price: float) -> bool:
    """Whether `price` has reached a stop: at or above it for a buy, at or below it for a sale."""
    return side * (price - level) >= 0.0


def is_beyond_limit(side: float, level: float, price: float) -> bool:
    """Whether `price` has reached a limit: at or below it for a buy, at or above it for a sale."""
    return side * (level - price) >= 0.0


def worse(side: float, one: float, other: float) -> float:
    """Return the price that is worse for the side."""
    return max(one, other) if side > 0.0 else min(one, other)


def better(side: float, one: float, other: float) -> float:
    """Return the price that is better for the side."""
    return min(one, other) if side > 0.0 else max(one, other)


def trail_level(side: float, extreme: float, distance: float, is_percent: bool) -> float:
    """Return where a trail stands: `distance` beyond the extreme, above it for a buy, below it for a sale."""
    return extreme * (1.0 + side * distance) if is_percent else extreme + side * distance


def raise_extreme(side: float, extreme: float, price: float) -> float:
    """Return the extreme after `price`: a sale trails the highest price, a buy the lowest. NaN begins with `price`."""
    return price if math.isnan(extreme) else better(side, extreme, price)


def stop_of(working: Working) -> float:
    """Return the level at which a stop or trail fires now."""
    if working.kind == "trailing":
        return trail_level(working.side, working.extreme, working.trail, working.trail_is_percent)
    return working.stop


def price_at_open(working: Working, row: int, opened: float) -> float | None:
    """Return the price at which an order fills at the open, None if it does not. A trail looks at the open first."""
    side = working.side
    if working.kind == "trailing":
        working.extreme = raise_extreme(side, working.extreme, opened)
    if working.is_triggered or working.kind in ("market", "sliced"):
        return opened
    if working.kind in STOPS:
        return opened if is_beyond_stop(side, stop_of(working), opened) else None
    if working.kind == "stop_limit" and working.limit_from < 0 and is_beyond_stop(side, working.stop, opened):
        working.limit_from = row
    if working.kind in LIMITS and has_limit(working, row) and is_beyond_limit(side, working.limit, opened):
        return opened
    return None


def has_limit(working: Working, row: int) -> bool:
    """Whether the order is a limit order in this row."""
    return working.kind == "limit" or 0 <= working.limit_from <= row


def price_inside(working: Working, row: int, opened: float, high: float, low: float) -> float | None:
    """Return the price at which an order that works since the open, or longer, fills inside the bar.

    What the open has passed already (a child born there) fills at the open.
    """
    if working.is_triggered:
        return None  # a market order by now, and the open is over
    side = working.side
    adverse, favourable = (high, low) if side > 0.0 else (low, high)
    if working.kind in STOPS:
        level = stop_of(working)
        return worse(side, level, opened) if is_beyond_stop(side, level, adverse) else None
    if working.kind == "stop_limit" and working.limit_from < 0:
        if is_beyond_stop(side, working.stop, adverse):
            working.limit_from = row + 1
        return None
    if working.kind in LIMITS and has_limit(working, row) and is_beyond_limit(side, working.limit, favourable):
        return better(side, working.limit, opened)
    return None
