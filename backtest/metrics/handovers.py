"""Value that goes from one symbol to another without a trade: what a spin-off gives away, and what gets a new name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest.market.stream.lazy import LazyRows
from backtest.market.transfers import Successive, with_past
from backtest.metrics.ledger import Outcome
from backtest.simulate.replay import replay
from backtest.types import ActionKind, EventKind, Floats, Ints, Records


@dataclass(frozen=True)
class Handovers:
    """One element a handover, in the order of time; rows count from the first simulated one.

    `units` are those of the target, signed. `amount` is what they are worth then, in money: profit that the source has
    made and not lost, and what the target begins with.
    """

    row: Ints
    owner: Ints
    source: Ints
    target: Ints
    units: Floats
    amount: Floats
    share: Floats  # part of the source's price that a spin-off took along; 1 for a rename

    def summed(self, n_assets: int, weight: Floats | None = None) -> Floats:
        """Return what each asset handed over less what it received, `(N,)`, each row times its `weight` `(R,)`."""
        amount = self.amount if weight is None else weight[self.row] * self.amount
        given, received = (np.bincount(column, amount, n_assets) for column in (self.source, self.target))
        return np.asarray(given - received)


def handovers(result: Outcome, owner: int | None = None) -> Handovers:
    """Return the handovers of one strategy, or of all together."""
    events = result.events[np.isin(result.events["kind"], (EventKind.SPIN_OFF, EventKind.RENAME))]
    if owner is not None:
        events = events[events["owner"] == owner]
    row, renamed = events["row"].astype(np.int64), events["kind"] == EventKind.RENAME
    source, target = events["asset"].astype(np.int64), events["asset"].astype(np.int64)
    target[renamed] = events["value"][renamed].astype(np.int64)
    units, amount, share = events["value"].copy(), np.zeros(len(events)), np.ones(len(events))
    actions = result.market.actions
    for k in np.flatnonzero(~renamed):
        given = np.flatnonzero((actions["kind"] == ActionKind.SPIN_OFF) & (actions["row"] == row[k]))
        given = given[actions["other"][given] == target[k]]
        source[k] = actions["asset"][given[0]]
        amount[k] = units[k] * result.market.prices_given[given[0]]
        share[k] = result.market.share_given(int(given[0]))
    if renamed.any():
        before, marks = row[renamed] - result.first - 1, result.marks()
        units[renamed] = _positions(result, events[renamed], before)
        amount[renamed] = units[renamed] * marks[before, source[renamed]]
    return Handovers(row - result.first, events["owner"].astype(np.int64), source, target, units, amount, share)


def _positions(result: Outcome, events: Records, rows: Ints) -> Floats:
    """Return what the owner of each event held of its asset at the closes `rows`."""
    held = np.zeros(len(events))
    for owner in np.unique(events["owner"]):
        own = events["owner"] == owner
        fills = result.fills[result.fills["owner"] == owner]
        market = result.market
        positions = replay(fills, market.actions, result.first, int(rows.max()) + 1, market.n_assets)
        held[own] = positions[rows[own], events["asset"][own]]
    return held


@dataclass(frozen=True)
class Lines:
    """Columns that are one company under several names, told by the last of them."""

    heir: Ints  # (N,) the last column of each one's line, itself without a rename
    renames: Records  # in the order of their rows, which count from the first simulated one

    def whole(self, table: Any, low: int = 0) -> Any:
        """Return a table, from row `low` on, in which the last names have the rows of the earlier ones."""
        if not len(self.renames):
            return table
        if isinstance(table, LazyRows):
            return Successive(table, self.renames)
        return with_past(table, self.renames, low)

    def named(self, columns: Ints, rows: Ints) -> Ints:
        """Return the names at the rows `rows` of lines that are told by their last ones."""
        found = columns.copy()
        for rename in self.renames[::-1]:
            found[(found == rename["other"]) & (rows < rename["row"])] = rename["asset"]
        return found


def lines(result: Outcome) -> Lines:
    """Return which columns are one company, as far as names changed while the account was simulated."""
    renames = result.market.actions[result.market.actions["kind"] == ActionKind.RENAME].copy()
    renames["row"] -= result.first
    renames = renames[(renames["row"] > 0) & (renames["row"] < result.equity.size)]
    heir = np.arange(result.market.n_assets)
    for rename in renames:
        heir[heir == rename["asset"]] = rename["other"]
    return Lines(heir, renames)


def handled_assets(result: Outcome) -> Ints:
    """Return the assets that were traded, given or renamed, in order."""
    moved = handovers(result)
    return np.unique(np.concatenate((result.fills["asset"].astype(np.int64), moved.source, moved.target)))
