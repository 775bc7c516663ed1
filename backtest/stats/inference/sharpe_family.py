"""Which of many Sharpe ratios differ? All pairs in one resample, so that what they share is allowed for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from backtest.stats.bootstrap import block_length, circular_starts
from backtest.stats.inference.difference import ESTIMATED
from backtest.stats.inference.hac import long_run_variance
from backtest.stats.inference.sharpe import sharpe_influence
from backtest.stats.ratios import deviation
from backtest.types import Bools, Floats, Ints

DRAWS = 2_000
FEWEST = 20
"""Rows below which nothing is tested."""

FEWEST_BLOCKS = 25
"""Blocks of a resample, at least: the error that they give it needs so many."""

ALIKE = 1e-9
"""Deviation of the difference of influences below which two series are the same up to scale."""


@dataclass(frozen=True)
class SharpeFamily:
    """P = K(K − 1)/2 pairs `(P, 2)` of columns, and for each its test `(P,)`; NaN where a pair has none.

    `difference` is the first ratio less the second, per period, `error` its standard error, `low` and `high` the
    symmetric interval of this pair alone. `p_value` is of both ratios being equal, `adjusted` is told how many pairs
    there are. `block` is the length of blocks in bars.
    """

    pairs: Ints
    difference: Floats
    error: Floats
    low: Floats
    high: Floats
    p_value: Floats
    adjusted: Floats
    block: int


def sharpe_family(
    excess: Floats, level: float = 0.95, draws: int = DRAWS, block: int | None = None, seed: int = 0
) -> SharpeFamily:
    """Test each pair of columns of excess returns `(T, K)`, no gaps, for equal Sharpe ratios.

    Each pair's statistic is that of Ledoit and Wolf (2008), |S₁ − S₂| / s, and so is each resampled one, with the error
    that the resample's own circular blocks give it; see `sharpe_difference`. All columns of a resample are of the same
    rows. Adjusted p-values by step-down over the largest resampled statistic among a pair and those below it: Romano
    and Wolf (2005), "Stepwise Multiple Testing as Formalized Data Snooping"; (2016), "Efficient Computation of Adjusted
    p-Values". At or below α they make one false claim with at most that probability. The block is the longest that any
    pair asks for (`block_length`), but leaves 25 of them. A column without variance, and two that are the same up to
    scale, have no test.
    """
    n, k = excess.shape
    pairs = np.array(list(combinations(range(k), 2)), np.int64).reshape(-1, 2)
    moving = np.array([deviation(column) > 0.0 for column in excess.T]) & (n >= FEWEST)
    influence = np.zeros_like(excess)
    for column in np.flatnonzero(moving):
        influence[:, column] = sharpe_influence(excess[:, column])
    apart = [influence[:, i] - influence[:, j] for i, j in pairs]
    tested = np.array([bool(moving[p].all() and deviation(a) > ALIKE) for p, a in zip(pairs, apart, strict=True)], bool)
    chosen = np.flatnonzero(tested)
    if not chosen.size:
        return _undefined(pairs)
    length = _block(n, [apart[place] for place in chosen]) if block is None else block
    long_run = [long_run_variance(apart[place], "quadratic_spectral") for place in chosen]
    error = np.sqrt(np.array(long_run) / (n - ESTIMATED))
    ratio = np.where(moving, excess.mean(axis=0) / np.where(moving, excess.std(axis=0, ddof=1), 1.0), np.nan)
    difference = ratio[pairs[chosen, 0]] - ratio[pairs[chosen, 1]]
    resampled = _resampled(excess, moving, pairs[chosen], circular_starts(n, length, draws, seed), length)
    return _told(pairs, chosen, difference, error, resampled, level, length)


def _block(n: int, apart: list[Floats]) -> int:
    longest = max(math.ceil(block_length(each).circular) for each in apart)
    return max(min(longest, n // FEWEST_BLOCKS), 1)


def _resampled(excess: Floats, moving: Bools, pairs: Ints, starts: Ints, block: int) -> Floats:
    """Return d* of each resample and pair, `(B, P)`; a resample in which a column has no variance is left out.

    Sums over blocks are differences of running sums, so that a resample costs its blocks and not its rows.
    """
    from backtest.kernels.bootstrap import sharpe_gaps  # numba is loaded by those who resample, and by nobody else

    scale = np.where(moving, excess.std(axis=0), 1.0)
    x = np.ascontiguousarray((excess - excess.mean(axis=0)) / scale)
    centre = excess.mean(axis=0) / scale
    once = np.concatenate((x, x[: block - 1]))
    first, second = (np.vstack((np.zeros(x.shape[1]), np.cumsum(each, axis=0))) for each in (once, once * once))
    gaps = np.empty((len(starts), len(pairs)))
    sharpe_gaps(first, second, starts, block, centre, moving, pairs, np.empty((4, x.shape[1])), gaps)
    known: Floats = gaps[~np.isnan(gaps[:, 0])]
    return known


def _told(
    pairs: Ints, chosen: Ints, difference: Floats, error: Floats, resampled: Floats, level: float, block: int
) -> SharpeFamily:
    """Put p-values and intervals of the tested pairs into arrays of all."""
    t = np.abs(difference) / error
    p_value = (1.0 + (resampled >= t).sum(axis=0)) / (1.0 + len(resampled))
    reach = np.quantile(resampled, level, axis=0, method="inverted_cdf") * error if len(resampled) else np.nan * error
    order = np.argsort(-t, kind="stable")
    largest = np.maximum.accumulate(resampled[:, order[::-1]], axis=1)[:, ::-1]
    share = (1.0 + (largest >= t[order]).sum(axis=0)) / (1.0 + len(resampled))
    adjusted = np.empty_like(t)
    adjusted[order] = np.maximum.accumulate(share)
    told = np.full((6, len(pairs)), np.nan)
    told[:, chosen] = difference, error, difference - reach, difference + reach, p_value, adjusted
    return SharpeFamily(pairs, told[0], told[1], told[2], told[3], told[4], told[5], block)


def _undefined(pairs: Ints) -> SharpeFamily:
    none = np.full(len(pairs), np.nan)
    return SharpeFamily(pairs, none, none, none, none, none, none, 0)
