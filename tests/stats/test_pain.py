from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import (
    burke,
    cagr,
    conditional_drawdown,
    drawdowns,
    fall_depths,
    mean_yearly_depth,
    pain_index,
    path_from_returns,
    sterling,
    ulcer_index,
    underwater,
)

from .golden import case

PATH = np.array([100.0, 110.0, 99.0, 104.5, 120.0, 90.0, 96.0])
BELOW = underwater(PATH)  # 0, 0, -0.1, -0.05, 0, -0.25, -0.2


def ns(day: str) -> int:
    return int(np.datetime64(day, "ns").astype(np.int64))


def test_published_pain_and_martin() -> None:
    """The source counts years as rows / periods."""
    inputs, expected, tolerance = case("stats_pain", "bacon_pain_ulcer")
    path = path_from_returns(inputs["portfolio"])
    annual = cagr(path, inputs["portfolio"].size / inputs["periods_per_year"])
    pain = pain_index(underwater(path))
    assert pain == pytest.approx(expected["pain"], abs=tolerance)
    assert annual / pain == pytest.approx(expected["pain_ratio"], abs=tolerance)
    assert annual / ulcer_index(underwater(path)) == pytest.approx(expected["martin"], abs=tolerance)


def test_published_burke() -> None:
    """The source compounds the returns of a losing run as if they were percentages, which all but adds them."""
    inputs, expected, tolerance = case("stats_pain", "bacon_burke")
    returns = inputs["portfolio"]
    annual = cagr(path_from_returns(returns), returns.size / inputs["periods_per_year"])
    runs = np.split(returns, np.flatnonzero(np.diff(returns < 0.0)) + 1)
    theirs = np.array([(np.prod(1.0 + run / 100.0) - 1.0) * 100.0 for run in runs if run[0] < 0.0])
    assert burke(annual, theirs) == pytest.approx(expected["burke"], abs=tolerance)
    assert burke(annual, theirs) * math.sqrt(returns.size) == pytest.approx(expected["modified"], abs=tolerance)
    path = path_from_returns(returns)
    ours = fall_depths(path, underwater(path), "streak")
    np.testing.assert_allclose(ours, [np.prod(1.0 + run) - 1.0 for run in runs if run[0] < 0.0])
    np.testing.assert_allclose(ours, theirs, atol=3e-3)


def test_by_hand() -> None:
    assert ulcer_index(BELOW) == pytest.approx(math.sqrt((0.01 + 0.0025 + 0.0625 + 0.04) / 6))
    assert ulcer_index(BELOW, ddof=1) == pytest.approx(math.sqrt(0.115 / 5))
    assert pain_index(BELOW) == pytest.approx(0.6 / 6)
    assert conditional_drawdown(BELOW, 0.95) == pytest.approx(-0.25)
    assert conditional_drawdown(BELOW, 0.5) == pytest.approx((-0.25 - 0.2 - 0.1) / 3)
    np.testing.assert_allclose(fall_depths(PATH, BELOW), [-0.1, -0.25])
    np.testing.assert_allclose(fall_depths(PATH, BELOW, "streak"), [-0.1, -0.25])
    assert burke(0.1, np.array([-0.3, -0.4])) == pytest.approx(0.2)
    assert sterling(0.1, -0.15) == pytest.approx(0.4)
    assert sterling(0.1, -0.15, excess=0.0) == pytest.approx(0.1 / 0.15)


@pytest.mark.parametrize("seed", range(5))
def test_depths_are_those_of_the_list_of_drawdowns(seed: int) -> None:
    path = path_from_returns(np.random.default_rng(seed).normal(0.0005, 0.02, 300))
    expected = [fall.depth for fall in drawdowns(path)]
    np.testing.assert_array_equal(fall_depths(path, underwater(path)), expected)


def test_years_are_those_in_which_bars_end() -> None:
    times = np.array(
        [ns(day) for day in ("2020-06-30", "2021-01-01", "2021-06-30", "2021-12-01", "2022-03-01", "2022-06-30")]
    )
    # The midnight of January 1 ends a bar of 2020: depths 0 and -0.1; -0.05 and 0; -0.25 and -0.2.
    assert mean_yearly_depth(BELOW, times) == pytest.approx((-0.1 - 0.05 - 0.25) / 3)


def test_a_path_that_never_fell_and_one_without_bars() -> None:
    rising = underwater(np.array([1.0, 1.1, 1.2]))
    assert (ulcer_index(rising), pain_index(rising), conditional_drawdown(rising)) == (0.0, 0.0, 0.0)
    assert fall_depths(np.array([1.0, 1.1]), np.zeros(2)).size == 0
    assert fall_depths(np.array([1.0, 1.1]), np.zeros(2), "streak").size == 0
    assert math.isnan(burke(0.1, np.empty(0)))
    assert math.isnan(sterling(0.1, 0.0, excess=0.0))
    for index in (ulcer_index, pain_index, conditional_drawdown):
        assert math.isnan(index(np.zeros(1)))
    assert math.isnan(ulcer_index(np.zeros(2), ddof=1))
