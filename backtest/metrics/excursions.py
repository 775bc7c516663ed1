"""How far trips ran against their holder, and in his favour: the one thing of a trip that every bar has a say in.

Bars are looked at some at a time, so that a stream is never whole. Sums run along each asset from its first bar on:
what comes out does not depend on where they are cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.metrics.cells import Cells
from backtest.metrics.handovers import Lines, lines
from backtest.metrics.ledger import Outcome
from backtest.types import Floats, Ints

CELLS = 1_000_000
"""Bars of assets that are looked at together; where names change, all of them."""


@dataclass(frozen=True)
class _Part:
    """Some bars of the traded assets, a row an asset: what was held, and what the prices inside the bars made of it."""

    value: Floats  # (M, n) of the position at the close
    low: Floats | None  # what the worst price inside an untraded bar takes off it, ≤ 0
    high: Floats | None


def extremes(result: Outcome, cells: Cells, start: Ints, closed: Ints) -> tuple[Floats, Floats]:
    """Return the lowest and highest running profit of each trip at the closes before it ended; 0 when there is none.

    `start` and `closed` are the cells in which trips begin and end, −1 while they are open.
    """
    asset, first = start // cells.rows, start % cells.rows
    end = np.where(closed < 0, cells.rows, closed % cells.rows)
    lived, line = end > first, lines(result)
    worst, best, base = np.full(start.size, np.inf), np.full(start.size, -np.inf), np.zeros(start.size)
    paid: Floats = np.zeros(cells.asset.size)
    step = cells.rows if len(line.renames) else max(1, CELLS // result.market.n_assets)
    for low in range(0, cells.rows, step):
        high = min(low + step, cells.rows)
        seen = _part(result, line, cells, low, high)
        running = _paid(cells, paid, low, high)
        paid = running[:, -1].copy()
        begun = lived & (first >= low) & (first < high)
        base[begun] = running[asset[begun], first[begun] - low] - cells.flow_new[cells.opens][begun]
        running += seen.value
        there = np.flatnonzero(lived & (first < high) & (end > low))
        if there.size:
            origin = asset[there] * (high - low) - low
            spans = np.stack((origin + np.maximum(first[there], low), origin + np.minimum(end[there], high)), axis=1)
            worst[there] = np.minimum(worst[there], _least(running, seen.low, spans))
            best[there] = np.maximum(best[there], -_least(-running, None if seen.high is None else -seen.high, spans))
    return np.where(lived, worst - base, 0.0), np.where(lived, best - base, 0.0)


def _least(running: Floats, reach: Floats | None, spans: Ints) -> Floats:
    """Return the least running profit of each span of cells."""
    reached = running if reach is None else running + reach
    cells = np.append(reached.ravel(), 0.0)  # one more, so that the last span has an end
    return np.asarray(np.minimum.reduceat(cells, spans.ravel())[::2])


def _paid(cells: Cells, before: Floats, low: int, high: int) -> Floats:
    """Return the money that came out of each asset up to each bar, `(M, n)`."""
    flow = np.zeros((cells.asset.size, high - low))
    row = cells.at % cells.rows
    here = (row >= low) & (row < high)
    flow[cells.at[here] // cells.rows, row[here] - low] = (cells.flow_old + cells.flow_new)[here]
    flow[:, 0] += before
    return np.asarray(np.cumsum(flow, axis=1))


def _part(result: Outcome, line: Lines, cells: Cells, low: int, high: int) -> _Part:
    """Return what bars ``low .. high - 1`` show. A bar with a trade is judged by its close.

    Its extremes may have come before the fill.
    """
    rows, market = slice(low, high), result.market
    position, mark = (_of(line, table[rows], cells.asset, low) for table in (result.positions(), result.marks()))
    value = np.where(position != 0.0, position * mark, 0.0)
    if market.high is None or market.low is None:
        return _Part(value, None, None)
    inside = slice(result.first + low, result.first + high)
    least, most = (_of(line, table[inside], cells.asset, low) for table in (market.low, market.high))
    usable = (position != 0.0) & ~np.isnan(least) & ~np.isnan(most)
    row = cells.at % cells.rows
    traded = cells.traded & (row >= low) & (row < high)
    usable[cells.at[traded] // cells.rows, row[traded] - low] = False
    long = position > 0.0
    down = np.where(usable, position * (np.where(long, least, most) - mark), 0.0)
    up = np.where(usable, position * (np.where(long, most, least) - mark), 0.0)
    return _Part(value, np.minimum(down, 0.0), np.maximum(up, 0.0))


def _of(line: Lines, table: Floats, asset: Ints, low: int) -> Floats:
    """Return the rows of some assets from row `low` on, a row an asset."""
    return np.ascontiguousarray(line.whole(table, low)[:, asset].T)
