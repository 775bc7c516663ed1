"""Deflated Sharpe ratio of a run: published example, one trial, and what is not defined."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest import stats
from backtest.metrics import run_metrics
from backtest.metrics.inference.selection import Trials
from backtest.metrics.luck import ALONE, LUCK, Moments, deflated, luck, moments

from .results import random_ledger

RETURNS = np.random.default_rng(0).standard_t(4, 500) * 0.01 + 0.0005


def test_the_published_example() -> None:
    """Bailey and López de Prado (2014): annual ratio 2.5 over 1,250 days, 100 trials, skewness −3, kurtosis 10."""
    measured = Moments(2.5 / math.sqrt(250.0), 1250, -3.0, 10.0)
    assert deflated(measured, 100, 0.5 / 250.0) == pytest.approx(0.9004, abs=5e-5)


def test_moments_are_per_bar_over_n_and_kurtosis_is_three_for_a_normal() -> None:
    found = moments(np.append(RETURNS, np.nan))
    z = (RETURNS - RETURNS.mean()) / RETURNS.std()
    assert found.observations == 500
    assert found.sharpe == pytest.approx(RETURNS.mean() / RETURNS.std(ddof=1), rel=1e-12)
    assert (found.skewness, found.kurtosis) == pytest.approx(((z**3).mean(), (z**4).mean()), rel=1e-10)
    normal = moments(np.random.default_rng(1).normal(size=200_000))
    assert normal.kurtosis == pytest.approx(3.0, abs=0.05)


def test_one_trial_is_the_probabilistic_ratio_against_zero() -> None:
    values = {metric.key: metric.value for metric in luck(moments(RETURNS))}
    wanted = stats.inference.probabilistic_sharpe(
        stats.sharpe(RETURNS, 1.0), 500, *(f(RETURNS, "population") for f in (stats.skewness, stats.kurtosis))
    )
    assert values["trials"] == 1
    assert values["deflated_sharpe"] == values["deflated_sharpe_effective"] == values["probabilistic_sharpe"]
    assert values["probabilistic_sharpe"] == pytest.approx(wanted, rel=1e-12)


def test_more_trials_and_more_variance_deflate() -> None:
    found = moments(RETURNS)
    falling = [deflated(found, number, 0.0004) for number in (1, 2, 10, 100)]
    assert falling == sorted(falling, reverse=True)
    assert deflated(found, 10, 0.0009) < deflated(found, 10, 0.0004) < deflated(found, 10, 0.0) == falling[0]


@pytest.mark.parametrize(
    "returns", [np.zeros(50), np.full(50, 0.01), np.array([0.01]), np.full(9, np.nan), np.zeros(0)]
)
def test_a_series_without_a_ratio_has_no_probability(returns: np.ndarray) -> None:
    values = {metric.key: metric.value for metric in luck(moments(returns), Trials(3, 0.001, 2.0))}
    assert (values["trials"], values["effective_trials"]) == (3, 2.0)
    assert {values[key] for key in ("probabilistic_sharpe", "deflated_sharpe", "deflated_sharpe_effective")} == {None}


def test_a_run_has_them_and_trials_change_nothing_else() -> None:
    ledger = random_ledger(3)
    alone, among = run_metrics(ledger), run_metrics(ledger, trials=Trials(50, 0.01, 20.0))
    keys = {definition.key for definition in LUCK}
    assert keys <= {metric.key for metric in alone.metrics}
    assert {m.key for m, other in zip(alone.metrics, among.metrics, strict=True) if m != other} == keys - {
        "probabilistic_sharpe"
    }
    assert alone == run_metrics(ledger, trials=ALONE)
