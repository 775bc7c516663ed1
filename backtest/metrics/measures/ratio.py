"""Return per unit of risk. Ratios that divide an annual return are in excess of the annual risk-free rate."""

from __future__ import annotations

import math
from typing import Literal

from backtest import stats
from backtest.metrics.measure import solo
from backtest.metrics.track import Track
from backtest.stats.pain import Falls


@solo(
    "Sharpe ratio",
    "ratio",
    "mean(r − f) / s(r − f) · √n",
    "arithmetic mean excess over sample deviation (n − 1), {root}; {over}",
    "Sharpe (1994), The Sharpe Ratio",
)
def sharpe(track: Track) -> float:
    """Return the annualised Sharpe ratio; `periods_per_year=1` gives it per bar."""
    return stats.sharpe(track.returns, track.periods.per_year, track.cash_rate)


@solo(
    "Sortino ratio",
    "ratio",
    "mean(r − f) / √(Σ min(r − f, 0)² / n) · √n",
    "arithmetic mean excess over downside deviation (all n bars), {root}; {over}",
    "Sortino and van der Meer (1991); annualised as empyrical, quantstats and ffn do, PerformanceAnalytics does not",
)
def sortino(track: Track) -> float:
    """Return the annualised Sortino ratio; `periods_per_year=1` gives it per bar."""
    return stats.sortino(track.returns, track.periods.per_year, track.cash_rate)


@solo(
    "Calmar ratio",
    "ratio",
    "annual return / |deepest drawdown|",
    "annual return over the size of the deepest drawdown, whole period",
    "Young (1991), Calmar Ratio: A Smoother Tool; whole record instead of 36 months",
)
def calmar(track: Track) -> float:
    """Return the Calmar ratio, without a risk-free rate."""
    return stats.calmar(track.annual, track.fall.depth if track.fall else 0.0)


@solo(
    "Omega ratio",
    "ratio",
    "Σ max(r − t, 0) / Σ max(t − r, 0)",
    "gains over losses of bars, both measured from the risk-free rate plus {threshold:.2%} a bar; {over}",
    "Keating and Shadwick (2002)",
)
def omega(track: Track, threshold: float = 0.0) -> float:
    """Return the Omega ratio; `threshold` is a return per bar, on top of the risk-free rate."""
    return stats.omega(track.returns, track.cash_rate + threshold)


@solo(
    "Gain to pain",
    "ratio",
    "Σ r / |Σ min(r, 0)|",
    "sum of bar returns over the size of the sum of the losing ones; without a risk-free rate",
    "Schwager (2012), who takes monthly returns; on bars here, as quantstats does",
)
def gain_to_pain(track: Track) -> float:
    """Return the gain-to-pain ratio of the bars."""
    return stats.gain_to_pain(track.returns)


@solo(
    "Upside potential ratio",
    "ratio",
    "Σ max(r − f, 0) / n / √(Σ min(r − f, 0)² / n)",
    "mean gain over downside deviation, both over all n bars, per bar; {over}",
    "Sortino, van der Meer and Plantinga (1999); PerformanceAnalytics' default divides by each side's own number",
)
def upside_potential(track: Track) -> float:
    """Return the upside potential ratio, not annualised."""
    return stats.upside_potential_ratio(track.returns, track.cash_rate)


@solo(
    "Tail ratio",
    "ratio",
    "|q(level)| / |q(1 − level)|",
    "size of the {level:.0%} quantile of bar returns over that of its opposite, linear between observations",
    "empyrical and quantstats, tail_ratio",
)
def tail_ratio(track: Track, level: float = 0.95) -> float:
    """Return how large the right tail is beside the left one."""
    return stats.tail_ratio(track.returns, level)


@solo(
    "Martin ratio",
    "ratio",
    "(annual return − f) / Ulcer index",
    "compound annual return in excess over the Ulcer index (n bars); {over}",
    "Martin and McCann (1989); the Ulcer performance index",
)
def martin(track: Track) -> float:
    """Return the Martin ratio, also called the Ulcer performance index."""
    return _over(track.annual_excess, stats.ulcer_index(track.below))


@solo(
    "Pain ratio",
    "ratio",
    "(annual return − f) / pain index",
    "compound annual return in excess over the mean drawdown of all bars; {over}",
    "Becker (2006), Zephyr Associates",
)
def pain_ratio(track: Track) -> float:
    """Return the pain ratio."""
    return _over(track.annual_excess, stats.pain_index(track.below))


@solo(
    "Burke ratio",
    "ratio",
    "(annual return − f) / √Σ d²",
    "compound annual return in excess over the root of the sum of squared depths of all drawdowns; {over}",
    "Burke (1994), A Sharper Sharpe Ratio; falls='streak' takes runs of losing bars as PerformanceAnalytics does",
)
def burke(track: Track, falls: Falls = "recovery", modified: bool = False) -> float:
    """Return the Burke ratio; `modified` multiplies it by √n, n the bars (Bacon)."""
    ratio = stats.burke(track.annual_excess, stats.fall_depths(track.path, track.below, falls))
    return ratio * math.sqrt(track.returns.size) if modified else ratio


@solo(
    "Sterling ratio",
    "ratio",
    "(annual return − f) / (|drawdown| + 10 %)",
    "compound annual return in excess over the size of the {drawdown} drawdown plus {excess:.0%}; {over}",
    "Kestner (1996); the record's deepest drawdown as PerformanceAnalytics does, or the mean of the years' deepest",
)
def sterling(track: Track, drawdown: Literal["deepest", "yearly"] = "deepest", excess: float = 0.1) -> float:
    """Return the Sterling ratio; `yearly` takes the mean of the deepest drawdown in each calendar year."""
    depth = float(track.below.min()) if drawdown == "deepest" else _yearly_depth(track)
    return stats.sterling(track.annual_excess, depth, excess)


def _yearly_depth(track: Track) -> float:
    times = track.times if track.wall is None else track.wall
    if times is None:
        return math.nan
    return stats.mean_yearly_depth(track.below, times)


def _over(annual: float, pain: float) -> float:
    return annual / pain if pain > 0.0 else math.nan
