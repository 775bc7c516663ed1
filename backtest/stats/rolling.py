"""Numbers over a moving window of `window` bars that ends at each bar, `(R,)`; NaN until the first window is full.

Returns that are NaN are no observations inside their window. Windows are worked on in blocks, each one computed afresh:
running sums would leave rounding behind in which a quiet window shows a volatility of 1e-10 instead of none.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backtest.stats.ratios import NO_SPREAD
from backtest.types import Floats

BLOCK = 1_000_000
"""Numbers worked on at once: 8 MB a temporary array."""


def rolling_return(returns: Floats, window: int) -> Floats:
    """Return the compound return of each window, not annualised. A NaN counts as no change; NaN without any return."""

    def growth(w: Floats) -> Floats:
        whole = np.prod(1.0 + np.nan_to_num(w, nan=0.0), axis=1) - 1.0
        return np.where(np.isnan(w).all(axis=1), np.nan, whole)

    return _rolled(growth, window, returns)


def rolling_volatility(returns: Floats, window: int, periods_per_year: float) -> Floats:
    """Return the annualised sample deviation (ddof = 1) of each window."""
    return _rolled(lambda w: _moments(w)[1] * math.sqrt(periods_per_year), window, returns)


def rolling_sharpe(returns: Floats, window: int, periods_per_year: float, risk_free: float | Floats = 0.0) -> Floats:
    """Return the Sharpe ratio of each window, as `sharpe` has it; NaN for a window without risk."""

    def ratio(w: Floats) -> Floats:
        mean, spread = _moments(w)
        return np.asarray(mean / np.where(spread > 0.0, spread, np.nan) * math.sqrt(periods_per_year))

    return _rolled(ratio, window, returns - risk_free)


def rolling_beta(returns: Floats, benchmark: Floats, window: int) -> Floats:
    """Return the slope of the returns on the benchmark's in each window, over the bars that both have."""
    return _rolled(lambda a, b: _comoments(a, b)[0], window, returns, benchmark)


def rolling_correlation(returns: Floats, benchmark: Floats, window: int) -> Floats:
    """Return Pearson's correlation in each window, over the bars that both have; NaN when either is flat."""
    return _rolled(lambda a, b: _comoments(a, b)[1], window, returns, benchmark)


def rolling_quantile(returns: Floats, window: int, share: float) -> Floats:
    """Return the linear quantile (type 7) of each window; NaN for a window with a gap."""
    return _rolled(lambda w: np.quantile(w, share, axis=1), window, returns)


def _rolled(how: Callable[..., Floats], window: int, *series: Floats) -> Floats:
    """Apply `how` to windows `(B, window)` of each series, block by block."""
    size = series[0].size
    out = np.full(size, np.nan)
    if window > size:
        return out
    views = [sliding_window_view(each, window) for each in series]
    step = max(BLOCK // window, 1)
    for start in range(0, size - window + 1, step):
        block = [view[start : start + step] for view in views]
        out[window - 1 + start : window - 1 + start + len(block[0])] = how(*block)
    return out


def _moments(w: Floats) -> tuple[Floats, Floats]:
    """Return mean and sample deviation of each row; a deviation of mere rounding is 0, of under two numbers NaN."""
    seen = ~np.isnan(w)
    count = seen.sum(axis=1)
    known = np.where(seen, w, 0.0)
    mean = known.sum(axis=1) / np.where(count > 0, count, np.nan)
    centred = np.where(seen, w - mean[:, None], 0.0)
    square = np.einsum("ij,ij->i", centred, centred) / np.where(count > 1, count - 1, np.nan)
    spread = np.sqrt(square)
    return mean, np.where(spread <= NO_SPREAD * np.abs(known).max(axis=1), 0.0, spread)


def _comoments(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return slope of a on b and correlation of each row; NaN where what they divide by is flat."""
    gap = np.isnan(a) | np.isnan(b)
    a, b = np.where(gap, np.nan, a), np.where(gap, np.nan, b)
    (mean_a, spread_a), (mean_b, spread_b) = _moments(a), _moments(b)
    centred_a, centred_b = (np.where(gap, 0.0, w - m[:, None]) for w, m in ((a, mean_a), (b, mean_b)))
    count = (~gap).sum(axis=1)
    product = np.einsum("ij,ij->i", centred_a, centred_b) / np.where(count > 1, count - 1, np.nan)
    spread_a, spread_b = (np.where(spread > 0.0, spread, np.nan) for spread in (spread_a, spread_b))
    return product / spread_b**2, product / (spread_a * spread_b)
