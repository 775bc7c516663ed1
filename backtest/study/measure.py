"""What each run earned, suffered and paid on the common bars, with how far off these numbers may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from backtest import stats
from backtest.metrics.performance import performance
from backtest.metrics.track import Track, bar_stamps
from backtest.stats.inference import headline
from backtest.study.side import SideBySide
from backtest.types import Floats

SHOWN = ("sharpe", "max_drawdown")
"""Metrics whose intervals a comparison shows."""

METRICS = ("total_return", "annual_return", "volatility", "sharpe", "sortino", "max_drawdown", "calmar")
LEVEL = 0.95


def track_of(side: SideBySide, returns: Floats, growth: Floats, risk_free: float) -> Track:
    """Return one column with its clock, as a run of its own would have it."""
    path = np.concatenate(([1.0], growth))
    return Track(returns, path, side.times, side.years, side.periods, risk_free, bar_stamps(side.times))


def measured(side: SideBySide, k: int, risk_free: float) -> dict[str, Any]:
    """Return the numbers of run `k`: metrics, gross and net, turnover, and intervals of some of them."""
    returns = side.returns[:, k]
    track = track_of(side, returns, side.growth[:, k], risk_free)
    found = {metric.key: metric.value for metric in performance(track) if metric.key in METRICS}
    turnover, cost, financing = side.paid(k)
    before = _before_costs(side, k, track)
    own = {**found, **before, "cost_drag": cost, "financing_drag": financing, "turnover": turnover}
    return {
        "metrics": {key: finite(value) for key, value in own.items()},
        "intervals": _intervals(track),
        "final": finite(float(side.growth[-1, k])),
    }


def _before_costs(side: SideBySide, k: int, track: Track) -> dict[str, float]:
    """Return annual return and Sharpe ratio had each bar's costs not been paid, and the return with financing alone."""
    gross, free_trading = side.gross[:, k], side.free_trading[:, k]
    excess = stats.returns_from_equity(gross, 1.0) - track.cash_rate
    return {
        "gross_annual_return": stats.cagr(np.concatenate(([1.0], gross)), side.years),
        "free_trading_annual_return": stats.cagr(np.concatenate(([1.0], free_trading)), side.years),
        "gross_sharpe": stats.sharpe(excess[~np.isnan(excess)], side.periods.per_year),
    }


def _intervals(track: Track) -> dict[str, dict[str, float | None]]:
    """Return the error and the bounds of the headline numbers; see `stats.inference.headline`."""
    found = headline(track.returns, track.periods.per_year, track.years, track.cash_rate, LEVEL)
    return {
        key: {"error": finite(each.error), "low": finite(each.low), "high": finite(each.high)}
        for key, each in found.intervals.items()
        if key in SHOWN
    }


def risk_and_return(side: SideBySide, k: int) -> list[float | None]:
    """Return the covariance of the errors of volatility and mean return a year: [v(volatility), v(mean), c].

    Long-run, from the influence of each bar on both, over their number.
    """
    returns = side.returns[:, k]
    seen = returns[~np.isnan(returns)]
    if seen.size < 2 or not seen.std() > 0.0:
        return [None, None, None]
    apart = seen - seen.mean()
    influence = np.column_stack((0.5 * (apart * apart - apart.var()) / seen.std(), apart))
    matrix = _long_run(influence) / seen.size
    year = side.periods.per_year
    return [finite(year * matrix[0, 0]), finite(year * year * matrix[1, 1]), finite(year**1.5 * matrix[0, 1])]


def _long_run(values: Floats) -> Floats:
    """Return the long-run covariance of columns of mean zero, Newey and West (1987), ⌊4 (n/100)^(2/9)⌋ lags."""
    n = len(values)
    lags = int(4.0 * (n / 100.0) ** (2.0 / 9.0))
    found = values.T @ values / n
    for lag in range(1, min(lags, n - 1) + 1):
        part = values[lag:].T @ values[:-lag] / n
        found += (1.0 - lag / (lags + 1.0)) * (part + part.T)
    return np.asarray(found)


def finite(value: Any) -> Any:
    """Return a number as JSON can hold it: None for what is undefined."""
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value
