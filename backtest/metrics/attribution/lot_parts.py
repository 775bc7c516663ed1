"""The parts in which lots were closed, as arrays: the ledger handed to the kernel that follows lots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.errors import InputError, unknown
from backtest.metrics.attribution.lot_steps import lot_steps
from backtest.metrics.handovers import lines
from backtest.metrics.ledger import Outcome, last_row
from backtest.types import Bools, Floats, Ints, LotMethod

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
    end = last_row(result)
    fills = result.fills[: np.searchsorted(result.fills["row"], result.first + end, side="right")]
    steps, found = lot_steps(result, fills, LotMethod[method.upper()], result.first + end)
    opened, closed = found.opened, found.closed
    # Closed ones as they were closed, open ones by the fills that began them.
    latest = np.where(closed < 0, np.iinfo(np.int64).max, steps.time[closed])
    order = np.lexsort((np.where(closed < 0, steps.origin[opened], steps.origin[closed]), latest))
    opened, closed = opened[order], closed[order]
    is_open, until = closed < 0, np.where(closed < 0, end, steps.row[closed])
    owner, column = np.divmod(steps.position[opened], result.market.n_assets)
    asset = lines(result).named(column, until)
    return LotParts(
        asset=asset,
        owner=owner,
        opened=fills["row"][steps.origin[opened]].astype(np.int64) - result.first,
        closed=np.where(is_open, -1, steps.row[closed]),
        units=found.units[order],
        opening=found.price[order],
        closing=np.where(is_open, result.marks()[end][column], steps.price[closed]),
    )
