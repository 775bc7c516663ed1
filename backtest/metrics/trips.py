"""The trades of a run: positions of one asset from nothing back to nothing, rebuilt from its ledger.

A trip begins when an asset is bought or sold short from nothing and ends when its closing position is back at nothing
or on the other side; a fill that reverses a position is split between both at its price. What is bought and sold within
one row is a trip of its own. A rename changes nothing: the trip goes on under the new name. What a spin-off gives away
is profit of the parent's trip, and the price of the child's. Every unit of profit, dividends and costs included,
belongs to exactly one trip: their sum is the profit of the run, as far as it comes from assets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtest.metrics.cells import Cells, cells_of
from backtest.metrics.excursions import extremes
from backtest.metrics.handovers import lines
from backtest.metrics.ledger import Outcome, last_row
from backtest.types import Bools, Floats, Ints


@dataclass(frozen=True)
class Trips:
    """One element a trip, in the order of opening within each asset; rows count from the first simulated one."""

    asset: Ints
    side: Ints  # 1 long, -1 short, 0 bought and sold within one row
    opened: Ints
    closed: Ints  # row, -1 while open
    entered: Floats  # money at reference prices that went into the position, summed over all additions
    profit: Floats  # money, after costs; of an open trip up to the last mark
    cost: Floats
    worst: Floats  # deepest running profit at any mark, ≤ 0
    best: Floats  # highest running profit, ≥ 0

    @property
    def is_open(self) -> Bools:
        """Which positions were still held at the end."""
        return self.closed < 0

    @property
    def by_close(self) -> Ints:
        """The closed trips in the order in which they closed; of those that closed together, in that of opening."""
        done = np.flatnonzero(~self.is_open)
        return done[np.lexsort((self.opened[done], self.closed[done]))]


def trips(result: Outcome) -> Trips:
    """Cut the ledger of a run into trips, all assets at once."""
    cells = cells_of(result)
    opens = cells.opens
    after = np.cumsum(opens) - 1  # trip of what is left at each close
    before = after - opens  # trip of what was there
    start = cells.at[opens]
    asset, opened = start // cells.rows, start % cells.rows
    closed = _closed(cells, after, start.size)

    def summed(old: Floats, new: Floats) -> Floats:
        known = before >= 0  # nothing is there before the first trip
        total = np.bincount(before[known], weights=old[known], minlength=start.size)
        added = np.bincount(after[opens], weights=new[opens], minlength=start.size)
        return np.asarray(total + added, dtype=np.float64)  # bincount of nothing are integers

    left = np.where(closed < 0, cells.left[asset], 0.0)
    profit = summed(cells.flow_old, cells.flow_new) + left
    worst, best = extremes(result, cells, start, closed)
    until = np.where(closed < 0, cells.rows, closed % cells.rows)
    return Trips(
        asset=lines(result).named(cells.asset[asset], until),
        side=np.sign(cells.now[opens]).astype(np.int64),
        opened=opened,
        closed=np.where(closed < 0, -1, closed % cells.rows),
        entered=summed(cells.entered_old, cells.entered_new),
        profit=profit,
        cost=summed(cells.cost_old, cells.cost_new),
        worst=np.minimum(np.minimum(worst, profit), 0.0),
        best=np.maximum(np.maximum(best, profit), 0.0),
    )


def _closed(cells: Cells, after: Ints, n: int) -> Ints:
    """Return the cell in which each trip ended, -1 while open."""
    closed = np.full(n, -1, np.int64)
    closed[after[cells.closes]] = cells.at[cells.closes]
    closed[after[cells.flips] - 1] = cells.at[cells.flips]
    return closed


def trades(result: Outcome) -> pd.DataFrame:
    """List the trades of a run, closed and open ones, in the order in which they opened.

    Columns: symbol, side ("long", "short", "intrabar"), opened, closed (times; NaT while open), bars, days, entered
    (money at reference prices, all additions), profit (money after costs; open ones at the last mark), cost, return
    (profit / entered), mae and mfe (worst and best running profit / entered: maximum adverse and favourable excursion,
    at marks and, in bars without a trade, at highs and lows where the market has them), open.
    """
    found = trips(result)
    order = np.argsort(found.opened, kind="stable")
    times, last = result.times, last_row(result)
    until = np.where(found.is_open, last, found.closed)
    base = np.where(found.entered > 0.0, found.entered, np.nan)
    frame = pd.DataFrame(
        {
            "symbol": np.asarray(result.market.symbols)[found.asset],
            "side": np.array(["short", "intrabar", "long"])[found.side + 1],
            "opened": times[found.opened],
            "closed": pd.Series(times[until]).where(~found.is_open),
            "bars": until - found.opened,
            "days": np.asarray((times[until] - times[found.opened]) / pd.Timedelta(days=1)),
            "entered": found.entered,
            "profit": found.profit,
            "cost": found.cost,
            "return": found.profit / base,
            "mae": found.worst / base,
            "mfe": found.best / base,
            "open": found.is_open,
        }
    )
    return frame.iloc[order].reset_index(drop=True)
