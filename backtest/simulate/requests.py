"""From the orders of an answer to the records that the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from backtest.errors import StrategyError
from backtest.market.market import Market
from backtest.strategy.orders import Order
from backtest.types import REQUEST, Floats, OrderKind, Records, TimeInForce


def requests_of(placed: Sequence[Order], cancelled: Sequence[int], market: Market, row: int) -> Records:
    """Write the cancellations, then the orders, of an answer given at `row`."""
    requests: Records = np.zeros(len(cancelled) + len(placed), REQUEST)
    requests["number"] = requests["parent"] = requests["group"] = -1
    requests["expires_row"] = requests["expires_session"] = -1
    requests["first_row"] = requests["last_row"] = requests["curve"] = -1
    for name in ("limit", "stop", "trail"):
        requests[name] = np.nan
    requests["kind"][: len(cancelled)] = OrderKind.CANCEL
    requests["number"][: len(cancelled)] = cancelled
    curves = 0
    for request, order in zip(requests[len(cancelled) :], placed, strict=True):
        _write(request, order, len(cancelled) - placed[0].number)
        if order.over is not None:
            request["first_row"] = row + order.start
            request["last_row"] = row + order.start + order.n_slices - 1
            if not isinstance(order.over, int):
                request["curve"], curves = curves, curves + 1
        if isinstance(order.tif, pd.Timestamp):
            request["tif"], request["expires_session"] = TimeInForce.GTD, _last_session(order, market, row)
    return requests


def curves_of(placed: Sequence[Order]) -> Floats:
    """Return the parts due by the end of each row of the orders that say so, `(K, L)`, in their order."""
    told = [order.over for order in placed if order.over is not None and not isinstance(order.over, int)]
    curves = np.ones((len(told), max(map(len, told), default=0)))
    for curve, parts in zip(curves, told, strict=True):
        curve[: len(parts) - 1] = np.cumsum(parts)[:-1]  # the last part is all that is left
    return curves


def _write(request: Any, order: Order, shift: int) -> None:
    """Write one order; a parent's place in the answer is its number plus `shift`."""
    request["asset"], request["quantity"] = order.column, order.quantity
    request["kind"], request["reduce_only"] = OrderKind[order.kind.upper()], order.reduce_only
    request["tif"] = TimeInForce.DAY if order.tif == "day" else TimeInForce.GTC
    for name in ("limit", "stop"):
        level = getattr(order, name)
        request[name] = np.nan if level is None else level
    if order.trail_fraction is not None:
        request["trail"], request["trail_is_percent"] = order.trail_fraction, 1
    elif order.trail is not None:
        request["trail"] = order.trail
    request["parent"] = -1 if order.parent is None else order.parent + shift
    request["group"] = -1 if order.group is None else order.group
    request["number"] = -1 if order.replaces is None else order.replaces


def _last_session(order: Order, market: Market, row: int) -> int:
    """Ordinal of the last session that begins on or before the date an order is good till."""
    assert isinstance(order.tif, pd.Timestamp)
    day = int(np.datetime64(order.tif.date(), "D").astype(np.int64))
    if day < market.session[row]:
        raise StrategyError(f"order({order.symbol!r}): good till {order.tif:%Y-%m-%d}, which is over already")
    return int(np.count_nonzero(np.diff(market.session[market.session <= day]) != 0))
