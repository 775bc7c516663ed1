"""The summary of any return series."""

from __future__ import annotations

from backtest.metrics.errors import of_estimates, with_intervals
from backtest.metrics.inference.uncertainty import intervals as estimated
from backtest.metrics.metric import Metric
from backtest.metrics.performance import performance, relative
from backtest.metrics.series import Returns, Times, benchmark_of, track_of


def summary(
    returns: Returns,
    benchmark: Returns | None = None,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    times: Times = None,
    *,
    intervals: bool = False,
) -> list[Metric]:
    """Summarise simple returns, one a bar; NaN is no observation.

    A Series brings its times along (naive ones are read as UTC); for an array, `times` are the ends of its bars, as UTC
    nanoseconds or a DatetimeIndex. As the first return was earned *before* the first stamp, the record is taken to
    begin one average gap earlier. Without times, years are counted as bars / `periods_per_year`; without either,
    whatever is annual is undefined. `periods_per_year` overrides what is counted from the times; `risk_free` is a rate
    per year.

    A benchmark (a Series is matched by time, bars it lacks become NaN) adds metrics at the end and changes none.
    `intervals` puts standard errors and 95 % bootstrap intervals beside the headline numbers, and changes none either;
    `inference.intervals` gives them at other levels.
    """
    track = track_of(returns, risk_free, periods_per_year, times)
    found = performance(track)
    if benchmark is not None:
        found += relative(track, benchmark_of(track, returns, benchmark, times))
    if not intervals:
        return found
    estimates = estimated(returns, benchmark, risk_free=risk_free, periods_per_year=periods_per_year, times=times)
    return with_intervals(found, of_estimates(estimates))
