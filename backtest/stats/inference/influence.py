"""What each bar adds to a headline number, to first order, and the standard errors that follow without a resample."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from backtest.stats.bootstrap import block_length
from backtest.stats.inference.hac import Window, long_run_variance
from backtest.stats.ratios import deviation
from backtest.types import Floats

ESTIMATED = ("annual_return", "volatility", "sharpe", "sortino", "expected_shortfall")
"""Numbers that are estimates of a parameter, in the order of `influences`."""
SPREAD = ("volatility", "expected_shortfall")
"""Those that say how widely returns spread."""
IS_SPREAD = np.array([key in SPREAD for key in ESTIMATED])
FEWEST = 20
"""Observations below which there is neither error nor interval."""


class Blocks(NamedTuple):
    """Mean lengths of blocks in bars: those that numbers of the mean ask for, and those that any number asks for."""

    mean: float
    longest: float


class StandardErrors(NamedTuple):
    """Standard errors by key, NaN where undefined, and the lengths of blocks that they go by."""

    errors: dict[str, float]
    blocks: Blocks


def influences(excess: Floats, returns: Floats, tail: float = 0.05) -> Floats:
    """Return what each bar adds to the five numbers of `ESTIMATED`, to first order, `(5, n)`; each row has mean zero.

    Of mean log return, log deviation, Sharpe and Sortino ratio, shortfall: log(1 + r) less its mean; (z² − 1)/2;
    z − S(z² − 1)/2; (x − x̄)/D − S(min(x, 0)²/D² − 1)/2 with D the downside deviation; min(x − q, 0)/α + q − ES with q
    the α quantile. NaN where there is no variance or no loss.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        log = log_growth(returns)
        apart, low = excess - excess.mean(), np.minimum(excess, 0.0)
        spread, downside = excess.std(ddof=1), np.sqrt(np.mean(low * low))
        over = apart * apart / excess.var() - 1.0
        edge = np.quantile(excess, tail)
        shortfall = np.minimum(excess - edge, 0.0) / tail
        rows = (
            log - log.mean(),
            0.5 * over,
            apart / spread - 0.5 * excess.mean() / spread * over,
            apart / downside - 0.5 * excess.mean() / downside * (low * low / downside**2 - 1.0),
            shortfall - shortfall.mean(),
        )
    return np.array(rows)


def standard_errors(
    returns: Floats, periods_per_year: float, years: float | None = None, risk_free: float = 0.0, tail: float = 0.05
) -> StandardErrors:
    """Return the standard errors of the first five numbers of `headline`, the same ones, without any resample.

    A matter of milliseconds, and nothing is compiled. NaN with fewer than 20 observations or a constant series.
    """
    seen = returns[~np.isnan(returns)]
    n = seen.size
    if n < FEWEST or deviation(seen) == 0.0:
        return StandardErrors(dict.fromkeys(ESTIMATED, math.nan), Blocks(math.nan, math.nan))
    influence = influences(seen - risk_free, seen, tail)
    compounding, root = n / years if years is not None else periods_per_year, math.sqrt(periods_per_year)
    with np.errstate(over="ignore"):
        growth = np.exp(compounding * log_growth(seen).mean())
    slopes = np.array([growth * compounding, root * deviation(seen), root, root, 1.0])
    blocks = blocks_of(influence)
    found = slopes * errors_of(influence, blocks)
    known = np.where(np.isfinite(found), found, np.nan)
    return StandardErrors(dict(zip(ESTIMATED, known.tolist(), strict=True)), blocks)


def blocks_of(influence: Floats) -> Blocks:
    """Return the longest mean blocks that influence series ask for, at least √n / 2.

    How widely returns spread hangs on storms, which last; a mean does not. With the blocks of the spread, intervals of
    the annual return held it in 98 % of records that switch between calm and storm, with its own in 96.
    """
    mean, spread = (_longest(influence[rows]) for rows in (~IS_SPREAD, IS_SPREAD))
    return Blocks(mean, max(mean, spread))


def _longest(influence: Floats) -> float:
    known = influence[np.isfinite(influence).all(axis=1)]
    return max(0.5 * math.sqrt(influence.shape[1]), *(block_length(each).stationary for each in known))


def errors_of(influence: Floats, blocks: Blocks) -> Floats:
    """Return the standard error of the mean of each row of influences."""
    lengths = np.where(IS_SPREAD, blocks.longest, blocks.mean)
    return np.array([_error(each, block) for each, block in zip(influence, lengths.tolist(), strict=True)])


def _error(influence: Floats, block: float) -> float:
    """Return the standard error of a mean of influences; NaN where they are not defined."""
    if not np.isfinite(influence).all():
        return math.nan
    windows: tuple[Window, ...] = ("resampled", "quadratic_spectral")
    variance = max(long_run_variance(influence, each, block if each == "resampled" else None) for each in windows)
    return math.sqrt(max(variance, 0.0) / influence.size)


def log_growth(returns: Floats) -> Floats:
    """Return ln(1 + r), −∞ where everything or more was lost."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(np.maximum(returns, -1.0)))
