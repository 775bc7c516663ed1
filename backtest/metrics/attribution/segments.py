"""One side of a comparison cut into segments: what it held at the start of each bar, and what that returned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtest.errors import InputError
from backtest.metrics.attribution.groups import groups_by
from backtest.metrics.attribution.rows import (
    costs_by_row,
    equity_before,
    profit_by_row,
    trading_by_row,
    values_of,
)
from backtest.metrics.ledger import Outcome, financing_by_row, last_row, payment_effect_by_row
from backtest.metrics.track import is_intraday
from backtest.types import Floats

NOT_HELD = 1e-9
"""A weight below this share of what is held long and short in a segment is rounding: the segment has no return."""

CASH = "cash"


@dataclass(frozen=True)
class Segments:
    """What a portfolio was made of in each bar; rows of `index`, columns of `names`, of which the last is cash.

    `weights` `(R, G)` are those at the start of a bar as fractions of equity, summing to one. `contributions` `(R, G)`
    are what they added to the return of the bar, `returns` `(R, G)` what a segment returned, NaN where that is not
    known. `timing` `(R,)` is what trades within the bar made, `cost` `(R,)` what trading cost, ≤ 0. A row of midnight
    is the end of the day before, of a `dated` record its own day.
    """

    index: pd.Index
    names: tuple[str, ...]
    weights: Floats
    contributions: Floats
    returns: Floats
    timing: Floats
    cost: Floats
    dated: bool = False

    @property
    def total(self) -> Floats:
        """The return of each bar, `(R,)`: everything added up."""
        return np.asarray(self.contributions.sum(axis=1) + self.timing + self.cost)


def segments_of(result: Outcome, by: str = "sector") -> Segments:
    """Cut a run into segments by a property of its market.

    The weight of a position is its value at the close before over the equity there; its contribution is what it earned
    by the close, dividends and delisting losses included, had nothing been traded. What trades made between their price
    and the close of their bar is timing, with what paying a withdrawal inside the bar did; zero for trades at the
    close. Cash earns what holding money and shorts earned or cost, nothing where neither did; it is below zero where
    the account was in debt. After its ruin an account is all cash.
    """
    groups, before, end = groups_by(result, by), equity_before(result)[:, None], last_row(result) + 1
    opening = np.zeros((end, result.market.n_assets))
    opening[1:] = values_of(result)[:-1]
    opening /= before
    traded = trading_by_row(result)
    weights, contributions = groups.sum(opening), groups.sum((profit_by_row(result) - traded) / before)
    held = np.abs(weights) > NOT_HELD * groups.sum(np.abs(opening))
    weights = np.where(held, weights, 0.0)
    returns = np.divide(contributions, weights, out=np.full_like(weights, np.nan), where=held)
    cash, later = 1.0 - weights.sum(axis=1, keepdims=True), result.equity.size - end
    earned = financing_by_row(result)[:end, None] / before
    paying = payment_effect_by_row(result)[:end]
    has_cash = np.abs(cash) > NOT_HELD
    per_cash = np.divide(earned, cash, out=np.where(earned == 0.0, 0.0, np.nan), where=has_cash)
    return Segments(
        index=result.times,
        names=(*(name if name != CASH else f"{CASH} ({by})" for name in groups.names), CASH),
        weights=_longer(np.hstack((weights, np.where(np.isnan(per_cash), 0.0, cash))), later, 1.0),
        contributions=_longer(np.hstack((contributions, earned)), later),
        returns=_longer(np.hstack((returns, per_cash)), later),
        timing=_longer(traded.sum(axis=1) / before[:, 0] + paying, later),
        cost=_longer(0.0 - costs_by_row(result).sum(axis=1) / before[:, 0], later),
    )


def _longer(values: Floats, rows: int, cash: float = 0.0) -> Floats:
    """Put rows of zeros behind, with `cash` in the last column."""
    more = np.zeros((rows, *values.shape[1:]))
    more[..., -1:] = cash if values.ndim > 1 else 0.0
    return np.concatenate((values, more))


def segments(weights: pd.DataFrame | pd.Series, returns: pd.DataFrame) -> Segments:
    """Take weights at the start of each period and returns in it, one column a segment, from anywhere.

    A Series of weights is rebalanced to at the start of each period. What the weights leave of 1 is cash, which has the
    return of the column "cash", or none. A segment with a weight needs a return; one without may have it (what its
    index did) or NaN. Rows and columns are matched by their labels. Rows a day apart or more are dates: midnight is
    the day that it names, in the zone of the index.
    """
    given = _filled(weights, returns)
    earned = returns.set_axis([str(name) for name in returns.columns], axis=1)
    if set(given.columns) != set(earned.columns) or not given.index.equals(earned.index):
        raise InputError("segments: expected the same rows and columns in weights and returns")
    names = [name for name in given.columns if name != CASH]
    w, r = given[names].to_numpy(np.float64), earned[names].to_numpy(np.float64)
    of_cash = earned[CASH].to_numpy(np.float64) if CASH in earned.columns else np.zeros(len(r))
    w, r = np.column_stack((w, 1.0 - w.sum(axis=1))), np.column_stack((r, of_cash))
    if np.isnan(w).any() or (np.isnan(r) & (np.abs(w) > NOT_HELD)).any():
        raise InputError("segments: expected a weight in every cell, and a return wherever there is one")
    nothing = np.zeros(len(w))
    dated = isinstance(given.index, pd.DatetimeIndex) and not is_intraday(given.index.as_unit("ns").asi8)
    return Segments(given.index, (*names, CASH), w, w * np.nan_to_num(r, nan=0.0), r, nothing, nothing, dated)


def _filled(weights: pd.DataFrame | pd.Series, returns: pd.DataFrame) -> pd.DataFrame:
    if isinstance(weights, pd.Series):
        weights = pd.DataFrame(
            np.tile(weights.to_numpy(np.float64), (len(returns), 1)), returns.index, pd.Index(weights.index)
        )
    return weights.set_axis([str(name) for name in weights.columns], axis=1)
