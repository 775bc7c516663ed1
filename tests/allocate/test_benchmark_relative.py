"""Benchmark-relative: following, leading within a tracking error, and benchmarks with symbols that are not there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from backtest.allocate.constraints.region import long_only
from backtest.allocate.methods.benchmark_relative import BenchmarkRelative
from backtest.allocate.methods.mean_variance import MeanVariance
from backtest.costs import Costs
from backtest.errors import AllocationError
from backtest.types import Floats

from .optimising import free, known, problem, weigh


def risk(a: Floats, covariance: Floats) -> float:
    return float(np.sqrt(a @ covariance @ a))


def test_nothing_is_closer_than_the_benchmark_itself() -> None:
    covariance, _ = problem(1, 5)
    answer = weigh(BenchmarkRelative(), known(covariance))
    np.testing.assert_allclose(answer.weights, np.full(5, 0.2), atol=1e-12)
    assert answer.objective == pytest.approx(0.0, abs=1e-9)


def test_following_with_a_bound_on_two_uncorrelated_assets() -> None:
    """Half of the first is too much: what it lacks goes where it disturbs least, in proportion to 1/σ²."""
    region = replace(long_only(3), upper=np.array([0.2, 1.0, 1.0]))
    benchmark = {"S000": 0.5, "S001": 0.3, "S002": 0.2}
    answer = weigh(BenchmarkRelative(benchmark=benchmark), known(np.diag([0.04, 0.01, 0.02])), region)
    np.testing.assert_allclose(answer.weights, [0.2, 0.3 + 0.2, 0.2 + 0.1], atol=1e-12)
    active = answer.weights - [0.5, 0.3, 0.2]
    assert answer.objective == pytest.approx(risk(active, np.diag([0.04, 0.01, 0.02])), rel=1e-9)


@pytest.mark.parametrize("limit", [0.005, 0.02, 0.05])
def test_grinold_and_kahn_closed_form(limit: float) -> None:
    """Without bounds: a = TE · z / √(zᵀΣz) with z = Σ⁻¹(μ − λ1), λ such that it adds up to nothing."""
    covariance, mean = problem(2, 6)
    one = np.ones(6)
    by_mean, by_one = np.linalg.solve(covariance, mean), np.linalg.solve(covariance, one)
    z = by_mean - by_one * by_mean.sum() / by_one.sum()
    expected = np.full(6, 1 / 6) + limit * z / risk(z, covariance)
    history = known(covariance, mean, periods_per_year=252.0)
    answer = weigh(BenchmarkRelative(tracking_error=limit), history, free(6))
    np.testing.assert_allclose(answer.weights, expected, atol=1e-7)
    assert answer.objective == pytest.approx(float(mean @ (expected - 1 / 6)), rel=1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_a_tracking_error_is_kept_and_used(seed: int) -> None:
    covariance, mean = problem(seed, 15)
    history = known(covariance, mean, periods_per_year=252.0)
    answer = weigh(BenchmarkRelative(tracking_error=0.03), history)
    assert risk(answer.weights - 1 / 15, covariance) == pytest.approx(0.03, rel=1e-8)
    assert answer.weights.min() >= 0.0


def test_a_price_of_active_risk_and_a_limit_on_it() -> None:
    covariance, mean = problem(3, 10)
    history = known(covariance, mean, periods_per_year=252.0)
    priced = weigh(BenchmarkRelative(risk_aversion=20.0), history).weights
    at = risk(priced - 0.1, covariance)
    loose = weigh(BenchmarkRelative(risk_aversion=20.0, tracking_error=2.0 * at), history).weights
    np.testing.assert_allclose(loose, priced, atol=1e-9)
    tight = weigh(BenchmarkRelative(risk_aversion=20.0, tracking_error=0.5 * at), history).weights
    assert risk(tight - 0.1, covariance) == pytest.approx(0.5 * at, rel=1e-8)


def test_against_cash_it_is_mean_variance() -> None:
    """A benchmark almost without risk: one asset that hardly moves."""
    covariance, mean = problem(4, 4)
    covariance[0] = covariance[:, 0] = 0.0
    covariance[0, 0] = 1e-12
    mean[0] = 0.0
    history = known(covariance, mean)
    ours = weigh(BenchmarkRelative(benchmark={"S000": 1.0}, risk_aversion=3.0), history).weights
    theirs = weigh(MeanVariance(risk_aversion=3.0), history).weights
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_by_market_cap() -> None:
    covariance, _ = problem(1, 3)
    caps = np.array([6.0, 3.0, 1.0])
    answer = weigh(BenchmarkRelative(benchmark="market_cap"), known(covariance, caps=caps))
    np.testing.assert_allclose(answer.weights, [0.6, 0.3, 0.1], atol=1e-12)
    partly = weigh(BenchmarkRelative(benchmark="market_cap"), known(covariance, caps=np.array([6.0, np.nan, 2.0])))
    np.testing.assert_allclose(partly.weights, [0.75, 0.0, 0.25], atol=1e-12)
    assert "benchmark symbols that have no market cap: S001" in partly.warnings


@pytest.mark.parametrize("caps", [None, np.full(3, np.nan)])
def test_without_market_caps_there_is_no_such_benchmark(caps: Floats | None) -> None:
    with pytest.raises(AllocationError, match="market cap"):
        weigh(BenchmarkRelative(benchmark="market_cap"), known(np.eye(3), caps=caps))


def test_a_benchmark_symbol_that_is_not_there_is_named() -> None:
    method = BenchmarkRelative(benchmark={"S000": 0.3, "GONE": 0.4, "S001": 0.3})
    answer = weigh(method, known(np.eye(2) * 0.04))
    np.testing.assert_allclose(answer.weights, [0.5, 0.5], atol=1e-12)
    assert answer.warnings == ("benchmark symbols that cannot be held now, the others share their weight: GONE",)
    with pytest.raises(AllocationError, match="none of its symbols can be held now: GONE"):
        weigh(BenchmarkRelative(benchmark={"GONE": 1.0}), known(np.eye(2)))


def test_a_tracking_error_out_of_reach_names_what_can_be_reached() -> None:
    region = replace(long_only(2), upper=np.array([0.2, 1.0]))
    history = known(np.eye(2) * 0.04, [0.1, 0.1], periods_per_year=252.0)
    least = 0.3 * 0.2 * np.sqrt(2.0)
    with pytest.raises(AllocationError, match=rf"tracking_error 0\.05 is out of reach: .* at least {least:.6g} a year"):
        weigh(BenchmarkRelative(tracking_error=0.05), history, region)


@pytest.mark.parametrize("wrong", [{"benchmark": "SPY"}, {"benchmark": {}}, {"tracking_error": 0.0}])
def test_parameters_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BenchmarkRelative(**wrong)


def test_costs_keep_it_where_it_is() -> None:
    covariance, mean = problem(3, 4)
    held = np.array([0.4, 0.3, 0.2, 0.1])
    history = known(covariance, mean, current=held, costs=Costs(commission_bps=2000.0), periods_per_year=252.0)
    for method in (BenchmarkRelative(cost_horizon=21), BenchmarkRelative(cost_horizon=21, risk_aversion=5.0)):
        np.testing.assert_allclose(weigh(method, history).weights, held, atol=1e-9)
