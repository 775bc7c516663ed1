"""Standard errors and intervals put beside the metrics that they belong to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from backtest.metrics.inference.uncertainty import LABELS, Estimate, said_of
from backtest.metrics.metric import Interval, Metric
from backtest.metrics.track import Track
from backtest.stats import inference
from backtest.stats.bootstrap import DRAWS
from backtest.stats.inference.line import line_intervals

LEVEL = 0.95
SAID = "standard error: √(long-run variance of what each bar adds / n), for dependent bars of changing volatility"
"""How every error is made that needs no resample; formulas in docs/inference.md."""


def with_intervals(found: Iterable[Metric], intervals: Mapping[str, Interval]) -> list[Metric]:
    """Return the metrics in their order, with the interval of each one that has any."""
    return [replace(metric, interval=intervals[metric.key]) if metric.key in intervals else metric for metric in found]


def of_estimates(estimates: Iterable[Estimate]) -> dict[str, Interval]:
    """Return the bootstrap intervals by the keys of `summary`."""
    return {
        each.metric.key: Interval(each.error, each.low, each.high, each.level, each.metric.convention)
        for each in estimates
    }


def of_run(track: Track, benchmark: Track | None = None) -> dict[str, Interval]:
    """Return what a run says beside its headline numbers, by their keys, in some ten milliseconds.

    Standard errors, which need no resample, of annual return, volatility, Sharpe, Sortino and expected shortfall;
    against a benchmark also of information ratio, tracking error, alpha and beta. The range of resamples for the
    deepest drawdown and the Calmar ratio, which are no estimates. All are those of `inference.intervals`, which adds
    the bounds.
    """
    errors, blocks = _errors(track, track.cash_rate)
    found = {LABELS[key][0]: error for key, error in errors.items()}
    if benchmark is not None:
        active = _errors(replace(track, returns=track.returns - benchmark.returns), 0.0).errors
        found |= {"information_ratio": active["sharpe"], "tracking_error": active["volatility"]}
        cash = track.cash_rate
        line = line_intervals(track.returns - cash, benchmark.returns - cash)
        found |= {"alpha": track.periods.per_year * line["alpha"].error, "beta": line["beta"].error}
    known = {key: Interval(error, None, None, None, SAID) for key, error in found.items() if math.isfinite(error)}
    return known | _ranges(track, blocks)


def _errors(track: Track, cash: float) -> inference.StandardErrors:
    return inference.standard_errors(track.returns, track.periods.per_year, track.years, cash)


def _ranges(track: Track, blocks: inference.Blocks) -> dict[str, Interval]:
    """Return the ranges of what hangs on the order of the bars; none where there are too few for a block."""
    if not math.isfinite(blocks.longest):
        return {}
    found = inference.histories(track.seen, track.seen.size / track.years, blocks.longest, LEVEL)
    return {
        key: Interval(each.error, each.low, each.high, LEVEL, said_of(key, LEVEL, DRAWS, blocks, 0))
        for key, each in found.items()
        if math.isfinite(each.error)
    }
