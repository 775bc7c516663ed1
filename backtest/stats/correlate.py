"""Correlation matrices `(N, N)` of returns `(T, N)`, with gaps: whole, over time, in order, and in bad times."""

from __future__ import annotations

import numpy as np

from backtest.stats.diversification import realised_covariance
from backtest.types import Bools, Floats, Ints


def correlation_matrix(returns: Floats) -> Floats:
    """Return Pearson's correlation of each pair over its common rows, each about its mean on those rows.

    NaN for a pair with fewer than two common rows or a flat side. With gaps the matrix may not be positive
    semidefinite.
    """
    seen = ~np.isnan(returns)
    if seen.all():
        covariance = realised_covariance(returns)
        variance = np.diag(covariance)
        scale = np.where(variance > _rounding(returns), np.sqrt(variance), np.nan)
        found = covariance / np.outer(scale, scale)
    else:
        found = _pairwise(returns, seen)
    return np.asarray(np.clip(found, -1.0, 1.0))


def mean_correlation(matrix: Floats) -> float:
    """Return the mean of the pairs of different assets, those that are NaN left out."""
    pairs = matrix[np.triu_indices(len(matrix), 1)]
    seen = pairs[~np.isnan(pairs)]
    return float(seen.mean()) if seen.size else float("nan")


def rolling_mean_correlation(returns: Floats, window: int) -> Floats:
    """Return the mean correlation of the pairs over a moving window that ends at each row, `(T,)`; NaN before."""
    out = np.full(len(returns), np.nan)
    for end in range(window, len(returns) + 1):
        out[end - 1] = mean_correlation(correlation_matrix(returns[end - window : end]))
    return out


def cluster_order(matrix: Floats) -> Ints:
    """Return the assets in an order that puts alike ones side by side: leaves of an average-linkage tree.

    Distance √((1 − ρ)/2), Mantegna (1999), "Hierarchical structure in financial markets"; NaN counts as uncorrelated.
    Leaves are ordered so that neighbours differ least: Bar-Joseph, Gifford and Jaakkola (2001).
    """
    if len(matrix) < 3:
        return np.arange(len(matrix))
    # Imported here: scipy takes a fifth of a second and nothing else in this package of numbers needs it.
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    known = np.nan_to_num((matrix + matrix.T) / 2.0, nan=0.0)
    distance = np.sqrt(np.clip((1.0 - known) / 2.0, 0.0, 1.0))
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average", optimal_ordering=True)
    return np.asarray(leaves_list(tree), dtype=np.int64)


def stressed_rows(driver: Floats, share: float = 0.1) -> Bools:
    """Return the rows on which `driver` `(T,)` is at or below its linear `share` quantile; a NaN is never stressed."""
    seen = driver[~np.isnan(driver)]
    if not seen.size:
        return np.zeros(driver.shape, np.bool_)
    return np.asarray(driver <= np.quantile(seen, share))


def _pairwise(returns: Floats, seen: Bools) -> Floats:
    """Centre each pair on its common rows by sums of products over the rows that both have."""
    whole = np.nanmean(np.where(seen.any(axis=0), returns, 0.0), axis=0)
    x, has = np.where(seen, returns - whole, 0.0), seen.astype(np.float64)
    count = has.T @ has
    n = np.where(count >= 2.0, count, np.nan)
    total, square = x.T @ has, (x * x).T @ has  # of the row's asset over the rows that the column's has too
    covariance = x.T @ x - total * total.T / n
    variance = square - total * total / n
    scale = np.where(variance > _rounding(returns)[:, None] * n, np.sqrt(np.maximum(variance, 0.0)), np.nan)
    return np.asarray(covariance / (scale * scale.T))


def _rounding(returns: Floats) -> Floats:
    """Return the variance below which a column only shows rounding."""
    largest = np.abs(np.nan_to_num(returns, nan=0.0)).max(axis=0, initial=0.0)
    return np.asarray((1e-10 * largest) ** 2)
