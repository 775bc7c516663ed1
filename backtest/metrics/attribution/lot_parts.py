"""The parts in which lots were closed, as arrays: the ledger handed to the kernel that follows lots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.errors import InputError, unknown
from backtest.metrics.ledger import COSTS, Outcome, last_row
from backtest.types import ActionKind, Bools, Floats, Ints, LotMethod, Records

METHODS = tuple(method.name.lower() for method in LotMethod)


@dataclass(frozen=True)
class LotParts:
    """One element a part: closed ones in the order in which they were closed, then open ones from the oldest on."""

    asset: Ints
    owner: Ints
    opened: Ints  # row, counted from the first simulated one
    closed: Ints  # row, -1 while open
    units: Floats  # signed, in units of the day when it was closed, or of the last row
    opening: Floats  # price of a unit then, costs included
    closing: Floats  # price of a unit, costs included; of what is open the last mark

    @property
    def is_open(self) -> Bools:
        """Which were still held at the end."""
        return self.closed < 0

    @property
    def basis(self) -> Floats:
        """Money that buying them took; of an open short, what it would take at the last mark."""
        return np.where(self.units > 0.0, self.units * self.opening, -self.units * self.closing)

    @property
    def proceeds(self) -> Floats:
        """Money that selling them brought; of an open long, what it would bring at the last mark."""
        return np.where(self.units > 0.0, self.units * self.closing, -self.units * self.opening)


def lot_parts(result: Outcome, method: str) -> LotParts:
    """Follow the lots of a run up to the last row at which the account was valued."""
    if method not in METHODS:
        raise InputError(f"method: {unknown('way to choose lots', method, METHODS)}")
    last = result.first + last_row(result)
    fills = result.fills[: np.searchsorted(result.fills["row"], last, side="right")]
    price = _unit_prices(fills)
    opened, closed, units, opening = _matched(result, fills, price, LotMethod[method.upper()], last)
    order = np.argsort(np.where(closed < 0, fills.size + opened, closed), kind="stable")
    opened, closed = opened[order], closed[order]
    rows, asset, is_open = fills["row"].astype(np.int64) - result.first, fills["asset"][opened], closed < 0
    marks = result.marks()[last - result.first]
    return LotParts(
        asset=asset.astype(np.int64),
        owner=fills["owner"][opened].astype(np.int64),
        opened=rows[opened],
        closed=np.where(is_open, -1, rows[closed]),
        units=units[order],
        opening=opening[order],
        closing=np.where(is_open, marks[asset], price[closed]),
    )


def _unit_prices(fills: Records) -> Floats:
    """Return what a unit of each fill took or brought: a buyer pays the costs on top, a seller has them taken off."""
    cost = sum((fills[kind] for kind in COSTS), np.zeros(fills.size))
    quantity = fills["quantity"]
    return np.asarray(fills["price"] + np.divide(cost, quantity, out=np.zeros_like(cost), where=quantity != 0.0))


def _matched(
    result: Outcome, fills: Records, price: Floats, method: LotMethod, last: int
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return of each part the fill that opened it, the fill that closed it or -1, its units and its opening price."""
    from backtest.kernels.lots import Lots, Parts, Splits, Trades, match_lots  # numba is loaded by those who ask

    n_assets = result.market.n_assets
    owners = int(fills["owner"].max(initial=0)) + 1
    position = fills["owner"].astype(np.int64) * n_assets + fills["asset"]
    # Of two bytes a stable sort is a radix sort, seven times as fast.
    order = np.argsort(position.astype(np.min_scalar_type(owners * n_assets)), kind="stable")
    edges = _edges(position, owners * n_assets)
    trades = Trades(edges, fills["row"].astype(np.int64)[order], fills["quantity"][order], price[order])
    most, n = int(np.diff(edges).max(initial=0)), fills.size
    lots = Lots(np.empty(most, np.int64), np.empty(most), np.empty(most))
    parts = Parts(np.empty(2 * n, np.int64), np.empty(2 * n, np.int64), np.empty(2 * n), np.empty(2 * n))
    found = match_lots(trades, Splits(*_splits(result, owners, last)), lots, parts, int(method))
    opened, closed = parts.opened[:found], parts.closed[:found]
    return order[opened], np.where(closed < 0, -1, order[closed]), parts.units[:found], parts.price[:found]


def _splits(result: Outcome, owners: int, last: int) -> tuple[Ints, Ints, Floats]:
    """Return the splits of every position: where each one's begin, their rows, and the new units for each old one."""
    actions = result.market.actions
    splits = actions[(actions["kind"] == ActionKind.SPLIT) & (actions["row"] <= last)]
    splits = splits[np.lexsort((splits["row"], splits["asset"]))]
    position = np.arange(owners)[:, None] * result.market.n_assets + splits["asset"]
    return (
        _edges(position.ravel(), owners * result.market.n_assets),
        np.tile(splits["row"], owners).astype(np.int64),
        np.tile(splits["value"], owners).astype(np.float64),
    )


def _edges(position: Ints, size: int) -> Ints:
    """Return where each of `size` positions begins in a list sorted by them, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(np.bincount(position, minlength=size))), dtype=np.int64)
