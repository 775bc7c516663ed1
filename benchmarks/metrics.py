"""How long do numbers take: a summary beside quantstats, intervals, and cross-validation of many strategies."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pandas as pd

from backtest.metrics import inference, summary
from backtest.stats.bootstrap import DRAWS
from benchmarks.timing import Row, Section, Times, digits, interleaved, must, times_as_long

ROUNDS = 9
DAYS, CROSS_DAYS, STRATEGIES, BLOCKS = 2_520, 2_500, 1_000, 16
HALVES = math.comb(BLOCKS, BLOCKS // 2)
PER_YEAR = 252.0
QUANTSTATS = 20.0  # times our time
WITH_INTERVALS, CROSS_VALIDATED = 0.3, 1.0  # seconds
TEXT = f"""Ten years of daily returns and a benchmark: `summary`, beside the full table of metrics that quantstats makes
of the same two series; then with standard errors and intervals from {DRAWS:,} resamples. Cross-validation judges
{STRATEGIES:,} strategies over {CROSS_DAYS:,} days in {BLOCKS} blocks, {HALVES:,} halves. Everything was imported and
compiled before anything was timed; {ROUNDS} rounds in turn."""
PLAIN, INTERVALS, PEER, CROSS = "summary", "intervals", "quantstats", "cross"


def measure() -> Section:
    """Time all three, and quantstats where it is installed."""
    returns, benchmark = records()
    strategies = pd.DataFrame(0.01 * np.random.default_rng(3).standard_normal((CROSS_DAYS, STRATEGIES)))
    actions: dict[str, Callable[[], object]] = {
        PLAIN: lambda: summary(returns, benchmark, periods_per_year=PER_YEAR),
        INTERVALS: lambda: summary(returns, benchmark, periods_per_year=PER_YEAR, intervals=True),
        CROSS: lambda: inference.overfitting(strategies, BLOCKS),
    }
    if find_spec("quantstats"):
        actions[PEER] = quantstats(returns, benchmark)
    check(returns, benchmark, strategies)
    return Section("Metrics", TEXT, ("quantstats",), rows(interleaved(actions, ROUNDS)))


def records() -> tuple[pd.Series, pd.Series]:
    """Ten years of days with fat tails, and a benchmark that half of it follows."""
    days, rng = pd.bdate_range("2013-01-02", periods=DAYS), np.random.default_rng(1)
    benchmark = 0.0003 + 0.007 * rng.standard_t(5, DAYS)
    returns = 0.0002 + 0.5 * benchmark + 0.004 * rng.standard_t(5, DAYS)
    return pd.Series(returns, days), pd.Series(benchmark, days)


def quantstats(returns: pd.Series, benchmark: pd.Series) -> Callable[[], object]:
    """Make a call of quantstats' full table; its warnings are its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from quantstats import reports

    def table() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return reports.metrics(returns, benchmark, mode="full", display=False)

    return table


def check(returns: pd.Series, benchmark: pd.Series, strategies: pd.DataFrame) -> None:
    """The numbers are right where a line says what they are, intervals change none, and noise is half overfitted."""
    plain = summary(returns, benchmark, periods_per_year=PER_YEAR)
    found = {metric.key: metric.value for metric in plain}
    ratio = math.sqrt(PER_YEAR) * float(returns.mean() / returns.std())
    must(math.isclose(float(found["sharpe"] or 0.0), ratio, rel_tol=1e-12), "the Sharpe ratio is another")
    intervals = summary(returns, benchmark, periods_per_year=PER_YEAR, intervals=True)
    must(all(metric.value == found[metric.key] for metric in intervals), "intervals change numbers")
    must(sum(metric.interval is not None for metric in intervals) >= 11, "intervals are missing")
    must(inference.overfitting(strategies, BLOCKS).logits.size == HALVES, "halves are missing")


def rows(times: dict[str, Times]) -> list[Row]:
    """Each against its promise; without quantstats there is nothing to compare with."""
    peer = times.get(PEER)
    ratio = math.inf if peer is None else peer.over(times[PLAIN])
    said = "" if peer is None else times_as_long(ratio)
    found = [
        Row("summary with a benchmark", times[PLAIN], ratios=("",), brief="all metrics of ten years of days",
            compared=f"quantstats {said}" if said else ""),
        Row(f"the same with intervals, {DRAWS:,} resamples", times[INTERVALS], ratios=("",), promise="≤ 0.3 s",
            kept=times[INTERVALS].median <= WITH_INTERVALS, brief="the same with bootstrap intervals"),
        Row(f"overfitting, {STRATEGIES:,} × {CROSS_DAYS:,}, {BLOCKS} blocks", times[CROSS], ratios=("",),
            promise="≤ 1 s", kept=times[CROSS].median <= CROSS_VALIDATED, brief="cross-validation of 1,000 strategies"),
    ]  # fmt: skip
    if peer is not None:
        promise = f"≥ {digits(QUANTSTATS)} × summary"
        found.append(Row("quantstats, full table", peer, ratios=(said,), promise=promise, kept=ratio >= QUANTSTATS))
    return found
