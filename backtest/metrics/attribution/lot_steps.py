"""What happens to the lots of a run: trades, splits, and lots that come from those of a parent by a spin-off.

A spin-off gives each lot of the parent a lot of the child, as old as it, which takes a part of its cost along. They are
written as trades of the child, so that whoever follows lots need not know of parents.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from backtest.metrics.handovers import Handovers, handovers, lines
from backtest.metrics.ledger import COSTS, Outcome
from backtest.types import ActionKind, Floats, Ints, LotMethod, Records


class Steps(NamedTuple):
    """Trades sorted by position (owner x assets + asset) and time; a company with several names is told by the last."""

    position: Ints
    time: Ints
    row: Ints  # counted from the first simulated one
    units: Floats
    price: Floats  # of a unit, costs included
    origin: Ints  # the fill that began it: of what was given that of the parent's lot


class Restated(NamedTuple):
    """Splits and spin-offs, sorted in the same way: new units for each old one, and the part of the cost that stays."""

    position: Ints
    time: Ints
    ratio: Floats
    kept: Floats


class Matched(NamedTuple):
    """Parts of lots: the steps that opened and closed (-1: none) them, their units and their opening price."""

    opened: Ints
    closed: Ints
    units: Floats
    price: Floats


def lot_steps(result: Outcome, fills: Records, method: LotMethod, last: int) -> tuple[Steps, Matched]:
    """Return the steps up to the market's row `last`, and the parts of lots that they make."""
    moved = handovers(result)
    spun = np.flatnonzero((moved.share < 1.0) & (moved.row <= last - result.first))
    heir, n_assets = lines(result).heir, result.market.n_assets
    instants = len(spun) + 2  # of a row: its splits, its spin-offs one by one, its trades
    row = fills["row"].astype(np.int64) - result.first
    position = fills["owner"].astype(np.int64) * n_assets + heir[fills["asset"]]
    steps = Steps(
        position, row * instants + instants - 1, row, fills["quantity"], _unit_prices(fills), np.arange(fills.size)
    )
    restated = _splits(result, heir, last, instants)
    steps = _sorted_steps(steps)
    for nth, k in enumerate(spun):
        at = int(moved.row[k]) * instants + 1 + nth
        parent, child = (int(moved.owner[k] * n_assets + heir[column[k]]) for column in (moved.source, moved.target))
        given = _given(steps, restated, moved, int(k), at, parent, child, method)
        steps = _sorted_steps(Steps._make(np.concatenate(pair) for pair in zip(steps, given, strict=True)))
        taken = Restated._make(np.array([value]) for value in (parent, at, 1.0, 1.0 - moved.share[k]))
        restated = _sorted_restated(Restated._make(np.concatenate(pair) for pair in zip(restated, taken, strict=True)))
    return steps, _matched(steps, restated, method)


def _unit_prices(fills: Records) -> Floats:
    """Return what a unit of each fill took or brought: a buyer pays the costs on top, a seller has them taken off."""
    cost = sum((fills[kind] for kind in COSTS), np.zeros(fills.size))
    quantity = fills["quantity"]
    return np.asarray(fills["price"] + np.divide(cost, quantity, out=np.zeros_like(cost), where=quantity != 0.0))


def _splits(result: Outcome, heir: Ints, last: int, instants: int) -> Restated:
    """Return the splits of the positions of every owner."""
    actions = result.market.actions
    splits = actions[(actions["kind"] == ActionKind.SPLIT) & (actions["row"] <= last)]
    owners = int(result.fills["owner"].max(initial=0)) + 1
    position = (np.arange(owners)[:, None] * result.market.n_assets + heir[splits["asset"]]).ravel()
    time, ratio = (np.tile(column, owners) for column in ((splits["row"] - result.first) * instants, splits["value"]))
    return _sorted_restated(Restated(position, time, ratio, np.ones(len(ratio))))


def _sorted_steps(steps: Steps) -> Steps:
    """Sort by position and time; of two-byte positions a stable sort is a radix sort, seven times as fast."""
    if (np.diff(steps.time) < 0).any():
        steps = Steps._make(column[np.argsort(steps.time, kind="stable")] for column in steps)
    order = np.argsort(steps.position.astype(np.min_scalar_type(int(steps.position.max(initial=0)))), kind="stable")
    return Steps._make(column[order] for column in steps)


def _sorted_restated(restated: Restated) -> Restated:
    order = np.lexsort((restated.time, restated.position))
    return Restated._make(column[order] for column in restated)


def _given(
    steps: Steps, restated: Restated, moved: Handovers, k: int, at: int, parent: int, child: int, method: LotMethod
) -> Steps:
    """Return the trades by which the child receives a lot for each one of the parent, as they are at the time `at`."""
    until = Steps._make(column[(steps.position == parent) & (steps.time < at)] for column in steps)
    before = Restated._make(column[(restated.position == parent) & (restated.time < at)] for column in restated)
    found = _matched(until, before, method)
    held = np.flatnonzero(found.closed < 0)
    held = held[np.argsort(found.opened[held], kind="stable")]
    lots, cost = found.units[held], found.units[held] * found.price[held] * moved.share[k]
    units = moved.units[k] * lots / lots.sum() if held.size else lots
    ones = np.ones(held.size, np.int64)
    return Steps(child * ones, at * ones, moved.row[k] * ones, units, cost / units, until.origin[found.opened[held]])


def _matched(steps: Steps, restated: Restated, method: LotMethod) -> Matched:
    """Hand both to the kernel."""
    from backtest.kernels.lots import Lots, Parts, Splits, Trades, match_lots  # numba is loaded by those who ask

    size = int(steps.position.max(initial=0)) + 1
    edges = _edges(steps.position, size)
    splits = Splits(_edges(restated.position, size), restated.time, restated.ratio, restated.kept)
    most, n = int(np.diff(edges).max(initial=0)), steps.position.size
    lots = Lots(np.empty(most, np.int64), np.empty(most), np.empty(most))
    parts = Parts(np.empty(2 * n, np.int64), np.empty(2 * n, np.int64), np.empty(2 * n), np.empty(2 * n))
    found = match_lots(Trades(edges, steps.time, steps.units, steps.price), splits, lots, parts, int(method))
    return Matched._make(column[:found] for column in parts)


def _edges(position: Ints, size: int) -> Ints:
    """Return where each of `size` positions begins in a list sorted by them, and where the last one ends."""
    counts = np.bincount(position[position < size], minlength=size)
    return np.concatenate(([0], np.cumsum(counts)), dtype=np.int64)
