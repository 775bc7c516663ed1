"""What a return series earned, and what it put its owner through."""

from __future__ import annotations

import numpy as np

from backtest import stats
from backtest.metrics.metric import Metric, number
from backtest.metrics.track import Track
from backtest.types import Floats


def performance(track: Track) -> list[Metric]:
    """Return the metrics that need nothing but the series itself."""
    return [*_record(track), *_earned(track), *_drawdown(track), *_bars(track)]


def relative(track: Track, benchmark: Track) -> list[Metric]:
    """Return the metrics of one series against another on the same bars."""
    a, b, n = track.returns, benchmark.returns, track.periods.per_year
    active = stats.cagr(track.path, track.years) - stats.cagr(benchmark.path, benchmark.years)
    return [
        number("active_return", "Active return", active, "fraction", "difference of the two annual returns"),
        number(
            "tracking_error",
            "Tracking error",
            stats.tracking_error(a, b, n),
            "fraction",
            f"sample deviation (n − 1) of the difference of bar returns, {track.root}",
        ),
        number(
            "information_ratio",
            "Information ratio",
            stats.information_ratio(a, b, n),
            "ratio",
            f"arithmetic mean difference of bar returns over its sample deviation (n − 1), {track.root}",
        ),
        number(
            "beta", "Beta", stats.beta(a, b), "ratio", "slope of bar returns on the benchmark's, not in excess of cash"
        ),
        number("correlation", "Correlation", stats.correlation(a, b), "ratio", "Pearson, of bar returns"),
    ]


def _record(track: Track) -> list[Metric]:
    n = track.returns.size
    return [
        Metric("start", "First bar", track.day(1), "date", "day on which the first bar ends, UTC"),
        Metric("end", "Last bar", track.day(n), "date", "day on which the last bar ends, UTC"),
        Metric("bars", "Bars", n, "count", "bars in the record; a run's first return is from capital to first mark"),
        number("years", "Years", track.years, "years", "actual days / 365.25"),
        number("periods_per_year", "Bars per year", track.periods.per_year, "ratio", track.periods.source),
    ]


def _earned(track: Track) -> list[Metric]:
    n, cash = track.periods.per_year, track.cash_rate
    annual = stats.cagr(track.path, track.years)
    fall = stats.max_drawdown(track.path)
    over = f"risk-free rate {track.risk_free:.2%} a year"
    return [
        number(
            "total_return",
            "Total return",
            stats.total_return(track.path),
            "fraction",
            "last value over initial, less one",
        ),
        number("annual_return", "Annual return", annual, "fraction", "compound, actual days / 365.25"),
        number(
            "volatility",
            "Volatility",
            stats.volatility(track.returns, n),
            "fraction",
            f"sample deviation (n − 1) of simple bar returns, {track.root}",
        ),
        number(
            "sharpe",
            "Sharpe ratio",
            stats.sharpe(track.returns, n, cash),
            "ratio",
            f"arithmetic mean excess over sample deviation (n − 1), {track.root}; {over}",
        ),
        number(
            "sortino",
            "Sortino ratio",
            stats.sortino(track.returns, n, cash),
            "ratio",
            f"arithmetic mean excess over downside deviation (all n bars), {track.root}; {over}",
        ),
        number(
            "calmar",
            "Calmar ratio",
            stats.calmar(annual, fall.depth if fall else 0.0),
            "ratio",
            "annual return over the size of the deepest drawdown, whole period",
        ),
    ]


def _drawdown(track: Track) -> list[Metric]:
    fall = stats.max_drawdown(track.path)
    peak, valley, recovery = (fall.peak, fall.valley, fall.recovery) if fall else (None, None, None)
    below = stats.underwater(track.path)[1:] < 0.0
    longest = max((_length(track, episode) for episode in stats.drawdowns(track.path)), default=0.0)
    return [
        number(
            "max_drawdown",
            "Maximum drawdown",
            fall.depth if fall else 0.0,
            "fraction",
            "deepest fall below the highest value before, the initial capital included; at bar ends",
        ),
        Metric("max_drawdown_peak", "… from the peak of", track.day(peak), "date", "last bar at the old height"),
        Metric("max_drawdown_valley", "… to the valley of", track.day(valley), "date", "lowest bar"),
        Metric(
            "max_drawdown_recovery",
            "… recovered on",
            track.day(recovery),
            "date",
            "first bar back at the peak; none: open",
        ),
        number(
            "longest_drawdown", "Longest drawdown", longest, "days", "calendar days from peak to recovery or the end"
        ),
        number(
            "time_underwater", "Time below a peak", _share(below), "fraction", "share of bars below an earlier value"
        ),
    ]


def _bars(track: Track) -> list[Metric]:
    seen = track.returns[~np.isnan(track.returns)]
    best, worst = (float(seen.max()), float(seen.min())) if seen.size else (np.nan, np.nan)
    return [
        number("best_bar", "Best bar", best, "fraction", "largest simple return of one bar"),
        number("worst_bar", "Worst bar", worst, "fraction", "smallest simple return of one bar"),
        number(
            "positive_bars", "Positive bars", _share(seen > 0.0), "fraction", "share of bars with a return above zero"
        ),
    ]


def _length(track: Track, fall: stats.Drawdown) -> float:
    return track.days_between(fall.peak, track.returns.size if fall.recovery is None else fall.recovery)


def _share(condition: Floats | np.ndarray) -> float:
    return float(condition.mean()) if condition.size else float("nan")
