from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import sharpe
from backtest.stats.inference import (
    aggregation_factor,
    exceedance,
    min_track_record_length,
    probabilistic_sharpe,
    shape,
    sharpe_error,
    sharpe_influence,
)
from tests.stats.golden import case


def ar1(n: int, phi: float, seed: int = 0) -> np.ndarray:
    shocks = np.random.default_rng(seed).standard_t(6, n)
    out = np.empty(n)
    out[0] = shocks[0]
    for t in range(1, n):
        out[t] = phi * out[t - 1] + shocks[t]
    return 0.05 + out


def test_published_probabilistic_sharpe_ratios() -> None:
    inputs, expected, tolerance = case("stats_inference", "psr_hedge_fund")
    for skew, kurtosis, answer in zip(inputs["skew"], inputs["kurtosis"], expected, strict=True):
        found = probabilistic_sharpe(inputs["sharpe"], inputs["n"], skew, kurtosis - 3.0)
        assert found == pytest.approx(answer, abs=tolerance)


def test_published_track_record_lengths() -> None:
    inputs, expected, tolerance = case("stats_inference", "mintrl_figure_8")
    keys = ("sharpe", "skew", "kurtosis", "benchmark", "per_year")
    for ratio, skew, kurtosis, benchmark, per_year, answer in zip(
        *(inputs[key] for key in keys), expected, strict=True
    ):
        bars = min_track_record_length(ratio, skew, kurtosis - 3.0, benchmark, inputs["confidence"])
        assert bars / per_year == pytest.approx(answer, abs=tolerance)


def test_the_track_record_length_is_where_the_probability_reaches_the_confidence() -> None:
    n = min_track_record_length(0.1, -0.5, 2.0, 0.03, 0.9)
    assert probabilistic_sharpe(0.1, math.floor(n), -0.5, 2.0, 0.03) < 0.9
    assert probabilistic_sharpe(0.1, math.ceil(n), -0.5, 2.0, 0.03) >= 0.9
    assert min_track_record_length(0.1, benchmark=0.1) == math.inf
    assert math.isnan(min_track_record_length(math.nan))


def test_the_probability_is_one_half_at_the_benchmark_and_falls_with_it() -> None:
    assert probabilistic_sharpe(0.1, 500, -1.0, 4.0, benchmark=0.1) == pytest.approx(0.5)
    by_benchmark = [probabilistic_sharpe(0.1, 500, benchmark=each) for each in (0.0, 0.05, 0.1, 0.2)]
    assert by_benchmark == sorted(by_benchmark, reverse=True)
    assert probabilistic_sharpe(0.1, 500, skew=-2.0) < probabilistic_sharpe(0.1, 500)
    assert probabilistic_sharpe(0.1, 500, excess_kurtosis=10.0) < probabilistic_sharpe(0.1, 500)


def test_errors_by_their_formulas() -> None:
    returns = ar1(400, 0.0)
    ratio, (skew, excess) = sharpe(returns, 1.0), shape(returns)
    assert sharpe_error(returns, "normal") == pytest.approx(math.sqrt((1 + ratio**2 / 2) / 400))
    moments = 1 - skew * ratio + (excess + 2) / 4 * ratio**2
    assert sharpe_error(returns, "moments") == pytest.approx(math.sqrt(moments / 399))
    gap = np.append(returns, np.nan)
    assert sharpe_error(gap, "hac") == sharpe_error(returns, "hac")


def test_without_lags_the_hac_error_is_that_of_the_moments() -> None:
    """The variance of the influence is 1 − γ₃S + (γ₄ − 1)S²/4 with population moments, to the last digit."""
    returns = ar1(300, 0.3)
    ratio = returns.mean() / returns.std()
    skew, excess = shape(returns)
    assert sharpe_influence(returns).mean() == pytest.approx(0.0, abs=1e-14)
    expected = 1 - skew * ratio + (excess + 2) / 4 * ratio**2
    assert sharpe_influence(returns).var() == pytest.approx(expected, rel=1e-12)
    assert sharpe_error(returns, "hac", lags=0) == pytest.approx(math.sqrt(expected / 300), rel=1e-12)


def test_dependence_widens_the_error_as_theory_says() -> None:
    """For a mean of an AR(1) the error grows by √((1 + φ)/(1 − φ)), here 1.53; the window gives most of it."""
    returns = ar1(20_000, 0.4)
    assert 1.35 < sharpe_error(returns, "hac") / sharpe_error(returns, "moments") < 1.6


def test_the_error_is_that_of_simulated_ratios() -> None:
    ratios = [sharpe(ar1(500, 0.3, seed), 1.0) for seed in range(600)]
    errors = [sharpe_error(ar1(500, 0.3, seed), "hac") for seed in range(100)]
    assert np.mean(errors) == pytest.approx(np.std(ratios), rel=0.12)


@pytest.mark.parametrize("phi", [0.0, 0.3, -0.2])
def test_aggregation_by_the_closed_form_of_an_ar1(phi: float) -> None:
    """Lo (2002), equation 22: √q [1 + 2φ/(1 − φ) (1 − (1 − φ^q)/(q(1 − φ)))]^−½."""
    q = 12
    inner = 1 + 2 * phi / (1 - phi) * (1 - (1 - phi**q) / (q * (1 - phi)))
    assert aggregation_factor(ar1(200_000, phi), q) == pytest.approx(math.sqrt(q / inner), rel=0.03)


def test_aggregation_without_lags_is_the_root() -> None:
    assert aggregation_factor(ar1(100, 0.5), 12, lags=0) == pytest.approx(math.sqrt(12))
    assert aggregation_factor(ar1(100, 0.5), 1) == 1.0
    assert math.isnan(aggregation_factor(ar1(10, 0.0), 12))


@pytest.mark.parametrize("values", [[], [0.01], [0.01] * 30, [np.nan] * 5])
def test_nothing_to_say(values: list[float]) -> None:
    returns = np.array(values)
    for method in ("normal", "moments", "hac"):
        assert math.isnan(sharpe_error(returns, method))
    assert math.isnan(aggregation_factor(returns, 12))
    assert math.isnan(exceedance(math.nan, 0.1))
    assert math.isnan(probabilistic_sharpe(0.1, 1))
