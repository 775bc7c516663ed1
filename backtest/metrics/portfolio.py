"""How the assets of a portfolio hang together, and where its risk comes from; returns have one column an asset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.metrics.ledger import Outcome, asset_returns, last_row
from backtest.stats.bets import Torsion
from backtest.types import Floats

UNGROUPED = "unclassified"
Order = Literal["given", "clustered"]


class CalmAndStressed(NamedTuple):
    """Correlations in ordinary and in bad times, and how many rows each rests on."""

    calm: pd.DataFrame
    stressed: pd.DataFrame
    calm_rows: int
    stressed_rows: int


def correlations(returns: pd.DataFrame, order: Order = "given") -> pd.DataFrame:
    """Return Pearson's correlation matrix, each pair over its common rows.

    `clustered` puts alike assets side by side: leaves of an average-linkage tree on √((1 − ρ)/2), Mantegna (1999).
    """
    if order not in ("given", "clustered"):
        raise InputError(f"correlations: {unknown('order', order, ('given', 'clustered'))}")
    matrix = stats.correlation_matrix(_matrix(returns))
    frame = pd.DataFrame(matrix, index=returns.columns, columns=returns.columns)
    if order == "given":
        return frame
    places = stats.cluster_order(matrix)
    return frame.iloc[places, places]


def rolling_correlations(returns: pd.DataFrame, window: int) -> pd.Series:
    """Return the mean correlation of all pairs over the `window` rows that end at each row, NaN until it is full."""
    if window < 2:
        raise InputError(f"window: expected at least 2 bars; received {window}")
    values = stats.rolling_mean_correlation(_matrix(returns), window)
    return pd.Series(values, index=returns.index, name="mean correlation")


def stressed_correlations(
    returns: pd.DataFrame, driver: pd.Series | None = None, share: float = 0.1
) -> CalmAndStressed:
    """Return the correlations on the worst `share` of rows and on all others.

    Worst by `driver`, matched by its labels (a portfolio, a market), or by the mean return of the assets. A warning on
    what it shows: conditioning on bad rows of a driver alone lowers correlations of normal returns and changes those
    between driver-like assets most (Longin and Solnik, 2001), so compare like with like.
    """
    if not 0.0 < share < 1.0:
        raise InputError(f"share: expected a number between 0 and 1; received {share}")
    own = returns.mean(axis=1) if driver is None else driver.reindex(returns.index)
    worst = stats.stressed_rows(own.to_numpy(np.float64), share)
    calm, stressed = correlations(returns[~worst]), correlations(returns[worst])
    return CalmAndStressed(calm, stressed, int(np.count_nonzero(~worst)), int(np.count_nonzero(worst)))


def risk_contributions(
    weights: pd.Series,
    returns: pd.DataFrame,
    groups: Mapping[str, str] | pd.Series | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say where the risk of a portfolio comes from, by asset or, with `groups`, by group.

    Columns, per bar: weight; volatility (σᵢ); marginal (∂σ/∂wᵢ); contribution (wᵢ ∂σ/∂wᵢ, adding up to σ of the
    portfolio); share (of σ, adding up to 1); marginal_var and component_var (of the Gaussian value at risk at `level`
    with mean zero, a return; components add up to it). Σ is the sample covariance, each pair over its common rows.
    Groups sum weight, contribution, share and component_var. Litterman (1996); Jorion (2007), ch. 7.
    """
    w, covariance = _weights(weights, returns), stats.realised_covariance(_matrix(returns))
    marginal, contribution = stats.marginal_risk(w, covariance), stats.risk_contributions(w, covariance)
    marginal_var = stats.marginal_var(w, covariance, level)
    frame = pd.DataFrame(
        {
            "weight": w,
            "volatility": np.sqrt(np.diag(covariance)),
            "marginal": marginal,
            "contribution": contribution,
            "share": contribution / contribution.sum(),
            "marginal_var": marginal_var,
            "component_var": w * marginal_var,
        },
        index=returns.columns,
    )
    if groups is None:
        return frame
    names = pd.Series(dict(groups)).reindex(frame.index).fillna(UNGROUPED)
    return frame[["weight", "contribution", "share", "component_var"]].groupby(names.to_numpy()).sum()


def run_risk(result: Outcome, by: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """Say where the risk of a run's last weights comes from, as `risk_contributions` does, over its whole record.

    `by` names a column of the market's properties to group by ("sector"). Assets without a position are left out.
    """
    symbols = [str(symbol) for symbol in result.market.symbols]
    held = pd.Series(np.nan_to_num(result.weights()[last_row(result)]), index=symbols)
    held = held[held != 0.0]
    columns = [symbols.index(name) for name in held.index]
    returns = pd.DataFrame(asset_returns(result)[:, columns], columns=held.index)
    return risk_contributions(held, returns, None if by is None else _groups(result, by, symbols), level)


def effective_bets(weights: pd.Series, returns: pd.DataFrame, method: Torsion = "minimum_torsion") -> float:
    """Return how many independent bets a portfolio makes: exp(−Σ p ln p) over uncorrelated factors.

    `minimum_torsion` or `pca`. Meucci, Santangelo and Deguest (2015); Meucci (2009). NaN when the sample covariance is
    singular. Unit: ratio.
    """
    if method not in ("minimum_torsion", "pca"):
        raise InputError(f"effective_bets: {unknown('method', method, ('minimum_torsion', 'pca'))}")
    covariance = stats.realised_covariance(_matrix(returns))
    return float(stats.effective_bets(_weights(weights, returns), covariance, method))


def active_share(weights: pd.Series, benchmark: pd.Series) -> float:
    """Return ½ Σ|w − b| over all names of either; cash counts when it has a name. Cremers and Petajisto (2009)."""
    mine, theirs = weights.align(benchmark, fill_value=0.0)
    return float(stats.active_share(mine.to_numpy(np.float64), theirs.to_numpy(np.float64)))


def _matrix(returns: pd.DataFrame) -> Floats:
    values: Floats = returns.to_numpy(np.float64)
    if values.size == 0:
        raise InputError(f"returns: expected rows and columns; received shape {values.shape}")
    if np.isinf(values).any():
        raise InputError(f"returns: column {int(np.isinf(values).any(axis=0).argmax())} has an infinite value")
    return values


def _weights(weights: pd.Series, returns: pd.DataFrame) -> Floats:
    """Put weights in the order of the columns; a name that the returns do not have is an error, not a zero."""
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
