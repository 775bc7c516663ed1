"""Kelly against its closed forms, with cash, leverage and fractions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.methods.kelly import Kelly, bet_fraction
from backtest.costs import Costs
from backtest.errors import InputError

from .optimising import case, known, problem, unbounded, weigh


def test_binary_bets() -> None:
    given = case("allocate_kelly", "kelly_binary_bets")
    for (probability, odds), expected in zip(given["inputs"]["p_b"], given["expected"], strict=True):
        assert bet_fraction(probability, odds) == pytest.approx(expected, abs=given["tolerance"]["abs"])


@pytest.mark.parametrize(("p", "odds", "loss"), [(0.6, 1.0, 1.0), (0.55, 1.2, 0.5), (0.9, 0.3, 0.8)])
def test_a_bet_grows_fastest_at_its_fraction(p: float, odds: float, loss: float) -> None:
    f = bet_fraction(p, odds, loss)
    growth = [p * np.log(1 + x * odds) + (1 - p) * np.log(1 - x * loss) for x in (f - 1e-3, f, f + 1e-3)]
    assert growth[1] > max(growth[0], growth[2])


def test_a_bad_bet_is_not_taken() -> None:
    assert bet_fraction(0.4, 1.0) == 0.0
    assert bet_fraction(0.0, 5.0) == 0.0


@pytest.mark.parametrize(("p", "odds", "loss"), [(1.1, 1.0, 1.0), (-0.1, 1.0, 1.0), (0.5, 0.0, 1.0), (0.5, 1.0, 0.0)])
def test_a_bet_that_makes_no_sense_is_refused(p: float, odds: float, loss: float) -> None:
    with pytest.raises(InputError, match="received"):
        bet_fraction(p, odds, loss)


@pytest.mark.parametrize("fraction", [1.0, 0.5, 0.1])
def test_thorp_many_assets(fraction: float) -> None:
    given = case("allocate_kelly", "kelly_multi_asset_continuous")
    numbers = given["inputs"]
    history = known(numbers["cov"], numbers["mu"], risk_free=numbers["r"], periods_per_year=252.0)
    answer = weigh(Kelly(fraction=fraction), history, unbounded(2))
    expected = fraction * np.array(given["expected"])
    np.testing.assert_allclose(answer.weights, expected, atol=given["tolerance"]["abs"])
    excess = np.array(numbers["mu"]) - numbers["r"]
    growth = excess @ expected - expected @ np.array(numbers["cov"]) @ expected / 2.0
    assert answer.objective == pytest.approx(growth, rel=1e-10)


@pytest.mark.parametrize("n", [1, 3, 20])
def test_without_bounds_it_is_the_inverse_times_the_excess(n: int) -> None:
    covariance, mean = problem(n, n)
    answer = weigh(Kelly(), known(covariance, mean), unbounded(n, 1e5))
    np.testing.assert_allclose(answer.weights, np.linalg.solve(covariance, mean), rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize(("mean", "expected"), [(0.02, 0.5), (0.03, 0.75), (0.06, 1.0), (-0.01, 0.0)])
def test_one_asset_is_mean_over_variance_without_leverage(mean: float, expected: float) -> None:
    answer = weigh(Kelly(), known([[0.04]], [mean]))
    np.testing.assert_allclose(answer.weights, [expected], rtol=1e-12)
    assert (answer.status == "nothing beats cash") == (expected == 0.0)


def test_a_diagonal_covariance_is_one_bet_each_while_there_is_money() -> None:
    variances, mean = np.array([0.04, 0.09, 0.01]), np.array([0.01, 0.02, -0.01])
    answer = weigh(Kelly(), known(np.diag(variances), mean))
    np.testing.assert_allclose(answer.weights, [0.25, 0.02 / 0.09, 0.0], rtol=1e-12)
    assert answer.weights.sum() < 1.0


def test_a_net_exposure_that_was_asked_for_is_kept() -> None:
    region = replace(long_only(2), net_given=True)
    answer = weigh(Kelly(), known(np.eye(2) * 0.04, [0.001, 0.001]), region)
    np.testing.assert_allclose(answer.weights, [0.5, 0.5], rtol=1e-12)


def test_leverage_as_far_as_the_constraints_let_it() -> None:
    covariance, mean = np.eye(2) * 0.04, [0.08, 0.04]
    two = np.array([2.0])
    region = Region(np.zeros(2), np.full(2, 2.0), np.ones((1, 2)), np.array([0.0]), two, names=("net",))
    answer = weigh(Kelly(), known(covariance, mean), region)
    np.testing.assert_allclose(answer.weights, [1.5, 0.5], rtol=1e-12)  # 2 and 1 without the limit, both less by ½


def test_costs_come_off_the_growth() -> None:
    """From cash: (μ − cost) / σ². Where the cost is more than the mean, cash stays cash."""
    history = known(
        [[0.04]], [0.02], current=np.array([0.0]), costs=Costs(half_spread_bps=50.0), periods_per_year=252.0
    )
    np.testing.assert_allclose(weigh(Kelly(cost_horizon=252), history).weights, [0.375], rtol=1e-9)
    assert weigh(Kelly(cost_horizon=60), history).weights[0] == 0.0
