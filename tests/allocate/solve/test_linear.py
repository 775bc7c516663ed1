from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.constraints.region import RiskCap, long_only
from backtest.allocate.solve.linear import minimise_cdar, minimise_cvar, minimise_linear
from backtest.allocate.solve.solution import Solution
from backtest.errors import AllocationError
from backtest.types import Floats
from tests.allocate.solve.problems import breach


def returns(n: int, k: int, seed: int = 0) -> Floats:
    g = np.random.default_rng(seed)
    return 0.0005 + 0.01 * g.standard_t(4, (n, k)) * g.uniform(0.5, 2.0, k)


def cvar(losses: Floats, alpha: float) -> float:
    """Return the least of Rockafellar and Uryasev's (2000) function, which is at one of the losses."""
    tail = [z + np.maximum(losses - z, 0.0).sum() / (len(losses) * (1.0 - alpha)) for z in losses]
    return float(min(tail))


def drawdowns(scenarios: Floats) -> Floats:
    path = np.cumsum(scenarios)
    return np.maximum.accumulate(np.maximum(path, 0.0)) - path


@pytest.mark.parametrize("alpha", [0.5, 0.9, 0.95, 0.97])
def test_objective_is_the_cvar_of_the_weights(alpha: float) -> None:
    R = returns(120, 5)
    found = minimise_cvar(R, alpha, long_only(5))
    assert found.objective == pytest.approx(cvar(-R @ found.weights, alpha), rel=1e-10)
    tried = np.random.default_rng(1).dirichlet(np.ones(5), 300)
    assert min(cvar(-R @ w, alpha) for w in tried) >= found.objective - 1e-12
    assert found.kkt <= 1e-12


def test_objective_is_the_cdar_of_the_weights() -> None:
    R = returns(100, 4)
    found = minimise_cdar(R, 0.9, long_only(4))
    assert found.objective == pytest.approx(cvar(drawdowns(R @ found.weights), 0.9), rel=1e-10)
    tried = np.random.default_rng(1).dirichlet(np.ones(4), 300)
    assert min(cvar(drawdowns(R @ w), 0.9) for w in tried) >= found.objective - 1e-12


def test_one_scenario_in_the_tail_is_the_worst_loss() -> None:
    R = returns(20, 3)
    found = minimise_cvar(R, 0.95, long_only(3))
    assert found.objective == pytest.approx(-(R @ found.weights).min(), rel=1e-12)


def test_gross_turnover_and_costs() -> None:
    R = returns(80, 8)
    current = np.full(8, 0.125)
    region = replace(long_only(8), lower=np.full(8, -0.5), gross=1.2, current=current, turnover=0.3)
    for minimise in (minimise_cvar, minimise_cdar):
        assert breach(region, minimise(R, 0.9, region).weights) <= 1e-10
        still = minimise(R, 0.9, region, rates=np.full(8, 10.0))
        np.testing.assert_allclose(still.weights, current, atol=1e-12)


def test_scale_of_returns_does_not_matter() -> None:
    R = returns(60, 4)
    found = minimise_cvar(R, 0.9, long_only(4))
    for factor in (1e-6, 1e6):
        again = minimise_cvar(factor * R, 0.9, long_only(4))
        np.testing.assert_allclose(again.weights, found.weights, atol=1e-9)
        assert again.objective == pytest.approx(factor * found.objective, rel=1e-9)


def test_risk_caps_are_refused() -> None:
    cap = RiskCap(0.1, np.zeros(3), "tracking_error")
    with pytest.raises(AllocationError, match=r"min_cvar is a linear program, which cannot obey tracking_error"):
        minimise_cvar(returns(10, 3), 0.9, replace(long_only(3), risk_caps=(cap,), covariance=np.eye(3)))


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_confidence_is_inside_the_unit_interval(alpha: float) -> None:
    with pytest.raises(AllocationError, match="must be between 0 and 1"):
        minimise_cvar(returns(10, 3), alpha, long_only(3))


def test_linear_cost_takes_the_best_first() -> None:
    found = minimise_linear(np.array([3.0, 1.0, 2.0]), replace(long_only(3), upper=np.full(3, 0.5)))
    assert np.array_equal(found.weights, [0.0, 0.5, 0.5])
    assert found.objective == pytest.approx(1.5, rel=1e-12)


@pytest.mark.parametrize("minimise", [minimise_cvar, minimise_cdar])
def test_weights_without_bounds_are_numbers(minimise: Callable[..., Solution]) -> None:
    """What is near to a bound is put there; nothing is near to an infinite one."""
    free = replace(long_only(3), lower=np.full(3, -np.inf), upper=np.full(3, np.inf))
    found = minimise(returns(80, 3), 0.8, free)
    assert np.isfinite(found.weights).all()
    assert found.weights.sum() == pytest.approx(1.0, abs=1e-12)
