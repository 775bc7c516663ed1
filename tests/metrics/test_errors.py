"""Standard errors and intervals beside the numbers that they belong to."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from backtest import metrics
from backtest.metrics import inference

from .results import random_ledger

DAYS = pd.bdate_range("2015-01-02", periods=600)
RETURNS = pd.Series(np.random.default_rng(4).standard_t(4, 600) * 0.008 + 0.0004, index=DAYS)
BENCHMARK = pd.Series(0.6 * RETURNS + np.random.default_rng(5).normal(0.0, 0.004, 600), index=DAYS)
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


def test_a_run_has_the_standard_errors_of_its_returns() -> None:
    ledger = random_ledger(2, rows=200)
    equity = np.concatenate(([ledger.capital], ledger.equity))
    returns = equity[1:] / equity[:-1] - 1.0
    other = returns * 0.7 + np.random.default_rng(1).normal(0.0, 0.003, returns.size)
    run = metrics.run_metrics(ledger, other, risk_free=0.01)
    found = {metric.key: metric.interval for metric in run.metrics if metric.interval}
    assert set(found) == {"annual_return", "volatility", "sharpe", "sortino", "es_95", *AGAINST}
    given = {"risk_free": 0.01, "times": ledger.times, "periods_per_year": run.periods_per_year}
    for each in inference.intervals(returns, other, draws=99, **given):
        if each.metric.key in ("sharpe", "sortino", "es_95", "volatility", "beta", "alpha", "tracking_error"):
            assert found[each.metric.key].error == pytest.approx(each.error, rel=1e-9), each.metric.key
    assert metrics.run_metrics(ledger, risk_free=0.01).metrics == run.metrics[: len(run.metrics) - 10]


def test_a_file_names_the_interval_of_those_that_have_one() -> None:
    kept = json.loads(json.dumps(metrics.run_metrics(random_ledger(2, rows=200)).to_dict(), allow_nan=False))
    known = {metric["key"]: metric.get("interval") for metric in kept["metrics"]}
    assert known["turnover"] is None
    assert set(known["sharpe"]) == {"error", "low", "high", "level", "convention"}
    assert known["sharpe"]["error"] > 0.0
    assert not any("interval" in metric and metric["interval"] is None for metric in kept["metrics"])
