"""Who earned the money: by asset, by group and by cost, adding up to the change of equity."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtest.errors import RunError
from backtest.metrics.ledger import COSTS, Outcome, last_row
from backtest.types import EventKind, Floats

TOLERANCE = 1e-9
"""Largest share of the money that moved by which the parts may miss the whole."""

UNGROUPED = "unclassified"


def attribution(result: Outcome) -> pd.DataFrame:
    """Return one row a part: level ("asset", "group", "cost", "total"), name, profit, contribution.

    `profit` is money; `contribution` is profit / initial capital, so that contributions add up to the total return.
    Asset rows are gross of costs: closing value, less what was bought, plus what was sold at reference prices, plus
    dividends and delisting payouts. Cost rows are ≤ 0. Asset + cost = total; group rows (the sectors of the market's
    properties, when it has them) add up the asset rows once more.
    """
    symbols = [str(symbol) for symbol in result.market.symbols]
    profit = asset_profit(result)
    cost = -np.array([result.fills[kind].sum() for kind in COSTS])
    total = float(result.equity[-1]) - result.capital
    _check_sum(result, float(profit.sum() + cost.sum()), total)
    groups = _groups(result, profit)
    levels = ["asset"] * len(symbols) + ["group"] * len(groups) + ["cost"] * len(COSTS) + ["total"]
    amounts = np.concatenate((profit, groups.to_numpy(np.float64), cost, [total]))
    names = [*symbols, *(str(name) for name in groups.index), *COSTS, "total"]
    return pd.DataFrame({"level": levels, "name": names, "profit": amounts, "contribution": amounts / result.capital})


def asset_profit(result: Outcome) -> Floats:
    """Return the money each asset made before costs, `(N,)`."""
    n, end = result.market.n_assets, last_row(result)
    quantity = result.positions()[end]
    value = np.where(quantity != 0.0, quantity * result.marks()[end], 0.0)
    fills, paid = result.fills, result.events[result.events["kind"] == EventKind.DIVIDEND]
    spent = np.bincount(fills["asset"], weights=fills["quantity"] * fills["price"], minlength=n)
    dividends = np.bincount(paid["asset"], weights=paid["value"], minlength=n)
    return np.asarray(value - spent + dividends)


def _groups(result: Outcome, profit: Floats) -> pd.Series:
    properties = result.market.properties
    if properties is None or "sector" not in properties.columns:
        return pd.Series(dtype=np.float64)
    sector = properties["sector"].reindex(list(result.market.symbols))
    if sector.isna().all():
        return pd.Series(dtype=np.float64)
    return pd.Series(profit).groupby(sector.fillna(UNGROUPED).to_numpy()).sum()


def _check_sum(result: Outcome, parts: float, total: float) -> None:
    """An account whose parts do not make the whole has a fault in its ledger: say so rather than show it."""
    moved = float(np.abs(result.fills["quantity"] * result.fills["price"]).sum())
    if abs(parts - total) > TOLERANCE * max(result.capital, abs(float(result.equity[-1])), moved):
        raise RunError(
            f"attribution: assets and costs add up to {parts!r}, but equity changed by {total!r}; "
            "the ledger of this run is inconsistent, please report it"
        )
