"""Resampling a series in blocks, so that what follows from one bar to the next is kept.

A resample is a row of indices into the series: `stationary_rows` and `circular_starts` make them from a seed alone, so
that the same seed gives the same rows on any machine. Series have no gaps here: take the NaN out first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backtest.types import Bools, Floats, Ints

DRAWS = 1_000
"""Resamples unless asked otherwise: a p-value of 0.05 then has a standard error of 0.007."""


class BlockLength(NamedTuple):
    """The length of blocks in bars that makes the variance of a mean most accurate; at least 1."""

    stationary: float  # the mean of geometric lengths
    circular: float  # the fixed length, not yet rounded


class Resamples(NamedTuple):
    """`rows` `(B, n)` of each resample, and where in it a new block begins."""

    rows: Ints
    restart: Bools


class Chances(NamedTuple):
    """Chances `(B, n)` that a block ends before a place, and the row that another one would begin with there."""

    end: NDArray[np.float32]
    start: Ints

    def in_blocks(self, block: float) -> Resamples:
        """Return stationary bootstrap resamples with mean length `block`; the same chances serve several lengths."""
        from backtest.kernels.bootstrap import chain  # numba is loaded by those who resample, and by nobody else

        restart = self.end < 1.0 / max(block, 1.0)
        restart[:, 0] = True
        rows = np.empty(self.start.shape, np.int64)
        chain(restart, self.start, rows)
        return Resamples(rows, restart)


def block_length(values: Floats) -> BlockLength:
    """Return the automatic block length of a series `(n,)`: b = (2 ĝ² n / D)^⅓.

    ĝ = Σ λ(k/m)|k|R(k) and, with the flat-top lag window λ, D = 2ĥ² (stationary) or 4ĥ²/3 (circular), ĥ = Σ λ(k/m)R(k)
    over |k| ≤ m. m is twice the lag at which a run of five autocorrelations (log₁₀ n where that is more) within
    2√(log₁₀ n / n) begins, as the published programs have it (the paper's text: the lag before). At most 3√n and n/3;
    1 for a series that is too short or does not move.

    Politis and White (2004), "Automatic Block-Length Selection for the Dependent Bootstrap", as corrected by Patton,
    Politis and White (2009).
    """
    n = values.size
    if n < 8:
        return BlockLength(1.0, 1.0)
    unit = -int(np.frexp(np.abs(values).max())[1])  # a power of two, exactly: squares of small values would be 0
    covariance, correlation, run = _autocovariances(np.ldexp(values - values.mean(), unit))
    if not covariance[0] > 1e-24:
        return BlockLength(1.0, 1.0)
    m = _window(correlation, run, 2.0 * math.sqrt(math.log10(n) / n))
    lag = np.arange(1, m + 1)
    flat = np.where(lag / m <= 0.5, 1.0, 2.0 * (1.0 - lag / m))
    g = 2.0 * float(flat @ (lag * covariance[1 : m + 1]))
    h = float(covariance[0] + 2.0 * flat @ covariance[1 : m + 1])
    most = math.ceil(min(3.0 * math.sqrt(n), n / 3.0))
    if h == 0.0:
        return BlockLength(most, most)
    stationary, circular = (float(np.cbrt(2.0 * g * g * n / (share * h * h))) for share in (2.0, 4.0 / 3.0))
    return BlockLength(min(max(stationary, 1.0), most), min(max(circular, 1.0), most))


def stationary_rows(n: int, block: float, draws: int = DRAWS, seed: int = 0) -> Resamples:
    """Return resamples of the stationary bootstrap: blocks of geometric length with mean `block` that wrap around.

    Politis and Romano (1994), "The Stationary Bootstrap".
    """
    return chances(n, draws, seed).in_blocks(block)


def chances(n: int, draws: int = DRAWS, seed: int = 0) -> Chances:
    """Return what chance has to say in `draws` resamples of `n` rows, whatever the length of blocks."""
    rng = np.random.default_rng(seed)
    return Chances(rng.random((draws, n), dtype=np.float32), rng.integers(0, n, (draws, n)))


def circular_starts(n: int, block: int, draws: int = DRAWS, seed: int = 0) -> Ints:
    """Return the first rows of ⌊n / block⌋ blocks of each resample, `(B, l)`; blocks wrap around.

    Politis and Romano (1992), "A Circular Block-Resampling Procedure for Stationary Data".
    """
    return np.random.default_rng(seed).integers(0, n, (draws, max(n // block, 1)))


def row_counts(rows: Ints, n: int) -> Floats:
    """Return how often each of `n` rows is in each resample, `(B, n)`: a product with it makes all means at once."""
    from backtest.kernels.bootstrap import tally

    counts = np.zeros((len(rows), n))
    tally(rows, counts)
    return counts


def bootstrap(
    values: Floats,
    statistic: Callable[[Floats], float],
    draws: int = DRAWS,
    block: float | None = None,
    seed: int = 0,
) -> Floats:
    """Return any statistic of each resample of `values` `(n,)` or `(n, K)`, rows kept together; `(B,)`.

    The length of blocks is chosen by the first column (`block_length`) unless it is given. Quantiles of what comes back
    are a percentile interval, Efron (1979); it is right where the statistic has little bias and skew.
    """
    chosen = block_length(values if values.ndim == 1 else values[:, 0]).stationary if block is None else block
    rows = stationary_rows(len(values), chosen, draws, seed).rows
    return np.array([statistic(values[each]) for each in rows])


def _autocovariances(apart: Floats) -> tuple[Floats, Floats, int]:
    """Return autocovariances over n, autocorrelations over the parts that overlap, and the run of lags to be quiet."""
    n = apart.size
    run = max(5, int(math.log10(n)))
    most = min(math.ceil(math.sqrt(n)) + run, n - 2)
    product = np.array([apart[k:] @ apart[: n - k] for k in range(most + 1)])
    lag, before = np.arange(most + 1), np.cumsum(apart * apart)
    late, early = before[-1] - before[lag], before[n - 2 - lag]  # sums of squares over the parts that overlap
    scale = np.sqrt(np.maximum(late * early, 0.0))
    return product / n, np.abs(np.divide(product, scale, out=np.zeros_like(scale), where=scale > 0.0)), run


def _window(correlation: Floats, run: int, bound: float) -> int:
    """Return m: twice the lag at which `run` insignificant ones begin, or all lags when none do."""
    most = correlation.size - 1
    quiet = correlation < bound
    for first in range(1, most - run + 1):
        if quiet[first : first + run].all():
            return min(2 * first, most)
    return most
