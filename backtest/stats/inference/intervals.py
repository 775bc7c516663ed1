"""Intervals of the headline numbers."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from backtest.stats.bootstrap import DRAWS, Resamples, chances
from backtest.stats.inference.histories import RESAMPLED, histories
from backtest.stats.inference.influence import (
    ESTIMATED,
    FEWEST,
    SPREAD,
    Blocks,
    blocks_of,
    errors_of,
    influences,
    log_growth,
)
from backtest.stats.inference.interval import UNDEFINED, Interval
from backtest.stats.inference.spread import Bounds, spread_bounds
from backtest.stats.ratios import deviation
from backtest.stats.tails import expected_shortfall
from backtest.types import Floats

STUDENTISED = ("annual_return", "sharpe", "sortino")
"""Numbers of the mean, whose bounds are symmetric."""


class Headline(NamedTuple):
    """Intervals by key, and the mean lengths of the blocks in bars."""

    intervals: dict[str, Interval]
    blocks: Blocks


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

    Annual return, Sharpe and Sortino are studentised: θ̂ ± s q, where q is the `level` quantile of |θ* − θ̂| / s* over
    stationary bootstrap resamples. s² is the long-run variance of the influence of each bar over n (`errors_of`); s*²
    comes from the sums over the resample's own blocks. Returns are so treated as mean log return, and mapped back. The
    block is the longest that their influence series ask for (`blocks_of`). Volatility and shortfall: resamples with
    storms of their own, `spread_bounds`. Drawdown and Calmar ratio: the range of resamples, no interval of a parameter,
    `histories`. Politis and Romano (1994); Hall (1992), "The Bootstrap and Edgeworth Expansion"; Götze and Künsch
    (1996); Ledoit and Wolf (2008).
    """
    seen = returns[~np.isnan(returns)]
    n = seen.size
    if n < FEWEST or deviation(seen) == 0.0:
        return Headline(dict.fromkeys((*ESTIMATED, *RESAMPLED), UNDEFINED), Blocks(math.nan, math.nan))
    influence = influences(seen - risk_free, seen, tail)
    blocks = blocks_of(influence) if block is None else Blocks(block, block)
    error = dict(zip(ESTIMATED, errors_of(influence, blocks), strict=True))
    compounding = n / years if years is not None else periods_per_year
    drawn = chances(n, draws, seed)
    centre, values, errors = _resampled(seen, risk_free, drawn.in_blocks(blocks.mean))
    own = np.array([error[key] for key in STUDENTISED])
    reach = own * _reach(values, centre, errors, level)
    found = _studentised(centre, own, reach, compounding, periods_per_year)
    bounds = spread_bounds(seen, drawn, level, tail, block, seed)
    found |= _spread(seen, tail, error, dict(zip(SPREAD, bounds, strict=True)), periods_per_year)
    found |= histories(seen, compounding, blocks.longest, level, draws, seed)
    return Headline({key: found[key] for key in (*ESTIMATED, *RESAMPLED)}, blocks)


def _resampled(seen: Floats, risk_free: float, resamples: Resamples) -> tuple[Floats, Floats, Floats]:
    """Return the numbers of the series itself `(3,)`, of each resample `(B, 3)`, and the errors of these `(B, 3)`."""
    from backtest.kernels.headline import headline as compute

    n, draws = seen.size, len(resamples.rows)
    excess, log = seen - risk_free, log_growth(seen)
    itself, values, errors = np.empty((1, 3)), np.empty((draws, 3)), np.empty((draws, 3))
    whole, unbroken = np.arange(n)[None, :].copy(), np.zeros((1, n), np.bool_)
    compute(excess, log, whole, unbroken, itself, np.empty((1, 3)))
    compute(excess, log, *resamples, values, errors)
    return itself[0], values, errors


def _reach(values: Floats, centre: Floats, errors: Floats, level: float) -> Floats:
    """Return the quantile of the studentised deviations of each column; undefined ones are the farthest, NaN if it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(values - centre) / errors
    t[np.isnan(t)] = np.inf
    found = np.quantile(t, level, axis=0, method="inverted_cdf")
    return np.asarray(np.where(np.isfinite(found), found, np.nan))


def _studentised(
    centre: Floats, error: Floats, reach: Floats, compounding: float, per_year: float
) -> dict[str, Interval]:
    """Turn numbers per bar into annual ones: bounds are mapped, errors follow by the delta method."""
    root = math.sqrt(per_year)
    growth, *ratios = ([centre[k], centre[k] - reach[k], centre[k] + reach[k]] for k in range(reach.size))
    with np.errstate(over="ignore"):
        annual = [np.expm1(compounding * each) for each in growth]
    shown = (annual, *([root * each for each in ratio] for ratio in ratios))
    slopes = ((1.0 + annual[0]) * compounding, root, root)
    return {
        key: _interval(value, slope * own, Bounds(low, high))
        for key, (value, low, high), slope, own in zip(STUDENTISED, shown, slopes, error, strict=True)
    }


def _spread(
    seen: Floats, tail: float, error: dict[str, float], bounds: dict[str, Bounds], per_year: float
) -> dict[str, Interval]:
    """Return volatility a year, and the shortfall of a bar."""
    volatility = math.sqrt(per_year) * deviation(seen)
    annual = Bounds(*(math.sqrt(per_year) * math.exp(each) for each in bounds["volatility"]))
    shortfall = expected_shortfall(seen, 1.0 - tail)
    return {
        "volatility": _interval(volatility, volatility * error["volatility"], annual),
        "expected_shortfall": _interval(shortfall, error["expected_shortfall"], bounds["expected_shortfall"]),
    }


def _interval(value: float, error: float, bounds: Bounds) -> Interval:
    known = math.isfinite(value) and math.isfinite(error) and not any(map(math.isnan, bounds))
    return Interval(float(value), *(float(error), *map(float, bounds)) if known else (math.nan,) * 3)
