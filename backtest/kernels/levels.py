"""Where an order meets a bar: pure questions of levels and prices, for buys and sales alike by their side.

A side is 1.0 for a buy and −1.0 for a sale. A price of NaN means that the order does not fill.
"""

from typing import Any

import numpy as np

from backtest.kernels._jit import part
from backtest.types import Moment, OrderKind

OPEN: Any = np.int64(Moment.OPEN.value)
INSIDE: Any = np.int64(Moment.INSIDE.value)
CLOSE: Any = np.int64(Moment.CLOSE.value)


@part
def side_of(quantity):
    """Return 1.0 for a buy, −1.0 for a sale."""
    return 1.0 if quantity >= 0.0 else -1.0


@part
def is_beyond_stop(side, level, price):
    """Whether `price` has reached a stop: at or above it for a buy, at or below it for a sale."""
    return side * (price - level) >= 0.0


@part
def is_beyond_limit(side, level, price):
    """Whether `price` has reached a limit: at or below it for a buy, at or above it for a sale."""
    return side * (level - price) >= 0.0


@part
def worse(side, one, other):
    """Return the price that is worse for the side."""
    return max(one, other) if side > 0.0 else min(one, other)


@part
def better(side, one, other):
    """Return the price that is better for the side."""
    return min(one, other) if side > 0.0 else max(one, other)


@part
def raise_extreme(side, extreme, price):
    """Return the extreme after `price`: a sale trails the highest price, a buy the lowest. NaN begins with `price`."""
    return price if extreme != extreme else better(side, extreme, price)


@part
def round_to_tick(level, tick, direction):
    """Round a level up (`direction` > 0) or down to whole ticks; a tick of 0, or NaN, changes nothing."""
    if tick == 0.0 or level != level:
        return level
    if direction > 0.0:
        return np.ceil(level / tick * (1.0 - 1e-12) - 1e-9) * tick
    return np.floor(level / tick * (1.0 + 1e-12) + 1e-9) * tick


@part
def is_market(kind):
    """Whether an order of a kind takes the price of its moment."""
    return kind == OrderKind.MARKET or kind == OrderKind.MARKET_ON_CLOSE or kind == OrderKind.SLICED


@part
def is_stop(kind):
    """Whether an order of a kind is a market order once its level is reached."""
    return kind == OrderKind.STOP or kind == OrderKind.TRAILING


@part
def stop_of(order):
    """Return the level at which a stop or trail fires now."""
    if order["kind"] != OrderKind.TRAILING:
        return order["stop"]
    side = side_of(order["quantity"])
    if order["trail_is_percent"] == 1:
        return order["extreme"] * (1.0 + side * order["trail"])
    return order["extreme"] + side * order["trail"]


@part
def has_limit(order, t):
    """Whether the order is a limit order in row `t`; False for stops."""
    kind = order["kind"]
    return kind == OrderKind.LIMIT or (kind == OrderKind.STOP_LIMIT and 0 <= order["limit_from"] <= t)


@part
def price_at_open(order, t, opened):
    """Return the price at which an order fills at the open. A trail looks at the open first."""
    kind = order["kind"]
    side = side_of(order["quantity"])
    if kind == OrderKind.TRAILING:
        order["extreme"] = raise_extreme(side, order["extreme"], opened)
    if order["triggered"] == 1 or kind == OrderKind.MARKET or kind == OrderKind.SLICED:
        return opened
    if is_stop(kind):
        return opened if is_beyond_stop(side, stop_of(order), opened) else np.nan
    if kind == OrderKind.STOP_LIMIT and order["limit_from"] < 0 and is_beyond_stop(side, order["stop"], opened):
        order["limit_from"] = t
    if has_limit(order, t) and is_beyond_limit(side, order["limit"], opened):
        return opened
    return np.nan


@part
def price_inside(order, t, opened, high, low):
    """Return the price at which an order that works since the open, or longer, fills inside the bar.

    What the open has passed already (a child born there) fills at the open.
    """
    kind = order["kind"]
    if order["triggered"] == 1:
        return np.nan  # a market order by now, and the open is over
    side = side_of(order["quantity"])
    adverse = high if side > 0.0 else low
    favourable = low if side > 0.0 else high
    if is_stop(kind):
        level = stop_of(order)
        return worse(side, level, opened) if is_beyond_stop(side, level, adverse) else np.nan
    if kind == OrderKind.STOP_LIMIT and order["limit_from"] < 0:
        if is_beyond_stop(side, order["stop"], adverse):
            order["limit_from"] = t + 1
        return np.nan
    if has_limit(order, t) and is_beyond_limit(side, order["limit"], favourable):
        return better(side, order["limit"], opened)
    return np.nan
