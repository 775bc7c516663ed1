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
        rows = returns[end - window : end]
        out[end - 1] = mean_correlation(correlation_matrix(rows)) if np.isnan(rows).any() else _mean_of_pairs(rows)
    return out


def _mean_of_pairs(returns: Floats) -> float:
    """Return the mean correlation without the matrix: standardised returns added up have the variance Σ ρᵢⱼ."""
    centred = returns - returns.mean(axis=0)
    square = np.einsum("ij,ij->j", centred, centred)
    moves = square > _rounding(returns) * (len(returns) - 1)
    n = int(np.count_nonzero(moves))
    if n < 2:
        return float("nan")
    together = (centred[:, moves] / np.sqrt(square[moves])).sum(axis=1)
    return float(together @ together - n) / (n * (n - 1))


def cluster_order(matrix: Floats) -> Ints:
    """Return the assets in an order that puts alike ones side by side: leaves of an average-linkage tree.

    Distance √((1 − ρ)/2), Mantegna (1999), "Hierarchical structure in financial markets"; NaN counts as uncorrelated.
    Where two clusters are joined, each is turned so that of the four pairs of ends the closest meet: Gruvaeus and
    Wainer (1972), "Two Additions to Hierarchical Cluster Analysis".
    """
    known = np.nan_to_num((matrix + matrix.T) / 2.0, nan=0.0)
    distance = np.sqrt(np.clip((1.0 - known) / 2.0, 0.0, 1.0))
    apart = distance.copy()
    np.fill_diagonal(apart, np.inf)
    leaves = [[i] for i in range(len(matrix))]
    for _ in range(len(matrix) - 1):
        i, j = sorted(divmod(int(np.argmin(apart)), len(matrix)))
        size, other = len(leaves[i]), len(leaves[j])
        mean = (size * apart[i] + other * apart[j]) / (size + other)
        apart[i], apart[:, i], apart[j], apart[:, j] = mean, mean, np.inf, np.inf
        apart[i, i] = np.inf
        leaves[i] = _joined(leaves[i], leaves[j], distance)
    return np.array(leaves[0] if leaves else [], dtype=np.int64)


def _joined(first: list[int], second: list[int], distance: Floats) -> list[int]:
    """Put one row of leaves behind the other, each in the direction in which the closest ends meet."""
    ways = [(a, b) for a in (first, first[::-1]) for b in (second, second[::-1])]
    a, b = min(ways, key=lambda way: float(distance[way[0][-1], way[1][0]]))
    return a + b


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
