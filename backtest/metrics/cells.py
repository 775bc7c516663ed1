"""The ledger of a run asset by asset: what trips are summed from.

Cells are numbered asset by asset, row by row: asset m of the traded ones in row r is cell m · R + r. Most of them only
carry a value; those in which something was traded or paid are listed, each split into what belongs to the position that
was there before ("old") and to one that begins there ("new").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.metrics.handovers import Lines, handled_assets, handovers, lines
from backtest.metrics.ledger import COSTS, Outcome, last_row
from backtest.types import ActionKind, Bools, EventKind, Floats, Ints, Records


@dataclass(frozen=True)
class Cells:
    """The `K` cells of `M · R` in which something happened, in order. Money after costs."""

    asset: Ints  # (M,) the traded assets, of a company with several names the last one
    rows: int  # R
    left: Floats  # (M,) value of the position at the last close
    at: Ints  # (K,) from here on
    traded: Bools  # whether anything was, or came from another asset; else something was paid
    held: Floats  # quantity at the close before, in the units of the day
    now: Floats  # quantity at the close
    opens: Bools
    flow_old: Floats  # money into the account
    flow_new: Floats
    cost_old: Floats
    cost_new: Floats
    entered_old: Floats  # money that went into the position
    entered_new: Floats

    @property
    def flips(self) -> Bools:
        """Where a position is reversed."""
        return np.asarray(self.opens & (self.held != 0.0))

    @property
    def closes(self) -> Bools:
        """Where nothing is left at the close of what was there, or came and went within the row."""
        return np.asarray((self.now == 0.0) & ((self.held != 0.0) | self.opens))


@dataclass(frozen=True)
class _Sums:
    """What the records of a run add up to in each of the cells `at`."""

    at: Ints
    spent: Floats
    cost: Floats
    traded: Floats
    dividends: Floats  # and what spin-offs gave away


def cells_of(result: Outcome) -> Cells:
    """Cut the ledger where positions begin, up to the last row at which the account was valued.

    What a spin-off gives away is money that the parent pays out, and that went into the child.
    """
    rows, line = last_row(result) + 1, lines(result)
    asset = np.unique(line.heir[handled_assets(result)])
    sums = _sums(result, line, asset, rows)
    at = sums.at
    splits = _splits(result, line, asset, rows, at)
    column, row = asset[at // rows], at % rows
    positions = line.whole(result.positions())
    now = positions[row, column]
    held = np.where(row > 0, positions[np.maximum(row - 1, 0), column], 0.0) * splits
    within = (now == 0.0) & (held == 0.0) & (sums.traded > 0.0)
    opens = ((now != 0.0) & (np.sign(now) != np.sign(held))) | within
    share = _old_share(held, now, opens)
    spent, cost = share * sums.spent, share * sums.cost
    last, mark = positions[rows - 1][asset], line.whole(result.marks())[rows - 1][asset]
    return Cells(
        asset=asset,
        rows=rows,
        left=np.where(last != 0.0, last * mark, 0.0),
        at=at,
        traded=sums.traded > 0.0,
        held=held,
        now=now,
        opens=opens,
        flow_old=sums.dividends - spent - cost,
        flow_new=(spent - sums.spent) + (cost - sums.cost),
        cost_old=cost,
        cost_new=sums.cost - cost,
        entered_old=np.where(~opens & (spent * np.sign(held) > 0.0), np.abs(spent), 0.0),
        entered_new=np.where(within, sums.traded / 2.0, np.abs(sums.spent - spent)),
    )


def _old_share(held: Floats, now: Floats, opens: Bools) -> Floats:
    """Return the share of what was traded in a cell that belongs to the position that was there before.

    All of it where nothing begins, nothing where there was no position; of a reversal, by quantity, at one price.
    """
    reversal = np.divide(-held, now - held, out=np.zeros_like(now), where=opens & (held != 0.0))
    return np.where(opens, reversal, 1.0)


def _sums(result: Outcome, line: Lines, asset: Ints, rows: int) -> _Sums:
    place = np.full(result.market.n_assets, -1)
    place[asset] = np.arange(asset.size)
    place = place[line.heir]
    fills, paid = result.fills, result.events[result.events["kind"] == EventKind.DIVIDEND]
    fills = fills[fills["row"] < result.first + rows]
    paid = paid[(paid["row"] < result.first + rows) & (place[paid["asset"]] >= 0)]

    def cell(records: Records) -> Ints:
        return np.asarray(place[records["asset"]] * rows + records["row"].astype(np.int64) - result.first)

    moved = handovers(result)
    given = (moved.row < rows) & (line.heir[moved.source] != line.heir[moved.target])
    cells = (
        cell(fills),
        cell(paid),
        *(place[column[given]] * rows + moved.row[given] for column in (moved.source, moved.target)),
    )
    at, back = np.unique(np.concatenate(cells), return_inverse=True)
    of_fills, of_paid, of_givers, of_takers = np.split(back, np.cumsum([each.size for each in cells])[:-1])
    worth = moved.amount[given]

    def summed(where: Ints, amount: Floats) -> Floats:
        return np.bincount(where, weights=amount, minlength=at.size).astype(np.float64)

    value = fills["quantity"] * fills["price"]
    return _Sums(
        at=at,
        spent=summed(of_fills, value) + summed(of_takers, worth),
        cost=summed(of_fills, sum((fills[kind] for kind in COSTS), np.zeros(fills.size))),
        traded=summed(of_fills, np.abs(value)) + summed(of_takers, np.abs(worth)),
        dividends=summed(of_paid, paid["value"]) + summed(of_givers, worth),
    )


def _splits(result: Outcome, line: Lines, asset: Ints, rows: int, at: Ints) -> Floats:
    """Return the new units for each old one at the start of the rows of the cells `at`."""
    ratio, place = np.ones(at.size), {int(column): m for m, column in enumerate(asset)}
    for action in result.market.actions[result.market.actions["kind"] == ActionKind.SPLIT]:
        row, m = int(action["row"]) - result.first, place.get(int(line.heir[action["asset"]]))
        if m is not None and 0 <= row < rows:
            ratio[at == m * rows + row] *= action["value"]
    return ratio
