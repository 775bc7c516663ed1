"""How sure the headline numbers are. Ratios are annual here, as in `summary`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from backtest import stats
from backtest.errors import InputError
from backtest.metrics.inference.checks import choice, resampling, share
from backtest.metrics.metric import Metric, Unit, number
from backtest.metrics.series import Returns, Times, benchmark_of, track_of
from backtest.metrics.track import Track
from backtest.stats import inference
from backtest.stats.bootstrap import DRAWS
from backtest.stats.inference import ErrorOf, Interval
from backtest.stats.inference.line import line_intervals
from backtest.types import Floats

TAIL = 0.05
LABELS: dict[str, tuple[str, str, Unit]] = {
    "annual_return": ("annual_return", "Annual return", "fraction"),
    "volatility": ("volatility", "Volatility", "fraction"),
    "sharpe": ("sharpe", "Sharpe ratio", "ratio"),
    "sortino": ("sortino", "Sortino ratio", "ratio"),
    "expected_shortfall": ("es_95", "Expected shortfall, 95 %", "fraction"),
    "max_drawdown": ("max_drawdown", "Maximum drawdown", "fraction"),
    "calmar": ("calmar", "Calmar ratio", "ratio"),
}
"""Key and label of `summary`, and unit, of each interval."""

METHODS = {
    **dict.fromkeys(inference.STUDENTISED, "studentised stationary bootstrap, symmetric"),
    **dict.fromkeys(inference.SPREAD, "studentised bootstrap of GARCH residuals, each draw with storms of its own"),
    **dict.fromkeys(inference.RESAMPLED, "range of stationary bootstrap resamples, no interval of a parameter"),
}


@dataclass(frozen=True)
class Estimate:
    """A metric of `summary` with its standard error and interval; None where there is none, or no bound on that side.

    `metric.convention` says how the bounds were made: an interval of the parameter, or the range of resamples.
    """

    metric: Metric
    error: float | None
    low: float | None
    high: float | None
    level: float


def intervals(
    returns: Returns,
    benchmark: Returns | None = None,
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    block: float | None = None,
    seed: int = 0,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> list[Estimate]:
    """Put a standard error and an interval beside each headline number of `summary`.

    Annual return, Sharpe and Sortino: symmetric studentised stationary bootstrap. Volatility and expected shortfall:
    studentised paths with storms of their own, not symmetric; a short record may set no bound on one side, None there.
    Deepest drawdown and Calmar ratio: the range of resamples, which is what other histories of the same bars would have
    shown. Against a benchmark also information ratio and tracking error (bootstrap of the difference), alpha and beta
    (HAC). Formulas and sources: `backtest.stats.inference.headline` and `line_intervals`. Fewer than 20 observations,
    or a constant series, have no intervals. The same `seed` gives the same numbers.
    """
    share("level", level)
    resampling(draws, block)
    track = track_of(returns, risk_free, periods_per_year, times)
    found = _of_track(track, track.cash_rate, level, draws, block, seed)
    if benchmark is None:
        return found
    other = benchmark_of(track, returns, benchmark, times)
    return [*found, *_of_difference(track, other, level, draws, block, seed), *_of_line(track, other, level)]


def sharpe_error(
    returns: Returns,
    method: ErrorOf = "hac",
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> float:
    """Return the standard error of the annual Sharpe ratio: `normal`, `moments` or `hac`, see `stats.inference`.

    √periods × the error per bar: Lo (2002), Mertens (2002), Newey and West (1987). Unit: ratio.
    """
    choice("method", method, ErrorOf)
    track, excess = _excess(returns, risk_free, periods_per_year, times)
    return inference.sharpe_error(excess, method) * math.sqrt(track.periods.per_year)


def aggregated_sharpe(
    returns: Returns,
    periods: int | None = None,
    lags: int | None = None,
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> float:
    """Return the annual Sharpe ratio with Lo's η(q) in place of √q, which allows for dependence from bar to bar.

    q = `periods`, by default the bars in a year, rounded. For daily bars give `lags`, as 251 autocorrelations are
    mostly noise; the default takes all for up to 60 periods and otherwise Newey and West's number. Lo (2002). Unit:
    ratio.
    """
    track, excess = _excess(returns, risk_free, periods_per_year, times)
    if periods is None and not math.isfinite(track.periods.per_year):
        return math.nan
    q = max(round(track.periods.per_year), 1) if periods is None else periods
    seen = excess[~np.isnan(excess)]
    if lags is None and q > 60 and seen.size > 1:
        lags = inference.newey_west_lags(inference.autocovariances(seen))
    return stats.sharpe(excess, 1.0) * inference.aggregation_factor(excess, q, lags)


def probabilistic_sharpe(
    returns: Returns,
    threshold: float = 0.0,
    error: ErrorOf = "moments",
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> float:
    """Return the probability that the true annual Sharpe ratio is above `threshold`, itself annual.

    Bailey and López de Prado (2012) with `moments`; `hac` also allows for dependence. Unit: fraction.
    """
    choice("error", error, ErrorOf)
    track, excess = _excess(returns, risk_free, periods_per_year, times)
    spread = inference.sharpe_error(excess, error)
    return inference.exceedance(stats.sharpe(excess, 1.0), spread, per_bar("threshold", threshold, track))


def min_track_record_length(
    returns: Returns,
    threshold: float = 0.0,
    confidence: float = 0.95,
    *,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
) -> float:
    """Return the bars needed before the Sharpe ratio is above the annual `threshold` with `confidence`.

    Infinite when it is not above it now. Bailey and López de Prado (2012). Unit: count of bars.
    """
    share("confidence", confidence)
    track, excess = _excess(returns, risk_free, periods_per_year, times)
    seen = excess[~np.isnan(excess)]
    ratio = stats.sharpe(seen, 1.0)
    return inference.min_track_record_length(
        ratio, *inference.shape(seen), per_bar("threshold", threshold, track), confidence
    )


def per_bar(name: str, annual: float, track: Track) -> float:
    """Turn an annual Sharpe ratio into one per bar; 0 needs no clock."""
    if annual == 0.0:
        return 0.0
    if not track.periods.per_year > 0.0:
        raise InputError(f"{name}: an annual ratio needs times or periods_per_year; {track.periods.source}")
    return annual / math.sqrt(track.periods.per_year)


def _excess(returns: Returns, risk_free: float, periods_per_year: float | None, times: Times) -> tuple[Track, Floats]:
    track = track_of(returns, risk_free, periods_per_year, times)
    return track, track.returns - track.cash_rate


def _of_track(track: Track, cash: float, level: float, draws: int, block: float | None, seed: int) -> list[Estimate]:
    per_year = track.periods.per_year
    found = inference.headline(track.returns, per_year, track.years, cash, level, TAIL, draws, block, seed)
    return [
        _estimate(*LABELS[key], each, said_of(key, level, draws, found.blocks, seed), level)
        for key, each in found.intervals.items()
    ]


def said_of(key: str, level: float, draws: int, blocks: inference.Blocks, seed: int) -> str:
    """Say how the bounds of a number of `stats.inference.headline` are made."""
    block = blocks.longest if key in inference.RESAMPLED else blocks.mean
    long = "" if key in inference.SPREAD else f", blocks of {block:.1f} bars on average"
    return f"{level:.0%}: {METHODS[key]}; {draws:,} draws{long}, seed {seed}"


def _of_difference(
    track: Track, benchmark: Track, level: float, draws: int, block: float | None, seed: int
) -> list[Estimate]:
    active = replace(track, returns=track.returns - benchmark.returns)
    both = {each.metric.key: each for each in _of_track(active, 0.0, level, draws, block, seed)}
    return [
        replace(
            both["sharpe"], metric=replace(both["sharpe"].metric, key="information_ratio", label="Information ratio")
        ),
        replace(
            both["volatility"], metric=replace(both["volatility"].metric, key="tracking_error", label="Tracking error")
        ),
    ]


def _of_line(track: Track, benchmark: Track, level: float) -> list[Estimate]:
    cash, per_year = track.cash_rate, track.periods.per_year
    found = line_intervals(track.returns - cash, benchmark.returns - cash, level)
    said = f"{level:.0%}: normal, HAC errors (Newey–West or prewhitened quadratic spectral, the larger)"
    annual = Interval(*(per_year * each for each in found["alpha"]))
    return [
        _estimate("beta", "Beta", "ratio", found["beta"], said, level),
        _estimate("alpha", "Alpha", "fraction", annual, said, level),
    ]


def _estimate(key: str, label: str, unit: Unit, found: Interval, said: str, level: float) -> Estimate:
    metric = number(key, label, found.value, unit, said)
    bounds = [each if math.isfinite(each) else None for each in found[1:]]
    return Estimate(metric, bounds[0], bounds[1], bounds[2], level)
