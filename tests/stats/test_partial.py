from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats import (
    downside_deviation,
    downside_potential,
    gain_to_pain,
    omega,
    upside_potential,
    upside_potential_ratio,
)

from .golden import case


def test_published_omega() -> None:
    inputs, expected, tolerance = case("stats_partial", "omega_investexcel")
    assert omega(inputs["returns"], inputs["mar"]) == pytest.approx(expected, abs=tolerance)


def test_published_partial_moments() -> None:
    inputs, expected, tolerance = case("stats_partial", "bacon_partial_moments")
    returns, target = inputs["portfolio"], inputs["target"]
    got = {
        "downside_potential": downside_potential(returns, target),
        "upside_potential": upside_potential(returns, target),
        "bernardo_ledoit": omega(returns),
        "omega_sharpe": omega(returns, target) - 1.0,
    }
    for name, value in got.items():
        assert value == pytest.approx(expected[name], abs=tolerance[name]), name


def test_by_hand() -> None:
    returns = np.array([0.03, -0.01, np.nan, 0.02, -0.03, 0.0])
    assert upside_potential(returns) == pytest.approx(0.05 / 5)
    assert downside_potential(returns) == pytest.approx(0.04 / 5)
    assert omega(returns) == pytest.approx(1.25)
    assert gain_to_pain(returns) == pytest.approx(0.01 / 0.04)
    assert upside_potential_ratio(returns) == pytest.approx(0.01 / math.sqrt((0.01**2 + 0.03**2) / 5))


def test_gain_to_pain_is_omega_less_one_and_the_ratio_divides_the_potential() -> None:
    returns = np.random.default_rng(3).normal(0.001, 0.02, 300)
    assert gain_to_pain(returns) == pytest.approx(omega(returns) - 1.0)
    ratio = upside_potential_ratio(returns, 0.002)
    assert ratio == pytest.approx(upside_potential(returns, 0.002) / downside_deviation(returns, 0.002))


def test_a_target_may_change_from_bar_to_bar() -> None:
    returns, target = np.array([0.02, 0.01]), np.array([0.01, 0.02])
    assert omega(returns, target) == pytest.approx(1.0)


@pytest.mark.parametrize("returns", [np.array([0.01, 0.02]), np.zeros(3), np.full(2, np.nan), np.empty(0)])
def test_without_anything_below_there_is_no_ratio(returns: np.ndarray) -> None:
    assert math.isnan(omega(returns))
    assert math.isnan(gain_to_pain(returns))
    assert math.isnan(upside_potential_ratio(returns))
