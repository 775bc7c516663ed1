"""Standard errors and intervals put beside the metrics that they belong to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from backtest.metrics.inference.uncertainty import LABELS, Estimate
from backtest.metrics.metric import Interval, Metric
from backtest.metrics.track import Track
from backtest.stats import inference
from backtest.stats.inference.line import line_intervals

SAID = "standard error: √(long-run variance of what each bar adds / n), for dependent bars of changing volatility"
"""How every error is made that needs no resampling; formulas in docs/inference.md."""


def with_intervals(found: Iterable[Metric], intervals: Mapping[str, Interval]) -> list[Metric]:
    """Return the metrics in their order, with the interval of each one that has any."""
    return [replace(metric, interval=intervals[metric.key]) if metric.key in intervals else metric for metric in found]


def of_estimates(estimates: Iterable[Estimate]) -> dict[str, Interval]:
    """Return the bootstrap intervals by the keys of `summary`."""
    return {
        each.metric.key: Interval(each.error, each.low, each.high, each.level, each.metric.convention)
        for each in estimates
    }


def standard_errors(track: Track, benchmark: Track | None = None) -> dict[str, Interval]:
    """Return the standard errors of headline numbers by their keys, without any resample: milliseconds.

    Annual return, volatility, Sharpe, Sortino and expected shortfall; against a benchmark also information ratio,
    tracking error, alpha and beta. They are those of `inference.intervals`, which adds the bounds.
    """
    found = {LABELS[key][0]: error for key, error in _of(track, track.cash_rate).items()}
    if benchmark is not None:
        active = _of(replace(track, returns=track.returns - benchmark.returns), 0.0)
        found |= {"information_ratio": active["sharpe"], "tracking_error": active["volatility"]}
        cash = track.cash_rate
        line = line_intervals(track.returns - cash, benchmark.returns - cash)
        found |= {"alpha": track.periods.per_year * line["alpha"].error, "beta": line["beta"].error}
    return {key: Interval(error, None, None, None, SAID) for key, error in found.items() if math.isfinite(error)}


def _of(track: Track, cash: float) -> dict[str, float]:
    return inference.standard_errors(track.returns, track.periods.per_year, track.years, cash)
