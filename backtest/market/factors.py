"""What each corporate action does to the history before it, as one factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.market.carried import mark_before
from backtest.types import ActionKind, Bools, Floats, Ints, Records


@dataclass(frozen=True)
class ActionFactors:
    """Splits, dividends and spin-offs, sorted by row, with what they do to earlier rows of their asset.

    `split` divides earlier prices and multiplies earlier volume (1 for what is none). `dividend` multiplies earlier
    prices (1 for a split): ``1 - d / p`` with p the last mark before and d what is paid, or what the units of the child
    that are given for one of the parent are worth. What happened to a symbol that has another name now stands with the
    new one too. None depends on the row from which history is looked at, so they are worked out once.
    """

    row: Ints
    asset: Ints
    kind: Ints
    split: Floats
    dividend: Floats

    @property
    def ruinous(self) -> Bools:
        """Which give away the whole price or more, after which history would be negative."""
        return ~(self.dividend > 0.0)


def action_factors(close: Floats, actions: Records, given: Floats) -> ActionFactors:
    """Work out the factors of all `actions` on `close`, `(T, N)` with NaN for no bar.

    `given` has for each of them the price of what it gives away.
    """
    told = np.flatnonzero((actions["kind"] != ActionKind.DELISTING) & (actions["kind"] != ActionKind.RENAME))
    told = told[np.lexsort((actions["kind"][told], actions["asset"][told], actions["row"][told]))]
    kept = actions[told]
    is_split = kept["kind"] == ActionKind.SPLIT
    dividend = np.ones(kept.shape[0])
    marks = _marks_before(close, actions, told, given)
    paid = ~is_split & (marks > 0.0)  # before the first bar there is no history to adjust
    amount = np.where(kept["kind"] == ActionKind.SPIN_OFF, kept["value"] * given[told], kept["value"])
    dividend[paid] = 1.0 - amount[paid] / marks[paid]
    split = np.where(is_split, kept["value"], 1.0)
    row, asset, kind = (kept[name].astype(np.int64) for name in ("row", "asset", "kind"))
    found = ActionFactors(row, asset, kind, split, dividend)
    return _with_heirs(found, actions[actions["kind"] == ActionKind.RENAME])


def _marks_before(close: Floats, actions: Records, told: Ints, given: Floats) -> Floats:
    """Return the mark that each action of `told` meets: the close of the row before, in the common case."""
    row, asset = actions["row"][told], actions["asset"][told]
    before = np.maximum(row - 1, 0)
    marks: Floats = np.where(row > 0, close[before, asset], np.nan)
    follows = np.zeros(told.shape[0], np.bool_)  # a second action of the asset in the same row
    follows[1:] = (row[1:] == row[:-1]) & (asset[1:] == asset[:-1])
    for k in np.flatnonzero(np.isnan(marks) | follows):
        marks[k] = mark_before(close, actions, given, int(told[k]), int(asset[k]))
    return marks


def _with_heirs(factors: ActionFactors, renames: Records) -> ActionFactors:
    """Add what happened to each symbol that was renamed to its new name, which takes over its history."""
    if not len(renames):
        return factors
    taken, asset = np.arange(len(factors.row)), factors.asset
    for rename in renames:
        own = asset == rename["asset"]
        taken = np.concatenate((taken, taken[own]))
        asset = np.concatenate((asset, np.full(int(own.sum()), rename["other"])))
    order = np.argsort(factors.row[taken], kind="stable")
    k = taken[order]
    return ActionFactors(factors.row[k], asset[order], factors.kind[k], factors.split[k], factors.dividend[k])
