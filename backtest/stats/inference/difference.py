"""Is one Sharpe ratio larger than another? The test of Ledoit and Wolf."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backtest.stats.bootstrap import DRAWS, block_length, circular_starts
from backtest.stats.inference.hac import long_run_variance
from backtest.stats.inference.sharpe import sharpe_influence
from backtest.stats.ratios import deviation
from backtest.stats.ratios import sharpe as sharpe_ratio
from backtest.types import Floats

ESTIMATED = 4
"""Moments behind a difference: two means and two second moments. The variance is over n less these."""


@dataclass(frozen=True)
class SharpeDifference:
    """First less second Sharpe ratio per period, with its symmetric studentised bootstrap interval and p-value.

    `p_value` is of both ratios being equal, two-sided. `block` is the length of blocks in bars, `n` the common bars.
    """

    difference: float
    error: float
    low: float
    high: float
    p_value: float
    block: int
    n: int


def sharpe_difference(
    first: Floats,
    second: Floats,
    level: float = 0.95,
    draws: int = DRAWS,
    block: int | None = None,
    seed: int = 0,
) -> SharpeDifference:
    """Test that two series of excess returns `(T,)` have the same Sharpe ratio; rows where either is NaN are left out.

    d = |S₁ − S₂| / s, s with a prewhitened quadratic-spectral window; each of `draws` circular block resamples gives
    d* = |(S₁ − S₂)* − (S₁ − S₂)| / s*, s* from the sums over its own blocks (Götze and Künsch, 1996). The p-value is
    (#{d* ≥ d} + 1) / (draws + 1), the interval S₁ − S₂ ± s × the `level` quantile of d*. Ledoit and Wolf (2008),
    "Robust performance hypothesis testing with the Sharpe ratio", remarks 3.1 and 3.2. They choose the block by a
    calibration; here it is the automatic length of the influence series, unless `block` gives it. Everything is NaN
    with fewer than ten common rows, without variance, or where both series are the same up to scale.
    """
    both = ~(np.isnan(first) | np.isnan(second))
    x, y = np.array(first[both]), np.array(second[both])
    n = x.size
    if n < 10 or not (deviation(x) > 0.0 and deviation(y) > 0.0):
        return _undefined(n)
    influence = sharpe_influence(x) - sharpe_influence(y)
    if not deviation(influence) > 1e-9:
        return _undefined(n)
    length = max(math.ceil(block_length(influence).circular), 1) if block is None else block
    error = math.sqrt(long_run_variance(influence, "quadratic_spectral") / (n - ESTIMATED))
    difference = sharpe_ratio(x, 1.0) - sharpe_ratio(y, 1.0)
    studentised = _studentised(x, y, length, draws, seed)
    reach = float(np.quantile(studentised, level)) * error
    above = int(np.count_nonzero(studentised >= abs(difference) / error))
    p_value = (above + 1.0) / (studentised.size + 1.0)
    return SharpeDifference(difference, error, difference - reach, difference + reach, p_value, length, n)


def _studentised(x: Floats, y: Floats, block: int, draws: int, seed: int) -> Floats:
    """Return d* of each resample, those without variance left out; moments over n as in the paper."""
    from backtest.kernels.bootstrap import sharpe_differences

    found, error = np.empty(draws), np.empty(draws)
    sharpe_differences(x, y, circular_starts(x.size, block, draws, seed), block, found, error)
    centre = float(x.mean() / x.std() - y.mean() / y.std())
    usable = error > 0.0
    return np.asarray(np.abs(found[usable] - centre) / error[usable])


def _undefined(n: int) -> SharpeDifference:
    return SharpeDifference(math.nan, math.nan, math.nan, math.nan, math.nan, 0, n)
