"""The ledger of a run as money made by each asset in each row: what every attribution is summed from.

The profit of an asset in a row is gross of costs: its closing value, less its value a row before, less what was bought
at reference prices plus what was sold, plus dividends and what a spin-off gave away. With the costs of the row, and
what holding money and shorts earned or cost, it adds up to the change of equity that is not a flow. Rows behind the one
at which the account was last valued (its ruin) are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.metrics.handovers import handovers
from backtest.metrics.ledger import (
    COSTS,
    Outcome,
    base_by_row,
    financed,
    last_row,
    parts_of,
    payment_effect_by_row,
)
from backtest.simulate.replay import replay
from backtest.types import EventKind, FillReason, Floats, Ints, Records

PAYING = "withdrawals"
"""Name of what paying out inside a row, after sales, did to the return: it earns no money."""


def owners_of(result: Outcome) -> Ints:
    """Return the strategies that traded, in order."""
    return np.unique(result.fills["owner"]).astype(np.int64)


def names_of(owners: Ints, strategies: Sequence[str]) -> list[str]:
    """Name owners by the strategies in the order of their numbers; by the number where there is no name."""
    return [strategies[owner] if owner < len(strategies) else str(owner) for owner in owners.tolist()]


def fills_of(result: Outcome, owner: int | None = None) -> Records:
    """Return the trades of one strategy, or all."""
    fills = result.fills
    return fills if owner is None else fills[fills["owner"] == owner]


def dividends_of(result: Outcome, owner: int | None = None) -> Records:
    """Return the dividends that one strategy received, or all."""
    paid: Records = result.events[result.events["kind"] == EventKind.DIVIDEND]
    return paid if owner is None else paid[paid["owner"] == owner]


def values_of(result: Outcome, owner: int | None = None) -> Floats:
    """Return the closing value of each position, of one strategy or of all together, `(R, N)`."""
    end = last_row(result) + 1
    held = positions_of(result, owner)[:end]
    return np.where(held != 0.0, held * result.marks()[:end], 0.0)


def positions_of(result: Outcome, owner: int | None = None) -> Floats:
    """Return closing quantities `(R, N)` of one strategy, or of all together."""
    fills = fills_of(result, owner)
    if fills.size == result.fills.size:
        return result.positions()
    return replay(fills, result.market.actions, result.first, result.equity.size, result.market.n_assets)


def profit_by_row(result: Outcome, owner: int | None = None) -> Floats:
    """Return the money each asset made in each row before costs, `(R, N)`, of one strategy or of all together."""
    value, fills, paid = values_of(result, owner), fills_of(result, owner), dividends_of(result, owner)
    profit = value.copy()
    profit[1:] -= value[:-1]
    profit -= _cells(result, fills, fills["quantity"] * fills["price"], value.shape)
    moved = handovers(result, owner)
    np.add.at(profit, (moved.row, moved.source), moved.amount)
    np.subtract.at(profit, (moved.row, moved.target), moved.amount)
    return np.asarray(profit + _cells(result, paid, paid["value"], value.shape))


def trading_by_row(result: Outcome) -> Floats:
    """Return the part of the profit that trades made between their price and the close of their row, `(R, N)`.

    Zero for trades at the close. A delisting payout is no trade of choice: what it loses is the asset's return.
    """
    fills = result.fills[result.fills["reason"] != FillReason.DELISTING]
    close = result.marks()[fills["row"].astype(np.int64) - result.first, fills["asset"]]
    shape = (last_row(result) + 1, result.market.n_assets)
    return _cells(result, fills, fills["quantity"] * (close - fills["price"]), shape)


def weighted_profit(result: Outcome, weight: Floats, owner: int | None = None) -> Floats:
    """Return Σ_t weight_t · profit_t of each asset, `(N,)`, for a weight a row `(R,)`.

    Summed by parts, Σ (weight_t − weight_{t+1}) value_t, so that no profit of each row is written down. Not by BLAS,
    whose sums depend on the number of threads.
    """
    fills, paid = fills_of(result, owner), dividends_of(result, owner)
    held = _held_by(result, weight[: last_row(result) + 1], owner)
    spent = weight[_rows(result, fills)] * (fills["quantity"] * fills["price"])
    received = weight[_rows(result, paid)] * paid["value"]
    moved = handovers(result, owner).summed(result.market.n_assets, weight)
    return np.asarray(held - _by_asset(result, fills, spent) + _by_asset(result, paid, received) + moved)


def _held_by(result: Outcome, weight: Floats, owner: int | None) -> Floats:
    """Return Σ (weight_t − weight_{t+1}) value_t; a streamed market's rows are added to what was summed before them."""
    steps = weight.copy()
    steps[:-1] -= weight[1:]
    if result.market.stream is None:
        return np.asarray(np.einsum("t,tn->n", steps, values_of(result, owner)))
    total = np.zeros(result.market.n_assets)
    for part in parts_of(result):
        rows = slice(part.start, min(part.stop, len(steps)))
        held = result.positions()[rows]
        value = np.where(held != 0.0, held * result.marks()[rows], 0.0)
        total = np.einsum("t,tn->n", np.append(1.0, steps[rows]), np.vstack((total, value)))
    return total


def costs_by_row(result: Outcome, owner: int | None = None) -> Floats:
    """Return what was paid in each row, `(R, 4)`, one column a kind of cost."""
    fills, end = fills_of(result, owner), last_row(result) + 1
    rows = _rows(result, fills)
    paid = [np.bincount(rows, weights=fills[kind], minlength=end)[:end] for kind in COSTS]
    return np.stack(paid, axis=1).astype(np.float64)


def carry_by_row(result: Outcome) -> Floats:
    """Return what holding earned, or cost (negative), in each row, `(R, 4)`; `(R, 0)` where it did neither."""
    return np.asarray(result.carry[: last_row(result) + 1, : len(financed(result))])


def costs_by_asset(result: Outcome, owner: int | None = None) -> Floats:
    """Return what was paid for trading each asset, `(N, 4)`, one column a kind of cost."""
    fills = fills_of(result, owner)
    return np.stack([_by_asset(result, fills, fills[kind]) for kind in COSTS], axis=1)


def equity_before(result: Outcome) -> Floats:
    """Return the equity at the mark before each row, with what came or went at its beginning, `(R,)`."""
    return base_by_row(result)[: last_row(result) + 1]


def returns_of(result: Outcome) -> Floats:
    """Return the time-weighted return of each row, `(R,)`."""
    return result.returns[: last_row(result) + 1]


def payments_by_row(result: Outcome) -> Floats:
    """Return what paying out inside a row did to its return, `(R, 1)`; `(R, 0)` where nothing was paid so."""
    effect = payment_effect_by_row(result)[: last_row(result) + 1, None]
    return effect if effect.any() else effect[:, :0]


def _rows(result: Outcome, records: Records) -> Ints:
    return np.asarray(records["row"].astype(np.int64) - result.first)


def _cells(result: Outcome, records: Records, amount: Floats, shape: tuple[int, ...]) -> Floats:
    at = _rows(result, records) * shape[1] + records["asset"]
    return np.bincount(at, weights=amount, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)


def _by_asset(result: Outcome, records: Records, amount: Floats) -> Floats:
    return np.bincount(records["asset"], weights=amount, minlength=result.market.n_assets).astype(np.float64)
