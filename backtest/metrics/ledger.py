"""What metrics read of a simulation, and the sums by row that several of them share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol

import numpy as np
import pandas as pd

from backtest import stats
from backtest.market.market import Market
from backtest.market.stream.lazy import MOST_CELLS
from backtest.market.transfers import renames_of
from backtest.types import ActionKind, Bools, EventKind, FillReason, Floats, Ints, Records

COSTS = ("commission", "spread", "slippage", "impact")
"""The parts that the cost of a fill splits into; a fill has one field of each name."""

ROUNDING = 1e-9
"""Share of the money below which a return and what was earned agree."""

FINANCING = ("interest_on_cash", "margin_interest", "short_rebate", "borrow_fee", "funding")
"""The parts of what holding money, shorts and perpetuals earns (positive) or costs; the columns of `Outcome.carry`."""


class Earned(Protocol):
    """What the money of an account came to, row by row."""

    @property
    def capital(self) -> float: ...
    @property
    def equity(self) -> Floats: ...
    @property
    def flow(self) -> Floats: ...
    @property
    def returns(self) -> Floats: ...


class Outcome(Earned, Protocol):
    """The result of a simulation over the market's rows `[first, T)`; rows in records count from the market's first."""

    @property
    def market(self) -> Market: ...
    @property
    def first(self) -> int: ...
    @property
    def cash(self) -> Floats: ...
    @property
    def carry(self) -> Floats: ...
    @property
    def fills(self) -> Records: ...
    @property
    def decisions(self) -> Records: ...
    @property
    def events(self) -> Records: ...
    @property
    def times(self) -> pd.DatetimeIndex: ...
    def positions(self) -> Floats: ...
    def weights(self) -> Floats: ...
    def marks(self) -> Floats: ...


def parts_of(result: Outcome) -> Iterator[slice]:
    """Cut the rows of a run into those that are looked at together: all, or of a streamed market a block."""
    stream, rows = result.market.stream, result.equity.size
    step = rows if stream is None else stream.most_rows
    for first in range(0, rows, max(1, step)):
        yield slice(first, min(rows, first + step))


def turnover_by_row(result: Outcome) -> Floats:
    """Return the one-way turnover of each row `(R,)`: half the value traded over `base_by_row`.

    A delisting payout is not traded and does not count.
    """
    fills = result.fills[result.fills["reason"] != FillReason.DELISTING]
    traded = _by_row(result, fills, np.abs(fills["quantity"] * fills["price"]))
    return _over_base(result, traded) / 2.0


def cost_by_row(result: Outcome) -> Floats:
    """Return the money paid for trading in each row, `(R,)`."""
    return _by_row(result, result.fills, sum((result.fills[kind] for kind in COSTS), np.zeros(result.fills.size)))


def drag_by_row(result: Outcome) -> Floats:
    """Return the cost of each row as a fraction of `base_by_row`, `(R,)`."""
    return _over_base(result, cost_by_row(result))


def financed(result: Outcome) -> tuple[str, ...]:
    """Return the names of what holding earned or cost; none where it did neither."""
    return FINANCING if result.carry.any() else ()


def financing_by_row(result: Outcome) -> Floats:
    """Return what holding money and shorts earned, or cost (negative), in each row, `(R,)`, in money."""
    return np.asarray(result.carry.sum(axis=1))


def financing_drag_by_row(result: Outcome) -> Floats:
    """Return what holding cost in each row, or earned (negative), over `base_by_row`, `(R,)`."""
    return _over_base(result, 0.0 - financing_by_row(result))


def has_flows(result: Earned) -> bool:
    """Whether money came from outside, or went there."""
    return bool(result.flow.any())


def paid_in(result: Earned) -> float:
    """Return the initial capital and all that was paid in after it, in money."""
    return result.capital + math.fsum(result.flow[result.flow > 0.0])


def gain(result: Earned) -> float:
    """Return what was earned, in money: the change of equity that is not a flow."""
    return float(result.equity[-1]) - result.capital - math.fsum(result.flow)


def growth_of(result: Earned) -> Floats:
    """Return what the initial capital has become, itself in front, had no money moved after it: `(R + 1,)`."""
    if not has_flows(result):
        return stats.path_from_equity(result.equity, result.capital)
    return result.capital * stats.path_from_returns(result.returns)


def paid_inside(result: Earned) -> Bools:
    """Say in which rows a withdrawal was paid after sales, and not before everything else, `(R,)`."""
    before = _before(result)
    start = before + result.flow
    missing = np.nan_to_num(result.returns) * start - (result.equity - start)
    inside = (start <= 0.0) | (np.abs(missing) > ROUNDING * (before + np.abs(result.flow)))
    return np.asarray(inside & (result.flow != 0.0))


def base_by_row(result: Earned) -> Floats:
    """Return the money that each row's return is earned on, `(R,)`: the equity at the mark before, and the row's flow.

    Where a withdrawal was paid inside the row, after sales, it is the equity at the mark before.
    """
    before = _before(result)
    return np.where(paid_inside(result), before, before + result.flow) if has_flows(result) else before


def payment_effect_by_row(result: Outcome) -> Floats:
    """Return what is left of each row's return without what was earned over `base_by_row`, `(R,)`.

    What was earned after a withdrawal inside the row was earned on less: its return is larger than its money says.
    """
    if not has_flows(result):
        return np.zeros(result.equity.size)
    before = _before(result)
    earned = result.equity - before - result.flow
    effect = np.nan_to_num(result.returns) - np.divide(earned, before, out=np.zeros_like(before), where=before > 0.0)
    return np.where(paid_inside(result), effect, 0.0)


def last_row(result: Outcome) -> int:
    """Return the row `0 … R − 1` at which the account was last valued: the end, or the row of its ruin."""
    ruined = result.events[result.events["kind"] == EventKind.BANKRUPT]
    return int(ruined["row"][0]) - result.first if ruined.size else result.equity.size - 1


def lived_rows(result: Outcome) -> int:
    """Return how many rows there is an account to measure: up to the withdrawal that emptied it, or all of them."""
    end = last_row(result)
    return end + 1 if result.flow[end] < 0.0 and growth_of(result)[end + 1] > 0.0 else result.equity.size


def has_covariances(result: Outcome) -> bool:
    """Say whether the bars of everything that was held fit into memory; of a market in memory they are there."""
    held = np.unique(result.fills["asset"]).size
    return result.market.stream is None or result.equity.size * held <= MOST_CELLS


def returns_of(result: Outcome, assets: Ints) -> Floats:
    """Return what some assets made from row to row, `(R − 1, len(assets))`, as `asset_returns` does of all."""
    if result.market.stream is None:
        return np.ascontiguousarray(asset_returns(result)[:, assets])
    wanted = _with_earlier_names(result, assets)
    place = np.full(result.market.n_assets, -1)
    place[wanted] = np.arange(len(wanted))
    returns = _returns(columns_of(result, result.marks(), wanted), result, place)
    return np.ascontiguousarray(returns[:, place[assets]])


def _with_earlier_names(result: Outcome, assets: Ints) -> Ints:
    """Return some assets, and those whose names they have taken over."""
    wanted = set(assets.tolist())
    for rename in renames_of(result.market.actions)[::-1]:
        if int(rename["other"]) in wanted:
            wanted.add(int(rename["asset"]))
    return np.array(sorted(wanted), np.int64)


def columns_of(result: Outcome, table: Floats, assets: Ints) -> Floats:
    """Return some columns of a table with a row for each bar, `(R, len(assets))`; a stream is not read whole."""
    return np.concatenate([np.ascontiguousarray(table[rows][:, assets]) for rows in parts_of(result)])


def asset_returns(result: Outcome) -> Floats:
    """Return what each asset made from row to row, `(R − 1, N)`, corporate actions included.

    0 while a price is carried; NaN before the first bar, after a delisting and under an old name; a new name goes on
    from the mark of the old one.
    """
    return _returns(result.marks(), result, np.arange(result.market.n_assets))


def _returns(marks: Floats, result: Outcome, place: Ints) -> Floats:
    """Return the returns of assets from their marks; `place` is the column of each asset there, −1 without one."""
    base = marks[:-1].copy()
    ratio, cash, final = np.ones_like(marks), np.zeros_like(marks), np.ones_like(marks)
    gone = np.zeros(marks.shape, np.bool_)
    for action, price in zip(result.market.actions, result.market.prices_given, strict=True):
        row, asset, value = int(action["row"]) - result.first, int(place[action["asset"]]), float(action["value"])
        if row < 0 or asset < 0:
            continue
        if action["kind"] == ActionKind.SPLIT:
            ratio[row, asset] *= value
        elif action["kind"] == ActionKind.DIVIDEND:
            cash[row, asset] += value
        elif action["kind"] == ActionKind.SPIN_OFF:
            cash[row, asset] += value * price
        elif action["kind"] == ActionKind.RENAME:
            gone[row:, asset] = True
            heir = int(place[action["other"]])
            if row > 0 and heir >= 0:
                base[row - 1, heir] = base[row - 1, asset]
        else:
            final[row, asset] = 1.0 + value
            gone[row + 1 :, asset] = True
    # A dividend can carry a mark to zero, from where there is no return.
    before = np.where(base > 0.0, base, np.nan)
    growth = ratio[1:] * (marks[1:] + cash[1:]) * final[1:] / before
    return np.where(gone[1:], np.nan, growth - 1.0)


def _by_row(result: Outcome, records: Records, amount: Floats) -> Floats:
    rows = records["row"].astype(np.int64) - result.first
    return np.bincount(rows, weights=amount, minlength=result.equity.size).astype(np.float64)


def _before(result: Earned) -> Floats:
    """Return the equity at the mark before each row, the capital before the first, `(R,)`."""
    return np.concatenate(([result.capital], result.equity[:-1]))


def _over_base(result: Outcome, amount: Floats) -> Floats:
    """Divide by what the row's return is earned on; nothing is traded when there is none, so 0 there."""
    base = base_by_row(result)
    return np.divide(amount, base, out=np.zeros_like(amount), where=base > 0.0)
