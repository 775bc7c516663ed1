"""How much is held, and in how few names: metrics of weights `(N,)`, or `(T, N)` with one row a bar.

Weights are fractions of equity; NaN is no position. Of several rows the mean is taken, over those with a position where
a row without one has no answer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.metrics.match import Table, matrix_of, numbers, table_of
from backtest.types import Floats

Weights = pd.DataFrame | pd.Series | ArrayLike


def hhi(weights: Weights) -> float:
    """Return the Herfindahl–Hirschman index Σ w²: 1/N for equal weights, 1 for a single name.

    Sizes of weights rescaled to sum to one, cash left out. Unit: ratio. Herfindahl (1950); Hirschman (1964).
    """
    return _mean(stats.hhi(_rows(weights)))


def effective_number(weights: Weights) -> float:
    """Return 1 / Σ w²: how many equally weighted names would be as concentrated; of several rows the mean of theirs.

    Unit: ratio. Laakso and Taagepera (1979).
    """
    return _mean(stats.effective_number(_rows(weights)))


def diversification_ratio(weights: Weights, returns: Table) -> float:
    """Return Σ|w|σ / √(w′Σw): 1 for a single asset, more the more the risks offset.

    Σ is the sample covariance of `returns`, each pair over its common rows; weights with names are matched by them,
    others by place. Unit: ratio. Choueifaty and Coignard (2008).
    """
    table, rows = table_of(returns), _rows(weights)
    if isinstance(weights, pd.DataFrame | pd.Series):
        names = weights.columns if isinstance(weights, pd.DataFrame) else weights.index
        for name in names.difference(table.columns):
            raise InputError(f"weights: {unknown('asset', name, map(str, table.columns))}")
        table = table[names]
    if rows.shape[1] != len(table.columns):
        raise InputError(f"weights: expected one an asset, {len(table.columns)}; received {rows.shape[1]}")
    return _mean(stats.diversification_ratio(rows, stats.realised_covariance(matrix_of(table))))


def gross_exposure(weights: Weights) -> float:
    """Return Σ|w|: long and short positions over equity. Unit: fraction. Bacon (2008)."""
    return _mean(np.abs(_rows(weights)).sum(axis=1))


def net_exposure(weights: Weights) -> float:
    """Return Σ w: long less short positions over equity. Unit: fraction. Bacon (2008)."""
    return _mean(_rows(weights).sum(axis=1))


def time_invested(weights: Weights) -> float:
    """Return the share of rows with a position. Unit: fraction."""
    return _mean((_rows(weights) != 0.0).any(axis=1).astype(np.float64))


def _rows(weights: Weights) -> Floats:
    values = np.atleast_2d(numbers("weights", weights))
    if values.ndim != 2 or not values.size:
        raise InputError(f"weights: expected one an asset, or rows of them; received shape {np.shape(weights)}")
    return np.nan_to_num(values, nan=0.0)


def _mean(values: Floats) -> float:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if seen.size else float("nan")
