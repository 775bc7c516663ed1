"""How alike assets move: over the whole record, over time, and in bad times; returns have one column an asset."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.metrics.match import Table, matched, matrix_of, numbers, table_of
from backtest.metrics.windows import check_window
from backtest.types import Floats, Ints

Order = Literal["given", "clustered"]


class CalmAndStressed(NamedTuple):
    """Correlations in ordinary and in bad times, and how many rows each rests on."""

    calm: pd.DataFrame
    stressed: pd.DataFrame
    calm_rows: int
    stressed_rows: int


def correlations(returns: Table, order: Order = "given") -> pd.DataFrame:
    """Return Pearson's correlation matrix, each pair over its common rows.

    `clustered` puts alike assets side by side: leaves of an average-linkage tree on √((1 − ρ)/2), Mantegna (1999), in
    the order of Gruvaeus and Wainer (1972).
    """
    table = table_of(returns)
    matrix = stats.correlation_matrix(matrix_of(table))
    places = _order("correlations", matrix, order)
    return pd.DataFrame(matrix, index=table.columns, columns=table.columns).iloc[places, places]


def rolling_correlations(returns: Table, window: int) -> pd.Series:
    """Return the mean correlation of all pairs over the `window` rows that end at each row, NaN until it is full."""
    check_window(window)
    table = table_of(returns)
    values = stats.rolling_mean_correlation(matrix_of(table), window)
    return pd.Series(values, index=table.index, name="mean correlation")


def rolling_correlation_matrices(returns: Table, window: int, every: int = 1, order: Order = "given") -> pd.DataFrame:
    """Return the correlation matrix over the `window` rows that end at each row, from the first full window on.

    Rows are (row, asset), columns assets, so that `found.loc[row]` is a matrix. `every` keeps each so many-th window,
    the last one among them. `clustered` puts assets in one order for all windows, that of the whole record.
    """
    check_window(window)
    if every < 1:
        raise InputError(f"every: expected a whole number from 1 on; received {every}")
    table = table_of(returns)
    values = matrix_of(table)
    places = _order("rolling_correlation_matrices", stats.correlation_matrix(values), order)
    ends = np.arange(len(values), window - 1, -every)[::-1]
    found = [stats.correlation_matrix(values[end - window : end])[np.ix_(places, places)] for end in ends]
    names = table.columns[places]
    index = pd.MultiIndex.from_product([table.index[ends - 1], names], names=[table.index.name, "asset"])
    return pd.DataFrame(np.array(found).reshape(-1, names.size), index=index, columns=names)


def stressed_correlations(
    returns: Table, driver: pd.Series | ArrayLike | None = None, share: float = 0.1, order: Order = "given"
) -> CalmAndStressed:
    """Return the correlations on the worst `share` of rows and on all others.

    Worst by `driver`, matched by its labels (a portfolio, a market), or by the mean return of the assets. A warning on
    what it shows: conditioning on bad rows of a driver alone lowers correlations of normal returns and changes those
    between driver-like assets most (Longin and Solnik, 2001), so compare like with like. `clustered` puts the assets of
    both in the order of the whole record.
    """
    if not 0.0 < share < 1.0:
        raise InputError(f"share: expected a number between 0 and 1; received {share}")
    table = table_of(returns)
    places = _order("stressed_correlations", stats.correlation_matrix(matrix_of(table)), order)
    table = table.iloc[:, places]
    if isinstance(driver, pd.Series):
        own = numbers("driver", driver.reindex(table.index))
    else:
        own = table.mean(axis=1).to_numpy() if driver is None else matched("driver", driver, len(table), None)
    worst = stats.stressed_rows(own, share)
    calm, stressed = correlations(table[~worst]), correlations(table[worst])
    return CalmAndStressed(calm, stressed, int(np.count_nonzero(~worst)), int(np.count_nonzero(worst)))


def _order(function: str, matrix: Floats, order: Order) -> Ints:
    if order not in get_args(Order):
        raise InputError(f"{function}: {unknown('order', order, get_args(Order))}")
    return np.arange(len(matrix)) if order == "given" else stats.cluster_order(matrix)
