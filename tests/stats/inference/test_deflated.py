from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats.inference import (
    deflated_sharpe,
    effective_number_of_trials,
    effective_trials,
    expected_maximum,
    luck,
    min_backtest_length,
    probabilistic_sharpe,
)
from tests.stats.golden import case


def test_the_published_deflated_sharpe_ratio() -> None:
    inputs, expected, _ = case("stats_inference", "deflated_example")
    per_year = inputs["per_year"]
    variance = inputs["variance_annual"] / per_year
    assert luck(inputs["trials"], variance) == pytest.approx(expected["luck_daily"], abs=5e-5)
    ratio = inputs["sharpe_annual"] / math.sqrt(per_year)
    found = deflated_sharpe(ratio, inputs["n"], inputs["trials"], variance, inputs["skew"], inputs["kurtosis"] - 3.0)
    assert found == pytest.approx(expected["deflated"], abs=1e-9)


def test_published_expected_maximum_and_backtest_length() -> None:
    inputs, expected, tolerance = case("stats_inference", "expected_maximum_100")
    assert expected_maximum(inputs["trials"]) == pytest.approx(expected, abs=tolerance)
    inputs, expected, tolerance = case("stats_inference", "min_backtest_length_45")
    assert min_backtest_length(inputs["trials"], inputs["sharpe_annual"]) == pytest.approx(expected, abs=tolerance)
    assert min_backtest_length(45, 2.0) == pytest.approx(expected / 4, abs=tolerance)
    assert min_backtest_length(1000) < 2 * math.log(1000)


@pytest.mark.parametrize(("n", "near"), [(10, 0.04), (100, 0.03), (1000, 0.03)])
def test_the_expected_maximum_is_near_the_simulated_one(n: int, near: float) -> None:
    simulated = np.random.default_rng(0).normal(size=(4000, n)).max(axis=1).mean()
    assert expected_maximum(n) == pytest.approx(simulated, abs=near + 0.01)


def test_more_trials_and_more_spread_deflate() -> None:
    by_trials = [deflated_sharpe(0.12, 1000, n, 0.001) for n in (1, 1.5, 2, 3, 10, 100, 1e6)]
    assert by_trials == sorted(by_trials, reverse=True)
    assert len(set(by_trials)) == len(by_trials)
    by_spread = [deflated_sharpe(0.12, 1000, 50, v) for v in (0.0, 0.0005, 0.001, 0.002)]
    assert by_spread == sorted(by_spread, reverse=True)
    assert by_trials[0] == by_spread[0] == probabilistic_sharpe(0.12, 1000)


def test_what_is_not_a_number_of_trials() -> None:
    assert math.isnan(expected_maximum(0.0))
    assert math.isnan(expected_maximum(math.nan))
    assert math.isnan(luck(10, -1.0))
    assert math.isnan(min_backtest_length(10, 0.0))


@pytest.mark.parametrize("method", ["average_correlation", "participation", "entropy"])
def test_independent_and_identical_trials(method: str) -> None:
    rng = np.random.default_rng(1)
    independent = rng.normal(size=(3000, 20))
    assert effective_trials(independent, method) == pytest.approx(20, abs=0.4)  # type: ignore[arg-type]
    same = independent[:, :1] * np.arange(1, 9)
    assert effective_trials(same, method) == pytest.approx(1.0, abs=1e-6)  # type: ignore[arg-type]
    assert effective_trials(independent[:, :1], method) == 1.0  # type: ignore[arg-type]


def test_effective_numbers_by_hand() -> None:
    matrix = np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]])
    assert effective_number_of_trials(matrix, 10**9) == pytest.approx(0.5 + 0.5 * 3)
    assert effective_number_of_trials(matrix, 10**9, "participation") == pytest.approx(9 / (3 + 6 * 0.25))
    shares = np.array([2.0, 0.5, 0.5]) / 3
    assert effective_number_of_trials(matrix, 10**9, "entropy") == pytest.approx(
        math.exp(-sum(p * math.log(p) for p in shares))
    )


def test_groups_of_copies_count_once_by_participation() -> None:
    three = np.random.default_rng(2).normal(size=(4000, 3))
    assert effective_trials(np.repeat(three, 10, axis=1), "participation") == pytest.approx(3.0, abs=0.05)
    assert effective_trials(np.repeat(three, 10, axis=1), "entropy") == pytest.approx(3.0, abs=0.05)
