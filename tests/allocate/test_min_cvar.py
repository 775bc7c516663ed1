"""Minimum CVaR: the published example, closed forms, and the definition itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import qmc

import backtest
from backtest.allocate.methods.min_cvar import MinCvar, cvar
from backtest.costs import Costs
from backtest.errors import AllocationError, InputError
from backtest.types import Floats

from .optimising import case, draws, known, seen, weigh


def normal(mean: Floats, covariance: Floats) -> Floats:
    """Return 4096 scenarios of a normal law from a Sobol sequence, with exactly that mean and covariance."""
    half = ndtri(qmc.Sobol(len(mean), scramble=True, seed=0).random_base2(11))
    both = np.vstack([half, -half])
    white = both @ np.linalg.inv(np.linalg.cholesky(both.T @ both / len(both))).T
    scenarios: Floats = mean + white @ np.linalg.cholesky(covariance).T
    return scenarios


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_rockafellar_and_uryasev(confidence: float) -> None:
    """For normal returns and a binding mean, minimum CVaR is minimum variance: table 3; its CVaR is in table 4.

    The paper reports errors of about one percent with Sobol sequences. The optimum is flat: weights wander further.
    """
    given = case("allocate_tail", "rockafellar_uryasev_2000")
    numbers, expected = given["inputs"], given["expected"]
    scenarios = normal(np.array(numbers["mu"]), np.array(numbers["cov"]))
    method = MinCvar(lookback=4096, confidence=confidence, target_return=12 * numbers["target_return"])
    answer = weigh(method, seen(scenarios, periods_per_year=12.0))
    np.testing.assert_allclose(answer.weights, expected["weights"], atol=0.03)
    assert answer.objective == pytest.approx(expected["cvar"][str(confidence)], rel=0.01)
    assert scenarios.mean(axis=0) @ answer.weights == pytest.approx(numbers["target_return"], rel=1e-6)


@pytest.mark.parametrize(
    ("confidence", "expected"), [(0.8, 0.10), (0.6, 0.075), (0.5, (0.10 + 0.05 + 0.5 * 0.01) / 2.5), (0.9, 0.10)]
)
def test_the_tail_of_five_returns(confidence: float, expected: float) -> None:
    """By hand: the tail holds 1, 2, 2½ and ½ of the returns."""
    assert cvar(np.array([0.02, -0.05, 0.04, -0.10, -0.01]), confidence) == pytest.approx(expected, rel=1e-12)


def test_it_is_the_formula_of_rockafellar_and_uryasev() -> None:
    """min over α of α + E[(loss − α)⁺] / (1 − β); the minimum is at one of the losses."""
    losses = -draws(1, 1, 101)[:, 0]
    for beta in (0.5, 0.9, 0.95):
        values = [a + np.maximum(losses - a, 0.0).mean() / (1.0 - beta) for a in losses]
        assert cvar(-losses, beta) == pytest.approx(min(values), rel=1e-10)


def test_two_assets_against_a_fine_grid() -> None:
    returns = draws(2, 2, 120)
    answer = weigh(MinCvar(lookback=120, confidence=0.9), seen(returns))
    grid = np.linspace(0.0, 1.0, 2001)
    values = np.array([cvar(returns @ [x, 1.0 - x], 0.9) for x in grid])
    assert answer.objective <= values.min() + 1e-12
    assert answer.weights[0] == pytest.approx(grid[values.argmin()], abs=1e-3)


def test_opposites_cancel() -> None:
    up = np.array([0.02, -0.02, 0.01, -0.01, 0.03, -0.03] * 5)
    answer = weigh(MinCvar(lookback=30), seen(np.column_stack([up, -2.0 * up])))
    np.testing.assert_allclose(answer.weights, [2 / 3, 1 / 3], atol=1e-9)
    assert answer.objective == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_no_neighbour_is_better(seed: int) -> None:
    returns = draws(seed, 8, 252)
    answer = weigh(MinCvar(), seen(returns))
    assert answer.weights.sum() == pytest.approx(1.0, abs=1e-12)
    rng = np.random.default_rng(seed)
    for _ in range(200):
        other = 0.9 * answer.weights + 0.1 * rng.dirichlet(np.ones(8))
        assert cvar(returns @ other, 0.95) >= answer.objective - 1e-12


def test_a_return_out_of_reach_names_what_can_be_reached() -> None:
    returns = np.tile([[0.01, 0.002], [-0.008, 0.0]], (20, 1))
    with pytest.raises(AllocationError, match=r"min_cvar: target_return 0\.3 .* at most 0\.252 a year"):
        weigh(MinCvar(lookback=40, target_return=0.3), seen(returns))


def test_a_covariance_is_not_enough() -> None:
    with pytest.raises(InputError, match="returns"):
        weigh(MinCvar(), known(np.eye(2)))


def test_costs_per_return_are_losses() -> None:
    """Moving from the first to the second lowers the CVaR by 1 % a return: worth it at less than 50 bps a side."""
    returns = np.tile([[0.02, 0.01], [-0.02, -0.01]], (20, 1))
    held = np.array([1.0, 0.0])
    for bps, expected in ((49.0, [0.0, 1.0]), (51.0, [1.0, 0.0])):
        history = seen(returns, current=held, costs=Costs(slippage_bps=bps))
        answer = weigh(MinCvar(lookback=40, cost_horizon=1), history)
        np.testing.assert_allclose(answer.weights, expected, atol=1e-9)


def test_filled_in_scenarios_are_told() -> None:
    returns = np.random.default_rng(0).normal(0.0005, 0.01, (60, 3))
    returns[[5, 6], 1] = np.nan
    answer = backtest.allocate("min_cvar", returns=returns, lookback=60)
    assert "missing returns stand at the symbol's mean: 1 (2)" in answer.warnings
