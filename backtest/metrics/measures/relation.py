"""A series against a benchmark on the same bars."""

from __future__ import annotations

from typing import Literal

from backtest import stats
from backtest.metrics.measure import against
from backtest.metrics.track import Track, common
from backtest.stats.capture import Capture


@against(
    "Active return",
    "fraction",
    "annual return − annual return of the benchmark",
    "difference of the two annual returns, from the first to the last bar that both have",
    "Bacon (2008); PerformanceAnalytics' active premium",
)
def active_return(track: Track, benchmark: Track) -> float:
    """Return how much more a year the series earned."""
    mine, theirs = common(track, benchmark)
    return mine.annual - theirs.annual


@against(
    "Tracking error",
    "fraction",
    "s(r − b) · √n",
    "sample deviation (n − 1) of the difference of bar returns, {root}",
    "Grinold and Kahn (1999)",
)
def tracking_error(track: Track, benchmark: Track) -> float:
    """Return the annualised deviation of the difference of returns."""
    return stats.tracking_error(track.returns, benchmark.returns, track.periods.per_year)


@against(
    "Information ratio",
    "ratio",
    "mean(r − b) / s(r − b) · √n",
    "arithmetic mean difference of bar returns over its sample deviation (n − 1), {root}",
    "Goodwin (1998); method='geometric' divides the active return by the tracking error, as PerformanceAnalytics does",
)
def information_ratio(
    track: Track, benchmark: Track, method: Literal["arithmetic", "geometric"] = "arithmetic"
) -> float:
    """Return the information ratio."""
    if method == "arithmetic":
        return stats.information_ratio(track.returns, benchmark.returns, track.periods.per_year)
    error = stats.tracking_error(track.returns, benchmark.returns, track.periods.per_year)
    mine, theirs = common(track, benchmark)
    return (mine.annual - theirs.annual) / error if error > 0.0 else float("nan")


@against(
    "Beta",
    "ratio",
    "Cov(r, b) / Var(b)",
    "slope of bar returns on the benchmark's, not in excess of cash",
    "Sharpe (1964); a constant rate changes nothing",
)
def beta(track: Track, benchmark: Track) -> float:
    """Return the slope of the returns on the benchmark's."""
    return stats.beta(track.returns, benchmark.returns)


@against("Correlation", "ratio", "Cov(r, b) / (σ(r) σ(b))", "Pearson, of bar returns", "Pearson")
def correlation(track: Track, benchmark: Track) -> float:
    """Return the correlation of bar returns."""
    return stats.correlation(track.returns, benchmark.returns)


@against(
    "Alpha",
    "fraction",
    "(mean(r − f) − β mean(b − f)) · n",
    "intercept of bar returns on the benchmark's, both in excess, times the bars in a year; {over}",
    "Jensen (1968); compound: (1 + α)ⁿ − 1 as in empyrical; annual: from annual returns as in PerformanceAnalytics",
)
def alpha(track: Track, benchmark: Track, method: Literal["arithmetic", "compound", "annual"] = "arithmetic") -> float:
    """Return Jensen's alpha per year."""
    n = track.periods.per_year
    if method == "annual":
        mine, theirs = common(track, benchmark)
        return mine.annual_excess - stats.beta(mine.returns, theirs.returns) * theirs.annual_excess
    arithmetic = stats.alpha(track.returns, benchmark.returns, n, track.cash_rate)
    return arithmetic if method == "arithmetic" else float((1.0 + arithmetic / n) ** n - 1.0)


@against(
    "Treynor ratio",
    "ratio",
    "(annual return − f) / β",
    "compound annual return in excess over beta, from the first to the last bar that both have; {over}",
    "Treynor (1965)",
)
def treynor(track: Track, benchmark: Track) -> float:
    """Return the Treynor ratio."""
    mine, theirs = common(track, benchmark)
    return stats.treynor(mine.annual_excess, stats.beta(mine.returns, theirs.returns))


_CAPTURED = "over the bars on which the benchmark {moved}, {{method}}; series over benchmark"


@against(
    "Up capture",
    "ratio",
    "R(r | b > 0) / R(b | b > 0)",
    f"return {_CAPTURED.format(moved='rose')}",
    "empyrical and Morningstar (annualised), PerformanceAnalytics (cumulative, arithmetic)",
)
def up_capture(track: Track, benchmark: Track, method: Capture = "annualised") -> float:
    """Return how much of the benchmark's gains the series took along."""
    return stats.capture(track.returns, benchmark.returns, "up", method, track.periods.per_year)


@against(
    "Down capture",
    "ratio",
    "R(r | b < 0) / R(b | b < 0)",
    f"return {_CAPTURED.format(moved='fell')}",
    "empyrical and Morningstar (annualised), PerformanceAnalytics (cumulative, arithmetic)",
)
def down_capture(track: Track, benchmark: Track, method: Capture = "annualised") -> float:
    """Return how much of the benchmark's losses the series took along."""
    return stats.capture(track.returns, benchmark.returns, "down", method, track.periods.per_year)


@against(
    "Batting average",
    "fraction",
    "#{r > b} / n",
    "share of bars with a return above the benchmark's",
    "Bacon (2008), the percentage gain ratio's bars",
)
def batting_average(track: Track, benchmark: Track) -> float:
    """Return the share of bars on which the series did better."""
    return stats.batting_average(track.returns, benchmark.returns)
