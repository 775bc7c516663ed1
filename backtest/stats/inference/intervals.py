"""Bootstrap intervals of the headline numbers, all from the same resamples."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from backtest.stats.bootstrap import DRAWS, Resamples, block_length, stationary_rows
from backtest.stats.inference.hac import Window, long_run_variance
from backtest.stats.ratios import deviation
from backtest.types import Floats

STUDENTISED = ("annual_return", "volatility", "sharpe", "sortino", "expected_shortfall")
RESAMPLED = ("max_drawdown", "calmar")
FEWEST = 20
"""Observations below which there is no interval."""


class Interval(NamedTuple):
    """An estimate, its standard error and the bounds; NaN where undefined."""

    value: float
    error: float
    low: float
    high: float


UNDEFINED = Interval(math.nan, math.nan, math.nan, math.nan)


class Headline(NamedTuple):
    """Intervals by key, and the mean length of the blocks in bars."""

    intervals: dict[str, Interval]
    block: float


def headline(
    returns: Floats,
    periods_per_year: float,
    years: float | None = None,
    risk_free: float = 0.0,
    level: float = 0.95,
    tail: float = 0.05,
    draws: int = DRAWS,
    block: float | None = None,
    seed: int = 0,
) -> Headline:
    """Return intervals of annual return, volatility, Sharpe, Sortino, shortfall, deepest drawdown and Calmar ratio.

    `risk_free` is a rate per bar, taken off in the ratios; `tail` the share of bars in the shortfall. NaN returns are
    left out; annual returns are over `years`, by default observations / `periods_per_year`.

    The first five are studentised: θ̂ ± s q, where q is the `level` quantile of |θ* − θ̂| / s* over stationary bootstrap
    resamples. s² is the long-run variance of the influence of each bar over n, the larger of the `resampled` and the
    `quadratic_spectral` one; s*² comes from the sums over the resample's own blocks. Return and volatility are so
    treated as mean log return and log deviation, and mapped back. The block is the longest that any influence series
    asks for (`block_length`), and at least √n / 2: volatility clusters for longer than that rule sees (measured in
    docs/inference.md). The drawdown and the Calmar ratio are plain quantiles of the resamples: what other
    histories of the same bars would have shown, no interval of a parameter. Politis and Romano (1994); Hall (1992),
    "The Bootstrap and Edgeworth Expansion"; Götze and Künsch (1996); Ledoit and Wolf (2008).
    """
    seen = returns[~np.isnan(returns)]
    n = seen.size
    if n < FEWEST or deviation(seen) == 0.0:
        return Headline(dict.fromkeys((*STUDENTISED, *RESAMPLED), UNDEFINED), math.nan)
    influence = influences(seen - risk_free, seen, tail)
    known = influence[np.isfinite(influence).all(axis=1)]
    length = max(0.5 * math.sqrt(n), *(block_length(each).stationary for each in known)) if block is None else block
    scale = np.array([tail, n / years if years is not None else periods_per_year, risk_free])
    centre, values, errors = _resampled(seen, risk_free, scale, stationary_rows(n, length, draws, seed))
    own = np.array([_error(each, length) for each in influence])
    reach = own * _reach(values[:, : own.size], centre[: own.size], errors, level)
    found = _mapped(centre, own, reach, float(scale[1]), periods_per_year)
    for k, key in enumerate(RESAMPLED, own.size):
        found[key] = _quantiles(float(centre[k]), values[:, k], level)
    return Headline(found, float(length))


def _resampled(seen: Floats, risk_free: float, scale: Floats, resamples: Resamples) -> tuple[Floats, Floats, Floats]:
    """Return the numbers of the series itself `(7,)`, of each resample `(B, 7)`, and the errors of these `(B, 5)`."""
    from backtest.kernels.headline import headline as compute

    rows, restart = resamples
    n, draws = seen.size, len(rows)
    excess = seen - risk_free
    rank = np.empty(n, np.int64)
    rank[np.argsort(excess, kind="stable")] = np.arange(n)
    log = _log(seen)
    itself, values, errors = np.empty((1, 7)), np.empty((draws, 7)), np.empty((draws, 5))
    whole = np.arange(n)[None, :].copy()
    compute(excess, log, rank, whole, np.zeros((1, n), np.bool_), scale, itself, np.empty((1, 5)))
    compute(excess, log, rank, rows, restart, scale, values, errors)
    return itself[0], values, errors


def _error(influence: Floats, block: float) -> float:
    """Return the standard error of a mean of influences; NaN where they are not defined."""
    if not np.isfinite(influence).all():
        return math.nan
    windows: tuple[Window, ...] = ("resampled", "quadratic_spectral")
    variance = max(long_run_variance(influence, each, block if each == "resampled" else None) for each in windows)
    return math.sqrt(max(variance, 0.0) / influence.size)


def _reach(values: Floats, centre: Floats, errors: Floats, level: float) -> Floats:
    """Return the quantile of the studentised deviations of each column; undefined ones count as farthest."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(values - centre) / errors
    t[np.isnan(t)] = np.inf
    return np.asarray(np.quantile(t, level, axis=0, method="inverted_cdf"))


def _mapped(centre: Floats, error: Floats, reach: Floats, compounding: float, per_year: float) -> dict[str, Interval]:
    """Turn numbers per bar into annual ones: bounds are mapped, errors follow by the delta method."""
    root = math.sqrt(per_year)
    low, high = centre[: reach.size] - reach, centre[: reach.size] + reach
    with np.errstate(over="ignore"):
        annual = [np.expm1(compounding * each[0]) for each in (centre, low, high)]
        spread = [root * np.exp(each[1]) for each in (centre, low, high)]
    slopes = ((1.0 + annual[0]) * compounding, spread[0], root, root, 1.0)
    shown = (annual, spread, *([slopes[k] * each[k] for each in (centre, low, high)] for k in (2, 3, 4)))
    return {
        key: _interval(value, slope * own, lower, upper)
        for key, (value, lower, upper), slope, own in zip(STUDENTISED, shown, slopes, error, strict=True)
    }


def _quantiles(value: float, resampled: Floats, level: float) -> Interval:
    usable = resampled[np.isfinite(resampled)]
    if usable.size < 0.5 * resampled.size or not math.isfinite(value):
        return Interval(value, math.nan, math.nan, math.nan)
    low, high = np.quantile(usable, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(value, float(usable.std(ddof=1)), float(low), float(high))


def _interval(value: float, error: float, low: float, high: float) -> Interval:
    known = all(map(math.isfinite, (value, error, low, high)))
    return Interval(float(value), *(float(error), float(low), float(high)) if known else (math.nan,) * 3)


def _log(returns: Floats) -> Floats:
    """Return ln(1 + r), −∞ where everything or more was lost."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log1p(np.maximum(returns, -1.0)))


def influences(excess: Floats, returns: Floats, tail: float = 0.05) -> Floats:
    """Return what each bar adds to the five studentised numbers, to first order, `(5, n)`; each row has mean zero.

    Of mean log return, log deviation, Sharpe and Sortino ratio, shortfall: log(1 + r) less its mean; (z² − 1)/2;
    z − S(z² − 1)/2; (x − x̄)/D − S(min(x, 0)²/D² − 1)/2 with D the downside deviation; min(x − q, 0)/α + q − ES with q
    the α quantile. NaN where there is no variance or no loss.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        log = _log(returns)
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
