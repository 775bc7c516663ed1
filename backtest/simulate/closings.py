"""What a book held at each close, and what it was worth, some rows at a time: a streamed market is never whole.

The additions are those of `Result.positions`, in the same order, so that the bits are the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backtest.market.market import Market
from backtest.market.stream.lazy import LazyRows
from backtest.simulate.replay import MOVING, move
from backtest.types import ActionKind, Bools, Floats, Records


class ClosingRows(LazyRows):
    """Quantities, marks or weights `(R, N)` at the closes of a run."""

    def __init__(self, name: str, shape: tuple[int, int], rows: Callable[[int, int], Floats]) -> None:
        self.name, self.shape = name, shape
        self._rows = rows

    def block(self, low: int, high: int) -> Floats:
        """Work the rows out."""
        return self._rows(low, high)


class Quantities:
    """Closing quantities, from fills and actions in the order of their rows, which count from the market's first.

    Asking for rising rows walks over them once.
    """

    def __init__(self, fills: Records, actions: Records, n_assets: int) -> None:
        self._fills, self._actions = fills, _moving(fills, actions)
        self._eventful = np.unique(np.concatenate((fills["row"].astype(np.int64), self._actions["row"])))
        self._held: Floats = np.zeros(n_assets)
        self._row = 0  # what happened before it is in `_held`

    def rows(self, low: int, high: int) -> Floats:
        """Return the quantities at the closes of rows ``low .. high - 1``."""
        if low < self._row:
            self._held[:], self._row = 0.0, 0
        self._follow(self._row, low)
        out = np.empty((high - low, len(self._held)))
        at = low
        for row in self._between(low, high):
            out[at - low : row - low] = self._held
            self._follow(row, row + 1)
            at = row
        out[at - low :] = self._held
        self._row = high
        return out

    def _between(self, low: int, high: int) -> list[int]:
        first, stop = np.searchsorted(self._eventful, (low, high))
        rows: list[int] = self._eventful[first:stop].tolist()
        return rows

    def _follow(self, low: int, high: int) -> None:
        """Let happen what did in some rows: actions at the start of a row, then its fills one by one."""
        for row in self._between(low, high):
            first, stop = np.searchsorted(self._actions["row"], (row, row + 1))
            before: dict[int, float] = {}  # what assets had before they received something in this row
            for action in self._actions[first:stop]:
                move(action, self._held, before)
            first, stop = np.searchsorted(self._fills["row"], (row, row + 1))
            np.add.at(self._held, self._fills["asset"][first:stop], self._fills["quantity"][first:stop])


def _moving(fills: Records, actions: Records) -> Records:
    """Return the actions that move quantities of what is ever held, as `replay` does."""
    touched, kept = set(np.unique(fills["asset"]).tolist()), np.zeros(len(actions), np.bool_)
    for k in np.flatnonzero(np.isin(actions["kind"], MOVING)):
        asset, other = int(actions["asset"][k]), int(actions["other"][k])
        kept[k] = asset in touched
        if kept[k] and other >= 0:
            touched.add(other)
    return actions[kept]


class Marks:
    """Last known prices at closes, restated by what happened to the asset since."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._mark: Floats = np.full(market.n_assets, np.nan)
        self._row = 0  # what is known before it is in `_mark`
        self._complete = np.flatnonzero(market.complete)

    def rows(self, low: int, high: int) -> Floats:
        """Return the marks at the closes of rows ``low .. high - 1``."""
        if low != self._row:
            self._stand_before(low)
        marks = self._next(high) if high > low else np.empty((0, self._market.n_assets))
        self._row = high
        return marks

    def _stand_before(self, row: int) -> None:
        """Begin at the last row that tells every price, or where the data do."""
        known = int(np.searchsorted(self._complete, row))
        self._row = int(self._complete[known - 1]) if known else 0
        self._mark[:] = np.nan
        step = 1 if self._market.stream is None else self._market.stream.most_rows
        while self._row < row:
            high = min(row, self._row + step)
            self._next(high)
            self._row = high

    def _next(self, high: int) -> Floats:
        """Return the marks from where they are known up to row `high`."""
        low = self._row
        close = self._market.close[low:high]
        if self._market.complete[low:high].all():
            self._mark = close[-1].copy()
            return close
        bar = ~np.isnan(close)
        last = np.maximum.accumulate(np.where(bar, np.arange(len(close))[:, None], -1), axis=0)
        marks: Floats = np.where(last >= 0, np.take_along_axis(close, np.maximum(last, 0), axis=0), self._mark)
        actions = self._market.actions
        here = (actions["row"] >= low) & (actions["row"] < high)
        inside = actions[here].copy()
        inside["row"] -= low
        carry_actions(marks, bar, inside, self._market.prices_given[here])
        self._mark = marks[-1].copy()
        return marks


def carry_actions(marks: Floats, bar: Bools, actions: Records, given: Floats) -> None:
    """Restate marks that are carried through actions, until the next real bar of their asset.

    `given` has for each action the price of what it gives away. A symbol begins at the mark of the one whose name it
    takes, what is given away before anybody knew a price at 0.
    """
    for action, price in zip(actions, given.tolist(), strict=True):
        row, asset, other, value = (action[name].item() for name in ("row", "asset", "other", "value"))
        if action["kind"] == ActionKind.SPLIT:
            marks[row : _next_bar(bar, row, asset), asset] /= value
        elif action["kind"] == ActionKind.DIVIDEND:
            marks[row : _next_bar(bar, row, asset), asset] -= value
        elif action["kind"] == ActionKind.SPIN_OFF:
            marks[row : _next_bar(bar, row, asset), asset] -= value * price
            if np.isnan(marks[row, other]):
                marks[row : _next_bar(bar, row, other), other] = price
        elif action["kind"] == ActionKind.RENAME:
            marks[row : _next_bar(bar, row, other), other] = marks[row, asset]


def _next_bar(bar: Bools, row: int, asset: int) -> int:
    """Return the first row from `row` on with a bar of an asset, the number of rows where there is none."""
    later = bar[row:, asset]
    return row + (int(later.argmax()) if later.any() else len(later))
