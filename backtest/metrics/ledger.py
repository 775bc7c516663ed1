"""What metrics read of a simulation, and the sums by row that several of them share."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd

from backtest.market.market import Market
from backtest.types import ActionKind, EventKind, FillReason, Floats, Records

COSTS = ("commission", "spread", "slippage", "impact")
"""The parts that the cost of a fill splits into; a fill has one field of each name."""

FINANCING = ("interest_on_cash", "margin_interest", "short_rebate", "borrow_fee")
"""The parts of what holding money and shorts earns (positive) or costs; the columns of `Outcome.carry`."""


class Outcome(Protocol):
    """The result of a simulation over the market's rows `[first, T)`; rows in records count from the market's first."""

    @property
    def market(self) -> Market: ...
    @property
    def first(self) -> int: ...
    @property
    def capital(self) -> float: ...
    @property
    def equity(self) -> Floats: ...
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


def turnover_by_row(result: Outcome) -> Floats:
    """Return the one-way turnover of each row `(R,)`: half the value traded over the equity at the mark before.

    A delisting payout is not traded and does not count.
    """
    fills = result.fills[result.fills["reason"] != FillReason.DELISTING]
    traded = _by_row(result, fills, np.abs(fills["quantity"] * fills["price"]))
    return _over_equity_before(result, traded) / 2.0


def cost_by_row(result: Outcome) -> Floats:
    """Return the money paid for trading in each row, `(R,)`."""
    return _by_row(result, result.fills, sum((result.fills[kind] for kind in COSTS), np.zeros(result.fills.size)))


def drag_by_row(result: Outcome) -> Floats:
    """Return the cost of each row as a fraction of the equity at the mark before, `(R,)`."""
    return _over_equity_before(result, cost_by_row(result))


def financed(result: Outcome) -> tuple[str, ...]:
    """Return the names of what holding earned or cost; none where it did neither."""
    return FINANCING if result.carry.any() else ()


def financing_by_row(result: Outcome) -> Floats:
    """Return what holding money and shorts earned, or cost (negative), in each row, `(R,)`, in money."""
    return np.asarray(result.carry.sum(axis=1))


def financing_drag_by_row(result: Outcome) -> Floats:
    """Return what holding cost in each row, or earned (negative), over the equity at the mark before, `(R,)`."""
    return _over_equity_before(result, 0.0 - financing_by_row(result))


def last_row(result: Outcome) -> int:
    """Return the row `0 … R − 1` at which the account was last valued: the end, or the row of its ruin."""
    ruined = result.events[result.events["kind"] == EventKind.BANKRUPT]
    return int(ruined["row"][0]) - result.first if ruined.size else result.equity.size - 1


def asset_returns(result: Outcome) -> Floats:
    """Return what each asset made from row to row, `(R − 1, N)`, splits, dividends and delisting returns included.

    0 while a price is carried; NaN before the first bar and after a delisting.
    """
    marks = result.marks()
    ratio, cash, final = np.ones_like(marks), np.zeros_like(marks), np.ones_like(marks)
    gone = np.zeros(marks.shape, np.bool_)
    for action in result.market.actions[result.market.actions["row"] >= result.first]:
        row, asset, value = int(action["row"]) - result.first, int(action["asset"]), float(action["value"])
        if action["kind"] == ActionKind.SPLIT:
            ratio[row, asset] *= value
        elif action["kind"] == ActionKind.DIVIDEND:
            cash[row, asset] += value
        else:
            final[row, asset] = 1.0 + value
            gone[row + 1 :, asset] = True
    # A dividend can carry a mark to zero, from where there is no return.
    before = np.where(marks[:-1] > 0.0, marks[:-1], np.nan)
    growth = ratio[1:] * (marks[1:] + cash[1:]) * final[1:] / before
    return np.where(gone[1:], np.nan, growth - 1.0)


def _by_row(result: Outcome, records: Records, amount: Floats) -> Floats:
    rows = records["row"].astype(np.int64) - result.first
    return np.bincount(rows, weights=amount, minlength=result.equity.size).astype(np.float64)


def _over_equity_before(result: Outcome, amount: Floats) -> Floats:
    """Divide by the equity at the mark before; nothing is traded when there is none, so 0 there."""
    before = np.concatenate(([result.capital], result.equity[:-1]))
    return np.divide(amount, before, out=np.zeros_like(amount), where=before > 0.0)
