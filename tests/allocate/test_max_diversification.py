"""Maximum diversification against published weights and closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.methods.max_diversification import MaxDiversification
from backtest.allocate.methods.max_sharpe import MaxSharpe
from backtest.costs import Costs
from backtest.errors import AllocationError

from .optimising import case, free, known, problem, weigh

METHOD = MaxDiversification()


@pytest.mark.parametrize("k", range(3))
def test_choueifaty(k: int) -> None:
    given = case("allocate_diversification", "mdp_choueifaty_examples")
    answer = weigh(METHOD, known(given["inputs"]["covs"][k]))
    np.testing.assert_allclose(answer.weights, given["expected"][k], atol=given["tolerance"]["abs"])


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.9])
def test_equal_correlations_give_inverse_volatility(correlation: float) -> None:
    sigma = np.array([0.1, 0.2, 0.4, 0.05])
    same = np.full((4, 4), correlation) + (1.0 - correlation) * np.eye(4)
    answer = weigh(METHOD, known(same * np.outer(sigma, sigma)))
    np.testing.assert_allclose(answer.weights, (1.0 / sigma) / (1.0 / sigma).sum(), rtol=1e-10)
    assert answer.objective == pytest.approx(np.sqrt(4.0 / (1.0 + 3.0 * correlation)), rel=1e-10)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_without_bounds_it_is_the_inverse_times_the_volatilities(n: int) -> None:
    covariance, _ = problem(n, n)
    sigma = np.sqrt(np.diag(covariance))
    expected = np.linalg.solve(covariance, sigma)
    answer = weigh(METHOD, known(covariance), free(n, 1e4))
    np.testing.assert_allclose(answer.weights, expected / expected.sum(), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_held_correlates_equally_with_the_whole(seed: int) -> None:
    """The core property of Choueifaty, Froidure and Reynier (2013): others correlate at least as much."""
    covariance, _ = problem(seed, 30)
    w = weigh(METHOD, known(covariance)).weights
    correlation = covariance @ w / np.sqrt(np.diag(covariance)) / np.sqrt(w @ covariance @ w)
    held = w > 0.0
    assert np.ptp(correlation[held]) <= 1e-9
    assert (correlation[~held] >= correlation[held].max() - 1e-9).all()


def test_it_is_max_sharpe_of_equal_sharpe_ratios_with_costs_too() -> None:
    covariance, _ = problem(7, 6)
    mean = 0.3 * np.sqrt(np.diag(covariance))
    held = np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    costs = Costs(commission_bps=20.0)
    history = known(covariance, mean, current=held, costs=costs, periods_per_year=252.0)
    ours = weigh(MaxDiversification(cost_horizon=63, common_sharpe=0.3), history)
    theirs = weigh(MaxSharpe(cost_horizon=63), history)
    np.testing.assert_allclose(ours.weights, theirs.weights, atol=1e-9)
    assert not np.allclose(ours.weights, weigh(METHOD, history).weights, atol=1e-3)


def test_nothing_but_short_positions_is_nothing_to_spread() -> None:
    minus = np.array([-1.0])
    short = replace(free(3), upper=np.zeros(3), row_lower=minus, row_upper=minus)
    with pytest.raises(AllocationError, match="nothing to spread"):
        weigh(METHOD, known(np.eye(3)), short)
