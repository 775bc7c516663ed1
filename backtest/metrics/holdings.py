"""What a run held, asset by asset: how much, how risky, and how alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backtest import stats
from backtest.errors import InputError
from backtest.metrics.attribution.groups import sectors
from backtest.metrics.ledger import Outcome, returns_of
from backtest.metrics.portfolio import run_risk
from backtest.types import Floats, Ints

MOST_CORRELATED = 60
"""Assets in the correlation matrix that a run keeps: more can be neither read nor drawn."""

ROWS = 2_048
"""Bars whose weights are added up together, counted from the first, so that a stream gives the same bits."""


def assets_table(result: Outcome) -> pd.DataFrame:
    """Return one row an asset of the market, in its order; this is `assets.parquet`.

    Columns: symbol; group (sector, None where it has none); average_weight (mean of |w| over all bars, 0 after a ruin);
    weight (at the last mark; 0 where not held); and of the assets held then, NaN for others, as `run_risk` has them and
    per bar: volatility, marginal, contribution (adds up to the deviation of the portfolio), share (adds up to 1),
    marginal_var and component_var (Gaussian, 95 %).
    """
    symbols = [str(symbol) for symbol in result.market.symbols]
    risk = run_risk(result).reindex(symbols)
    frame = risk.assign(
        symbol=symbols, group=_groups(result), average_weight=average_weights(result), weight=risk["weight"].fillna(0.0)
    )
    first = ["symbol", "group", "average_weight", "weight"]
    return frame[[*first, *risk.columns.drop("weight")]].reset_index(drop=True)


def held_correlations(result: Outcome, most: int = MOST_CORRELATED) -> pd.DataFrame:
    """Return the correlation matrix of the assets a run ever held, alike ones side by side.

    Of more than `most`, those with the largest average size of weight. Pearson, of the returns of the run's bars, each
    pair over its common ones; NaN for a pair without any, or with a flat side. In the order of `correlations`.
    """
    if most < 1:
        raise InputError(f"most: expected at least 1 asset; received {most}")
    held = _largest(average_weights(result), most)
    matrix = stats.correlation_matrix(returns_of(result, held))
    places = stats.cluster_order(matrix)
    names = [str(symbol) for symbol in result.market.symbols[held[places]]]
    return pd.DataFrame(matrix[np.ix_(places, places)], index=names, columns=names)


def average_weights(result: Outcome) -> Floats:
    """Return the mean size of each asset's closing weight, `(N,)`; a bar after the ruin counts as none."""
    weights, rows, total = result.weights(), result.equity.size, np.zeros(result.market.n_assets)
    for low in range(0, rows, ROWS):
        total += np.abs(np.nan_to_num(np.asarray(weights[low : min(low + ROWS, rows)]), nan=0.0)).sum(axis=0)
    return total / rows


def _largest(weight: Floats, most: int) -> Ints:
    """Return the assets with the largest weight, in the order of the market."""
    order = np.argsort(-weight, kind="stable")[:most]
    return np.sort(order[weight[order] > 0.0])


def _groups(result: Outcome) -> pd.Series:
    """Return the sector of each symbol as text, None where it has none."""
    symbols, groups = [str(symbol) for symbol in result.market.symbols], sectors(result)
    names = [None if groups is None else groups.label(asset) for asset in range(len(symbols))]
    return pd.Series(names, index=symbols, dtype=object)
