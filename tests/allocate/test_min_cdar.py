"""Minimum CDaR: closed forms, the definition, and numbers of an independent library."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate.methods.min_cdar import MinCdar, cdar
from backtest.costs import Costs
from backtest.errors import AllocationError, InputError

from .optimising import case, draws, known, seen, weigh


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95])
def test_pypfopt(confidence: float) -> None:
    given = case("allocate_tail", "cdar_pypfopt")
    returns = np.array(given["inputs"]["returns"])
    answer = weigh(MinCdar(lookback=len(returns), confidence=confidence), seen(returns, periods_per_year=12.0))
    expected = given["expected"][str(confidence)]
    assert answer.objective <= expected["cdar"] + given["tolerance"]["abs"]
    assert answer.objective == pytest.approx(expected["cdar"], abs=given["tolerance"]["abs"])
    np.testing.assert_allclose(answer.weights, expected["weights"], atol=given["tolerance"]["weights"])


@pytest.mark.parametrize(
    ("confidence", "expected"), [(0.75, 0.08), (0.5, 0.065), (0.0, (0.0 + 0.03 + 0.05 + 0.08) / 4)]
)
def test_the_drawdowns_of_four_returns(confidence: float, expected: float) -> None:
    """The sums 0.04, −0.04, −0.01, 0.01 are 0, 0.08, 0.05 and 0.03 below the highest so far."""
    assert cdar(np.array([0.04, -0.08, 0.03, 0.02]), confidence) == pytest.approx(expected, rel=1e-12)


def test_a_loss_at_the_start_is_a_drawdown() -> None:
    assert cdar(np.array([-0.05, 0.01]), 0.5) == pytest.approx(0.05, rel=1e-12)


def test_an_asset_that_never_falls_takes_everything() -> None:
    returns = np.column_stack([np.full(30, 0.0001) * (1 + np.arange(30) % 2), np.tile([0.02, -0.01], 15)])
    answer = weigh(MinCdar(lookback=30), seen(returns))
    assert answer.objective == pytest.approx(0.0, abs=1e-12)


def test_two_assets_against_a_fine_grid() -> None:
    returns = draws(2, 2, 120)
    answer = weigh(MinCdar(lookback=120, confidence=0.9), seen(returns))
    grid = np.linspace(0.0, 1.0, 2001)
    values = np.array([cdar(returns @ [x, 1.0 - x], 0.9) for x in grid])
    assert answer.objective <= values.min() + 1e-12
    assert answer.weights[0] == pytest.approx(grid[values.argmin()], abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_no_neighbour_is_better(seed: int) -> None:
    returns = draws(seed, 6, 126)
    answer = weigh(MinCdar(lookback=126), seen(returns))
    assert answer.weights.sum() == pytest.approx(1.0, abs=1e-12)
    rng = np.random.default_rng(seed)
    for _ in range(200):
        other = 0.9 * answer.weights + 0.1 * rng.dirichlet(np.ones(6))
        assert cdar(returns @ other, 0.95) >= answer.objective - 1e-12


def test_a_return_out_of_reach_names_what_can_be_reached() -> None:
    returns = np.tile([[0.01, 0.002], [-0.008, 0.0]], (20, 1))
    with pytest.raises(AllocationError, match=r"min_cdar: target_return 0\.3 .* at most 0\.252 a year"):
        weigh(MinCdar(lookback=40, target_return=0.3), seen(returns))


def test_a_covariance_is_not_enough() -> None:
    with pytest.raises(InputError, match="returns"):
        weigh(MinCdar(), known(np.eye(2)))


def test_huge_costs_keep_it_where_it_is() -> None:
    returns = draws(5, 3, 60)
    held = np.array([0.5, 0.5, 0.0])
    history = seen(returns, current=held, costs=Costs(commission_bps=5000.0))
    answer = weigh(MinCdar(lookback=60, cost_horizon=5), history)
    np.testing.assert_allclose(answer.weights, held, atol=1e-9)
