"""Standard errors and intervals beside the numbers that they belong to."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest import stats as plain
from backtest.metrics import inference

from .results import Ledger, random_ledger

DAYS = pd.bdate_range("2015-01-02", periods=90)
RETURNS = pd.Series(np.random.default_rng(4).standard_t(4, DAYS.size) * 0.008 + 0.0004, index=DAYS)
BENCHMARK = pd.Series(0.6 * RETURNS + np.random.default_rng(5).normal(0.0, 0.004, DAYS.size), index=DAYS)
HEADLINE = ["annual_return", "volatility", "sharpe", "sortino", "calmar", "es_95", "max_drawdown"]
AGAINST = ["tracking_error", "information_ratio", "beta", "alpha"]


def test_intervals_stand_beside_the_numbers_of_the_summary() -> None:
    plain = metrics.summary(RETURNS, BENCHMARK, risk_free=0.02)
    found = metrics.summary(RETURNS, BENCHMARK, risk_free=0.02, intervals=True)
    assert [metric.value for metric in found] == [metric.value for metric in plain]
    assert {metric.key for metric in found if metric.interval} == {*HEADLINE, *AGAINST}
    estimates = {each.metric.key: each for each in inference.intervals(RETURNS, BENCHMARK, risk_free=0.02)}
    for metric in found:
        if metric.interval is not None:
            each = estimates[metric.key]
            assert metric.value == pytest.approx(each.metric.value, rel=1e-9)
            got = (metric.interval.error, metric.interval.low, metric.interval.high, metric.interval.level)
            assert got == (each.error, each.low, each.high, 0.95)
            assert metric.interval.low < metric.value < metric.interval.high  # type: ignore[operator]
            assert metric.interval.convention == each.metric.convention


def test_without_being_asked_there_are_none() -> None:
    assert all(metric.interval is None for metric in metrics.summary(RETURNS, BENCHMARK))


def test_a_benchmark_changes_no_interval() -> None:
    alone = metrics.summary(RETURNS, intervals=True)
    assert metrics.summary(RETURNS, BENCHMARK, intervals=True)[: len(alone)] == alone


@pytest.mark.parametrize("returns", [RETURNS[:10], pd.Series(0.01, index=DAYS)], ids=["short", "constant"])
def test_what_has_no_error_has_no_bounds(returns: pd.Series) -> None:
    for metric in metrics.summary(returns, intervals=True):
        if metric.interval is not None:
            assert (metric.interval.low, metric.interval.high) == (None, None)


def test_a_run_has_standard_errors_and_the_ranges_of_what_has_none() -> None:
    ledger = random_ledger(2, rows=200)
    equity = np.concatenate(([ledger.capital], ledger.equity))
    returns = equity[1:] / equity[:-1] - 1.0
    other = returns * 0.7 + np.random.default_rng(1).normal(0.0, 0.003, returns.size)
    run = metrics.run_metrics(ledger, other, risk_free=0.01)
    found = {metric.key: metric.interval for metric in run.metrics if metric.interval}
    assert set(found) == {*HEADLINE, *AGAINST}
    given = {"risk_free": 0.01, "times": ledger.times, "periods_per_year": run.periods_per_year}
    for each in inference.intervals(returns, other, draws=99, **given):
        if each.metric.key in ("sharpe", "sortino", "es_95", "volatility", "beta", "alpha", "tracking_error"):
            assert found[each.metric.key].error == pytest.approx(each.error, rel=1e-9), each.metric.key
            assert (found[each.metric.key].low, found[each.metric.key].level) == (None, None)
    assert metrics.run_metrics(ledger, risk_free=0.01).metrics == run.metrics[: len(run.metrics) - 10]


def test_the_ranges_of_a_run_are_those_of_its_whole_record() -> None:
    ledger = random_ledger(2, rows=200)
    run = metrics.run_metrics(ledger)
    returns = plain.returns_from_equity(ledger.equity, ledger.capital)
    years = (ledger.times[-1] - ledger.times[0]) / pd.Timedelta(days=365.25)
    block = plain.inference.headline(returns, 1.0, draws=99).blocks.longest
    wanted = plain.inference.histories(returns, returns.size / years, block)
    found = {metric.key: metric for metric in run.metrics if metric.key in wanted}
    for key, metric in found.items():
        assert metric.interval is not None
        assert metric.value == pytest.approx(wanted[key].value, rel=1e-9)
        got = (metric.interval.error, metric.interval.low, metric.interval.high)
        assert got == pytest.approx(wanted[key][1:], rel=1e-9)
        assert metric.interval.level == 0.95
        assert metric.interval.convention == (
            "95%: range of stationary bootstrap resamples, no interval of a parameter; 1,000 draws, blocks of "
            f"{block:.1f} bars on average, seed 0"
        )


def rising(rows: int) -> Ledger:
    """A run that never falls, and whose gains are not the same."""
    ledger = Ledger(100.0 + np.arange(float(rows))[:, None] ** 1.5)
    ledger.trade(0, 0, 5.0, 100.0)
    for row in range(rows):
        ledger.shut(row)
    return ledger


def test_a_short_run_has_neither_errors_nor_ranges() -> None:
    assert not any(metric.interval for metric in metrics.run_metrics(rising(19)).metrics)
    assert any(metric.interval for metric in metrics.run_metrics(rising(20)).metrics)


def test_a_run_without_a_fall_has_no_range_of_its_calmar_ratio() -> None:
    found = {metric.key: metric for metric in metrics.run_metrics(rising(30)).metrics}
    assert (found["calmar"].value, found["calmar"].interval) == (None, None)
    assert found["max_drawdown"].interval is not None
    assert (found["max_drawdown"].interval.low, found["max_drawdown"].interval.high) == (0.0, 0.0)


def test_a_file_names_the_interval_of_those_that_have_one() -> None:
    kept = json.loads(json.dumps(metrics.run_metrics(random_ledger(2, rows=200)).to_dict(), allow_nan=False))
    known = {metric["key"]: metric.get("interval") for metric in kept["metrics"]}
    assert known["turnover"] is None
    assert set(known["sharpe"]) == {"error", "low", "high", "level", "convention"}
    assert known["sharpe"]["error"] > 0.0
    assert not any("interval" in metric and metric["interval"] is None for metric in kept["metrics"])
