"""Shares of the risk: the solver against its own equations, on easy and hard covariances."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from backtest.allocate.arrays import frozen
from backtest.allocate.budgeting import budgeted, risk_shares
from backtest.errors import AllocationError
from backtest.kernels.risk_budget import descend

from .optimising import draws, problem


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("n", [1, 2, 5, 40])
def test_shares_are_the_budgets(n: int, seed: int) -> None:
    covariance, _ = problem(seed, n)
    budgets = np.random.default_rng(seed).dirichlet(np.ones(n))
    found = budgeted(covariance, budgets)
    shares = found.weights * (covariance @ found.weights)
    np.testing.assert_allclose(shares / shares.sum(), budgets, rtol=0.0, atol=1e-11)
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (found.weights > 0.0).all()
    assert found.gap <= 1e-11


@pytest.mark.parametrize("seed", range(10))
def test_two_assets_that_nearly_cancel(seed: int) -> None:
    """Descent is at its limit of sweeps here: what it leaves, Newton steps finish."""
    rng = np.random.default_rng(seed)
    returns = rng.normal(size=(60, 5))
    returns[:, 1] = -returns[:, 0] + 1e-3 * returns[:, 1]
    covariance = returns.T @ returns / 60.0
    budgets = np.full(5, 0.2)
    found = budgeted(covariance, budgets)
    assert found.iterations >= 100
    np.testing.assert_allclose(risk_shares(covariance, found.weights), budgets, rtol=0.0, atol=1e-8)


@pytest.mark.parametrize("n", [2, 10, 40])
def test_newton_alone_gives_the_same_weights(n: int) -> None:
    covariance, _ = problem(n, n)
    budgets = np.random.default_rng(n).dirichlet(np.ones(n))
    descended = budgeted(covariance, budgets)
    steps = budgeted(covariance, budgets, sweeps=1)
    assert steps.gap <= 1e-11
    np.testing.assert_allclose(steps.weights, descended.weights, rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-12, 1e-4, 1e6, 1e12])
def test_the_scale_of_the_covariance_does_not_matter(scale: float) -> None:
    covariance, _ = problem(3, 20)
    budgets = np.full(20, 0.05)
    once, again = budgeted(covariance, budgets), budgeted(covariance * scale, budgets)
    np.testing.assert_allclose(again.weights, once.weights, rtol=1e-10)


def test_scaling_an_asset_divides_its_weight() -> None:
    covariance, _ = problem(4, 8)
    stretch = np.array([1.0, 2.0, 0.5, 3.0, 1.0, 0.1, 1.0, 10.0])
    budgets = np.full(8, 0.125)
    plain = budgeted(covariance, budgets).weights / stretch
    stretched = budgeted(covariance * np.outer(stretch, stretch), budgets).weights
    np.testing.assert_allclose(stretched, plain / plain.sum(), rtol=1e-10)


def test_the_order_of_assets_does_not_matter() -> None:
    covariance, _ = problem(5, 30)
    budgets = np.random.default_rng(5).dirichlet(np.ones(30))
    order = np.random.default_rng(6).permutation(30)
    moved = budgeted(covariance[np.ix_(order, order)], budgets[order]).weights
    np.testing.assert_allclose(moved, budgeted(covariance, budgets).weights[order], rtol=1e-9)


def test_fewer_observations_than_assets() -> None:
    """The matrix is singular, yet each long-only mix has risk."""
    returns = draws(0, 30, 20)
    found = budgeted(np.cov(returns.T), np.full(30, 1.0 / 30.0))
    assert found.gap <= 1e-8


def test_two_identical_assets_share_their_budget() -> None:
    covariance = np.array([[0.04, 0.04, 0.01], [0.04, 0.04, 0.01], [0.01, 0.01, 0.09]])
    w = budgeted(covariance, np.full(3, 1.0 / 3.0)).weights
    assert w[0] == pytest.approx(w[1], rel=1e-9)
    np.testing.assert_allclose(risk_shares(covariance, w), 1.0 / 3.0, atol=1e-11)


def test_a_budget_of_nothing_is_no_weight_or_no_marginal_risk() -> None:
    uncorrelated = budgeted(np.diag([0.01, 0.04, 0.09]), np.array([0.5, 0.5, 0.0]))
    assert uncorrelated.weights[2] == 0.0
    hedge = np.array([[0.04, -0.02], [-0.02, 0.04]])
    w = budgeted(hedge, np.array([1.0, 0.0])).weights
    assert w[1] > 0.0
    assert (hedge @ w)[1] == pytest.approx(0.0, abs=1e-12)


def test_a_mix_without_risk_has_no_answer() -> None:
    opposite = np.array([[0.04, -0.04], [-0.04, 0.04]])
    with pytest.raises(AllocationError, match="no long-only weights have these shares"):
        budgeted(opposite, np.array([0.5, 0.5]))
    rng = np.random.default_rng(0)
    returns = rng.normal(size=(3, 10))
    with pytest.raises(AllocationError, match="no long-only weights have these shares"):
        budgeted(returns.T @ returns, np.full(10, 0.1))


def test_an_asset_without_variance_is_refused() -> None:
    with pytest.raises(AllocationError, match="1 of 2 assets have no variance, the first is number 1"):
        budgeted(np.array([[0.04, 0.0], [0.0, 0.0]]), np.array([0.5, 0.5]))


def test_shares_of_no_risk_are_not_numbers() -> None:
    assert np.isnan(risk_shares(np.diag([0.04, 0.09]), np.zeros(2))).all()


def test_descent_stops_at_its_limit() -> None:
    covariance, _ = problem(1, 6)
    x = np.ones(6)
    assert descend(frozen(covariance), frozen(np.full(6, 1.0 / 6.0)), x, covariance @ x, 2, 0.0) == 2


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="nothing is compiled")
def test_the_kernel_is_compiled_once() -> None:
    for matrix in (np.asfortranarray(np.cov(draws(0, 4, 50).T)), np.diag([0.01, 0.02, 0.03, 0.04])):
        budgeted(matrix, np.full(4, 0.25))
    assert len(descend.signatures) == 1
