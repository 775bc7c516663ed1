"""The metrics of a simulated run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from backtest import stats
from backtest.errors import InputError, unknown
from backtest.metrics.errors import of_run, with_intervals
from backtest.metrics.flow_metrics import flow_metrics
from backtest.metrics.inference.selection import Trials
from backtest.metrics.ledger import Outcome, growth_of, lived_rows
from backtest.metrics.luck import ALONE, luck, moments
from backtest.metrics.metric import Definition, Metric
from backtest.metrics.performance import performance, relative
from backtest.metrics.structure import structure
from backtest.metrics.track import Track, bar_stamps, span_years
from backtest.metrics.trade_metrics import trade_metrics
from backtest.metrics.trading import trading
from backtest.types import Floats

SCHEMA = 1
EQUITY = Definition(
    "final_equity",
    "Final equity",
    "money",
    "cash + Σ q p",
    "cash and positions at the last mark, none closed",
    "this package",
)


@dataclass(frozen=True)
class RunMetrics:
    """Everything `metrics.json` holds. `benchmark` has the performance metrics of the benchmark, None without one."""

    metrics: tuple[Metric, ...]
    benchmark: tuple[Metric, ...] | None
    periods_per_year: float | None
    periods_source: str
    risk_free: float

    def __getitem__(self, key: str) -> float | int | str | None:
        """Return the value of the metric called `key`."""
        found = {metric.key: metric.value for metric in self.metrics}
        if key not in found:
            raise InputError(unknown("metric", key, found))
        return found[key]

    def to_dict(self) -> dict[str, Any]:
        """Return what is written as JSON; undefined numbers are null. A metric without an interval has no such key."""
        known = {"schema": SCHEMA, **asdict(self)}
        for metric in (*known["metrics"], *(known["benchmark"] or ())):
            if metric["interval"] is None:
                del metric["interval"]
        return known


def run_metrics(
    result: Outcome, benchmark: Floats | None = None, risk_free: float = 0.0, trials: Trials = ALONE
) -> RunMetrics:
    """Measure a run; the initial capital stands in front of its equity, and returns are time-weighted.

    The record runs from the end of the first bar, when the capital is put to work, to the end of the last one, or of
    the one in which withdrawals emptied the account.
    `benchmark` holds simple returns `(R,)`, one a row like the run's own; it adds metrics and changes none. `risk_free`
    is a rate per year. `trials` is what was tried on the same data, for the deflated Sharpe ratio.
    """
    lived = lived_rows(result)
    track = _track(result, result.returns[:lived], growth_of(result)[: lived + 1], risk_free)
    found = [EQUITY.of(float(result.equity[-1])), *performance(track), *structure(result)]
    found += [*trading(result), *flow_metrics(result)]
    found += trade_metrics(result)
    found += luck(moments(track.returns - track.cash_rate), trials)
    other: tuple[Metric, ...] | None = None
    if benchmark is not None:
        wanted, given = result.returns.shape, benchmark.shape
        if given != wanted:
            raise InputError(f"benchmark: expected one return a row, {wanted}; received {given}")
        against = _track(result, benchmark[:lived], stats.path_from_returns(benchmark[:lived]), risk_free)
        found += relative(track, against)
        other = tuple(performance(against))
    found = with_intervals(found, of_run(track, None if benchmark is None else against))
    per_year = track.periods.per_year
    return RunMetrics(tuple(found), other, None if np.isnan(per_year) else per_year, track.periods.source, risk_free)


def _track(result: Outcome, returns: Floats, path: Floats, risk_free: float) -> Track:
    times = result.times.as_unit("ns").asi8[: returns.size]
    return Track(returns, path, times, span_years(times), stats.periods_per_year(times), risk_free, bar_stamps(times))
