"""What each part added to the return, period by period and over the whole record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backtest import stats
from backtest.metrics.attribution.groups import groups_by
from backtest.metrics.attribution.periods import Every, check_linking, compounded, cut, linked_within
from backtest.metrics.attribution.rows import (
    PAYING,
    carry_by_row,
    costs_by_row,
    equity_before,
    names_of,
    owners_of,
    payments_by_row,
    profit_by_row,
    returns_of,
)
from backtest.metrics.ledger import COSTS, Outcome, financed, growth_of, last_row
from backtest.stats.linking import Linking
from backtest.types import Floats


@dataclass(frozen=True)
class Contributions:
    """Contributions to the return of a run; one column a part, the four kinds of cost (≤ 0) behind.

    Behind these stand the four kinds of financing, where holding money and shorts earned or cost anything, and what
    paying withdrawals inside a bar did to the return, where any were.

    Each row of `periods` adds up to the return of its period in `returns`, `linked` to `total_return`.
    """

    periods: pd.DataFrame
    returns: pd.Series
    linked: pd.Series
    total_return: float


def contributions(
    result: Outcome,
    by: str = "asset",
    *,
    every: Every = "month",
    linking: Linking = "carino",
    strategies: Sequence[str] = (),
) -> Contributions:
    """Return what assets, strategies or groups, and each kind of cost, added to the return of a run.

    `by` is "asset", "strategy" (named by `strategies`, owner 0 first, else by number) or a property of the market such
    as "sector". In a bar: profit before costs, or cost, over the equity at the mark before and what came or went at its
    beginning; these add up to the bar's return. They are linked (carino, menchero or grap) within each period ("bar",
    "month", "quarter", "year", "all") and over the whole record. With carino the periods, linked once more, give the
    whole. NaN from a ruined account, except with grap. Unit: fraction.
    """
    check_linking(linking)
    names, profit = _parts(result, by, strategies)
    before, rows = equity_before(result), last_row(result) + 1
    earned = np.column_stack((profit, 0.0 - costs_by_row(result), carry_by_row(result))) / before[:, None]
    paying, returns = payments_by_row(result), returns_of(result)
    effects = np.column_stack((earned, paying))
    named = [*names, *COSTS, *financed(result), *([PAYING] if paying.size else [])]
    columns, periods = pd.Index(named, name=by), cut(result.times[:rows], every)
    within = linked_within(effects, returns, None, periods, linking)
    whole = stats.link(effects, stats.linking_factors(returns, method=linking))
    return Contributions(
        periods=pd.DataFrame(within, index=periods.labels, columns=columns),
        returns=pd.Series(compounded(returns, periods), index=periods.labels, name="return"),
        linked=pd.Series(whole, index=columns, name="contribution"),
        total_return=float(growth_of(result)[rows] / result.capital - 1.0),
    )


def _parts(result: Outcome, by: str, strategies: Sequence[str]) -> tuple[list[str], Floats]:
    """Return the names of the parts and the profit of each in each row, `(R, K)`."""
    if by == "strategy":
        owners = owners_of(result)
        sums = [profit_by_row(result, owner).sum(axis=1) for owner in owners]
        return names_of(owners, strategies), np.array(sums).reshape(len(owners), -1).T
    if by == "asset":
        return [str(symbol) for symbol in result.market.symbols], profit_by_row(result)
    groups = groups_by(result, by)
    return list(groups.names), groups.sum(profit_by_row(result))
