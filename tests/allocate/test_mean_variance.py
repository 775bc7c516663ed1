"""Mean-variance: closed forms, published portfolios, frontier properties, targets out of reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.methods.max_sharpe import MaxSharpe
from backtest.allocate.methods.mean_variance import MeanVariance
from backtest.allocate.methods.min_variance import MinVariance
from backtest.costs import Costs
from backtest.errors import AllocationError
from backtest.types import Floats

from .optimising import case, free, known, problem, weigh


def volatility(w: Floats, covariance: Floats) -> float:
    return float(np.sqrt(w @ covariance @ w))


@pytest.mark.parametrize(
    "goal", [{}, {"risk_aversion": 1.0, "target_return": 0.1}, {"target_return": 0.1, "target_volatility": 0.1}]
)
def test_exactly_one_goal(goal: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="exactly one of risk_aversion, target_return, target_volatility"):
        MeanVariance(**goal)


@pytest.mark.parametrize("goal", [{"risk_aversion": 0.0}, {"target_volatility": -0.1}, {"target_return": float("nan")}])
def test_goals_that_make_no_sense(goal: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        MeanVariance(**goal)


def test_rockafellar_and_uryasev_table_3() -> None:
    """The paper works in months; the numbers here are taken for a year, which moves nothing.

    Its weights are printed to six digits, and the exact ones (a linear system) are up to 1.7e-6 away.
    """
    given = case("allocate_tail", "rockafellar_uryasev_2000")
    numbers, expected = given["inputs"], given["expected"]
    answer = weigh(
        MeanVariance(target_return=numbers["target_return"]),
        known(numbers["cov"], numbers["mu"], periods_per_year=12.0),
    )
    np.testing.assert_allclose(answer.weights, expected["weights"], atol=2e-6)
    assert answer.objective == pytest.approx(expected["variance"], abs=5e-9)


@pytest.mark.parametrize("gamma", [1.0, 3.0, 50.0])
@pytest.mark.parametrize("n", [2, 10])
def test_risk_aversion_closed_form(gamma: float, n: int) -> None:
    """Fully invested: w = Σ⁻¹(μ − λ1)/γ with λ such that it adds up to 1 (Merton 1972)."""
    covariance, mean = problem(n, n)
    one = np.ones(n)
    by_mean, by_one = np.linalg.solve(covariance, mean), np.linalg.solve(covariance, one)
    multiplier = (by_mean.sum() - gamma) / by_one.sum()
    expected = (by_mean - multiplier * by_one) / gamma
    answer = weigh(MeanVariance(risk_aversion=gamma), known(covariance, mean), free(n, 1e3))
    np.testing.assert_allclose(answer.weights, expected, rtol=1e-8, atol=1e-9)
    utility = mean @ expected - gamma / 2 * expected @ covariance @ expected
    assert answer.objective == pytest.approx(utility, rel=1e-9)


@pytest.mark.parametrize("target", [0.07, 0.1, 0.2])
def test_target_return_closed_form(target: float) -> None:
    """w = Σ⁻¹(a μ + b 1), the two-fund theorem of Merton (1972)."""
    covariance, mean = problem(4, 6)
    both = np.column_stack([mean, np.ones(6)])
    expected = np.linalg.solve(covariance, both) @ np.linalg.solve(
        both.T @ np.linalg.solve(covariance, both), [target, 1.0]
    )
    answer = weigh(MeanVariance(target_return=target), known(covariance, mean, periods_per_year=252.0), free(6))
    np.testing.assert_allclose(answer.weights, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_three_goals_meet_in_one_portfolio(seed: int) -> None:
    covariance, mean = problem(seed, 12)
    history = known(covariance, mean, periods_per_year=252.0)
    middle = weigh(MeanVariance(risk_aversion=4.0), history).weights
    by_return = weigh(MeanVariance(target_return=float(mean @ middle)), history).weights
    by_risk = weigh(MeanVariance(target_volatility=volatility(middle, covariance)), history).weights
    np.testing.assert_allclose(by_return, middle, atol=1e-7)
    np.testing.assert_allclose(by_risk, middle, atol=1e-6)


def test_the_tangency_portfolio_is_on_the_frontier() -> None:
    covariance, mean = problem(3, 10)
    history = known(covariance, mean, periods_per_year=252.0)
    tangent = weigh(MaxSharpe(), history).weights
    same = weigh(MeanVariance(target_return=float(mean @ tangent)), history).weights
    np.testing.assert_allclose(same, tangent, atol=1e-7)


def test_a_low_target_return_is_the_minimum_variance_portfolio() -> None:
    covariance, mean = problem(5, 8)
    history = known(covariance, mean, periods_per_year=252.0)
    calm = weigh(MinVariance(), history).weights
    np.testing.assert_allclose(weigh(MeanVariance(target_return=-1.0), history).weights, calm, atol=1e-9)


def test_a_high_target_volatility_is_the_asset_with_the_highest_mean() -> None:
    covariance, mean = problem(5, 8)
    answer = weigh(MeanVariance(target_volatility=9.0), known(covariance, mean, periods_per_year=252.0))
    np.testing.assert_allclose(answer.weights, np.eye(8)[mean.argmax()], atol=1e-12)


def test_a_target_volatility_is_met() -> None:
    covariance, mean = problem(6, 20)
    history = known(covariance, mean, periods_per_year=252.0)
    least = np.sqrt(weigh(MinVariance(), history).objective)
    for target in (1.01 * least, 1.2 * least):
        w = weigh(MeanVariance(target_volatility=target), history).weights
        assert volatility(w, covariance) == pytest.approx(target, rel=1e-8)


def test_the_highest_mean_is_a_target_that_can_be_reached() -> None:
    """Of two assets that both earn the most, the mix of least variance."""
    history = known(np.diag([0.04, 0.01, 0.01]), [0.1, 0.1, 0.02], periods_per_year=252.0)
    answer = weigh(MeanVariance(target_return=0.1), history)
    np.testing.assert_allclose(answer.weights, [0.2, 0.8, 0.0], atol=1e-7)


def test_a_return_out_of_reach_names_what_can_be_reached() -> None:
    region = replace(long_only(3), upper=np.full(3, 0.5))
    history = known(np.eye(3) * 0.04, [0.1, 0.2, 0.05], periods_per_year=252.0, risk_free=0.01)
    with pytest.raises(AllocationError, match=r"target_return 0\.16 .* at most 0\.15 a year"):
        weigh(MeanVariance(target_return=0.16), history, region)


def test_a_volatility_out_of_reach_names_what_can_be_reached() -> None:
    history = known(np.eye(4) * 0.04, [0.1, 0.2, 0.05, 0.0], periods_per_year=252.0)
    with pytest.raises(AllocationError, match=r"target_volatility 0\.09 .* at least 0\.1 a year"):
        weigh(MeanVariance(target_volatility=0.09), history)


def test_with_cash_the_frontier_is_a_line() -> None:
    """Half of the risk of the tangency portfolio, half of its excess: the rest is cash."""
    covariance, mean = problem(3, 5)
    cash = Region(np.zeros(5), np.ones(5), np.ones((1, 5)), np.zeros(1), np.ones(1), names=("net",))
    history = known(covariance, mean, risk_free=0.01, periods_per_year=252.0)
    tangent = weigh(MaxSharpe(), history).weights
    half = volatility(tangent, covariance) / 2.0
    by_risk = weigh(MeanVariance(target_volatility=half), history, cash)
    np.testing.assert_allclose(by_risk.weights, tangent / 2.0, atol=1e-7)
    earned = 0.01 + float((mean - 0.01) @ tangent) / 2.0
    assert by_risk.objective == pytest.approx(earned, rel=1e-8)
    by_return = weigh(MeanVariance(target_return=earned), history, cash)
    np.testing.assert_allclose(by_return.weights, tangent / 2.0, atol=1e-7)


@pytest.mark.parametrize("horizon", [21, 252])
def test_a_target_return_is_met_after_costs(horizon: int) -> None:
    covariance, mean = problem(8, 10)
    held = np.full(10, 0.1)
    costs = Costs(commission_bps=10.0)
    history = known(covariance, mean, current=held, costs=costs, periods_per_year=252.0)
    target = float(mean @ held) + 0.02
    w = weigh(MeanVariance(target_return=target, cost_horizon=horizon), history).weights
    net = mean @ w - np.abs(w - held).sum() * 0.001 * 252 / horizon
    assert net == pytest.approx(target, rel=1e-9)
    gross = weigh(MeanVariance(target_return=target), history).weights
    assert volatility(w, covariance) > volatility(gross, covariance)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_that_earns_as_much_after_costs_is_calmer(seed: int) -> None:
    covariance, mean = problem(seed, 5)
    held = np.full(5, 0.2)
    history = known(covariance, mean, current=held, costs=Costs(half_spread_bps=20.0), periods_per_year=252.0)
    target = float(mean @ held) + 0.3 * float(mean.max() - mean @ held)
    w = weigh(MeanVariance(target_return=target, cost_horizon=126), history).weights
    rng = np.random.default_rng(seed)
    others = rng.dirichlet(np.full(5, 0.5), 4000)
    others = np.vstack([others, 0.95 * w + 0.05 * others, 0.995 * w + 0.005 * others])
    enough = others @ mean - np.abs(others - held).sum(axis=1) * 0.004 >= target
    assert enough.sum() > 100
    risks = np.einsum("ki,ij,kj->k", others[enough], covariance, others[enough])
    assert risks.min() >= w @ covariance @ w - 1e-12


def test_costs_that_eat_all_that_could_be_earned() -> None:
    history = known(
        np.eye(2) * 0.04,
        [0.10, 0.05],
        current=np.array([0.0, 1.0]),
        costs=Costs(commission_bps=100.0),
        periods_per_year=252.0,
    )
    with pytest.raises(AllocationError, match=r"at most 0\.08 a year"):
        weigh(MeanVariance(target_return=0.09, cost_horizon=252), history)


def test_a_target_that_only_cash_would_meet_says_how_cash_counts() -> None:
    given = known(np.eye(2) * 0.04, [0.1, 0.05])
    with pytest.raises(AllocationError, match=r"at least 0\.141421 a year; cash counts only where .*net is a range"):
        weigh(MeanVariance(target_volatility=0.1), replace(given, periods_per_year=252.0))
    asked = replace(long_only(2), net_given=True)
    with pytest.raises(AllocationError, match=r"at least 0\.141421 a year$"):
        weigh(MeanVariance(target_volatility=0.1), replace(given, periods_per_year=252.0), asked)
