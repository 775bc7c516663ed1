"""Where the risk of a portfolio comes from, and how many bets it makes; returns have one column an asset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.metrics.ledger import Outcome, last_row, returns_of
from backtest.metrics.match import Table, matched, matrix_of, numbers, table_of
from backtest.stats.bets import Torsion
from backtest.types import Floats

UNGROUPED = "unclassified"
RISK = ("weight", "volatility", "marginal", "contribution", "share", "marginal_var", "component_var")
GROUPED = ("weight", "contribution", "share", "component_var")
"""Columns of `risk_contributions`: of assets, and those that groups have."""

Weights = pd.Series | Mapping[str, float] | ArrayLike
"""Weights by the names of assets, or one a column in their order."""


def risk_contributions(
    weights: Weights,
    returns: Table,
    groups: Mapping[str, str] | pd.Series | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say where the risk of a portfolio comes from, by asset or, with `groups`, by group.

    Columns, per bar: weight; volatility (σᵢ); marginal (∂σ/∂wᵢ); contribution (wᵢ ∂σ/∂wᵢ, adding up to σ of the
    portfolio); share (of σ, adding up to 1); marginal_var and component_var (of the Gaussian value at risk at `level`
    with mean zero, a return; components add up to it). Σ is the sample covariance, each pair over its common rows.
    Groups sum weight, contribution, share and component_var. Litterman (1996); Jorion (2007), ch. 7.
    """
    table = table_of(returns)
    w, covariance = _weights(weights, table), stats.realised_covariance(matrix_of(table))
    marginal, contribution = stats.marginal_risk(w, covariance), stats.risk_contributions(w, covariance)
    marginal_var = stats.marginal_var(w, covariance, level)
    volatility, share = np.sqrt(np.diag(covariance)), contribution / contribution.sum()
    columns = (w, volatility, marginal, contribution, share, marginal_var, w * marginal_var)
    frame = pd.DataFrame(dict(zip(RISK, columns, strict=True)), index=table.columns)
    if groups is None:
        return frame
    names = pd.Series(dict(groups)).reindex(frame.index).fillna(UNGROUPED)
    return frame[list(GROUPED)].groupby(names.to_numpy()).sum()


def run_risk(result: Outcome, by: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """Say where the risk of a run's last weights comes from, as `risk_contributions` does, over its whole record.

    `by` names a column of the market's properties to group by ("sector"). Assets without a position are left out: no
    rows where nothing was held. NaN in a record of one bar, which has no returns from mark to mark.
    """
    symbols = [str(symbol) for symbol in result.market.symbols]
    held = pd.Series(np.nan_to_num(result.weights()[last_row(result)]), index=symbols)
    held = held[held != 0.0]
    columns = [symbols.index(name) for name in held.index]
    if held.empty:
        return pd.DataFrame(columns=list(GROUPED if by else RISK), dtype=np.float64)
    returns = pd.DataFrame(returns_of(result, np.array(columns)), columns=held.index)
    if returns.empty:
        returns = pd.DataFrame(np.nan, index=[0], columns=held.index)
    return risk_contributions(held, returns, None if by is None else _groups(result, by, symbols), level)


def effective_bets(weights: Weights, returns: Table, method: Torsion = "minimum_torsion") -> float:
    """Return how many independent bets a portfolio makes: exp(−Σ p ln p) over uncorrelated factors.

    `minimum_torsion` or `pca`. Meucci, Santangelo and Deguest (2015); Meucci (2009). NaN when the sample covariance is
    singular. Unit: ratio.
    """
    if method not in get_args(Torsion):
        raise InputError(f"effective_bets: {unknown('method', method, get_args(Torsion))}")
    table = table_of(returns)
    covariance = stats.realised_covariance(matrix_of(table))
    return float(stats.effective_bets(_weights(weights, table), covariance, method))


def active_share(weights: Weights, benchmark: Weights) -> float:
    """Return ½ Σ|w − b| over all names of either; cash counts when it has a name. Cremers and Petajisto (2009)."""
    mine, theirs = _named(weights).align(_named(benchmark), fill_value=0.0)
    return float(stats.active_share(mine.to_numpy(np.float64), theirs.to_numpy(np.float64)))


def _named(weights: Weights) -> pd.Series:
    if isinstance(weights, pd.Series):
        return weights
    return pd.Series(dict(weights) if isinstance(weights, Mapping) else numbers("weights", weights))


def _weights(given: Weights, returns: pd.DataFrame) -> Floats:
    """Put weights in the order of the columns; a name that the returns do not have is an error, not a zero."""
    if not isinstance(given, pd.Series | Mapping):
        return matched("weights", given, len(returns.columns), None)
    weights = _named(given)
    for name, weight in weights.items():
        if weight != 0.0 and name not in returns.columns:
            raise InputError(f"weights: {unknown('asset', name, map(str, returns.columns))}")
    return np.asarray(weights.reindex(returns.columns).fillna(0.0).to_numpy(np.float64))


def _groups(result: Outcome, by: str, symbols: list[str]) -> pd.Series:
    properties = result.market.properties
    if properties is None or by not in properties.columns:
        known = () if properties is None else map(str, properties.columns)
        raise InputError(f"by: {unknown('property of the market', by, known)}")
    return properties[by].reindex(symbols)
