"""The costs that an optimiser sees are those that the simulator charges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest import allocate
from backtest.allocate import METHODS
from backtest.allocate.base import Method
from backtest.allocate.constraints.region import long_only
from backtest.allocate.methods.min_variance import MinVariance
from backtest.allocate.sample import Sample
from backtest.costs import Costs
from backtest.errors import AllocationError, InputError

from .optimising import draws, problem

OURS = {
    "benchmark_relative": {"tracking_error": 0.05},
    "kelly": {"fraction": 0.5},
    "max_diversification": {},
    "max_sharpe": {},
    "mean_variance": {"risk_aversion": 3.0},
    "min_cdar": {"confidence": 0.9},
    "min_cvar": {"confidence": 0.9},
    "min_variance": {},
}


def made(name: str) -> Method:
    return METHODS[name].model_validate({**OURS[name], "cost_horizon": 21})


@pytest.mark.parametrize("seed", range(3))
def test_a_rate_is_what_a_fill_costs_per_value(seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs = Costs(
        commission_bps=rng.uniform(0, 20),
        commission_per_share=rng.uniform(0, 0.1),
        commission_minimum=1e-9,
        half_spread_bps=rng.uniform(0, 20),
        slippage_bps=rng.uniform(0, 20),
    )
    prices = rng.uniform(1.0, 500.0, 6)
    for sign in (1.0, -1.0):
        quantities = sign * rng.uniform(1.0, 1000.0, 6)
        charged = [costs.fill_cost(q, p).total / abs(q * p) for q, p in zip(quantities, prices, strict=True)]
        np.testing.assert_allclose(costs.linear_rates(prices), charged, rtol=1e-12)


def test_without_a_price_per_share_no_prices_are_needed() -> None:
    """Free to trade it goes to 5/9 and 4/9; where each trade costs 18 % a year it stays."""
    given = {"covariance": np.diag([0.04, 0.05]), "current": [0.5, 0.5], "periods_per_year": 252, "cost_horizon": 1}
    free = allocate("min_variance", **given, costs={})
    np.testing.assert_allclose(free.weights, [5 / 9, 4 / 9], atol=1e-12)
    paid = allocate("min_variance", **given, costs={"commission_bps": 5, "half_spread_bps": 2})
    np.testing.assert_allclose(paid.weights, [0.5, 0.5], atol=1e-12)


def test_a_spread_of_a_series_is_weighed_as_it_is_now() -> None:
    method = MinVariance(cost_horizon=21)
    told = Sample(
        symbols=np.array(["A", "B"]),
        columns=np.arange(2),
        returns=np.empty((0, 2)),
        year=252.0,
        current=np.zeros(2),
        costs=Costs(half_spread={"series": "spreads"}, slippage_bps=1),
        half_spread_bps=np.array([9.0, 2.0]),
    )
    rates, _ = method.trading_rates(told, long_only(2), 1)
    assert rates == pytest.approx([10e-4 * 252 / 21, 3e-4 * 252 / 21])
    with pytest.raises(InputError, match="the series 'spreads' knows no half spread of B yet"):
        method.trading_rates(replace(told, half_spread_bps=np.array([9.0, np.nan])), long_only(2), 1)
    with pytest.raises(InputError, match="half_spread is a series of a store"):
        method.trading_rates(replace(told, half_spread_bps=None), long_only(2), 1)


def test_impact_is_not_weighed() -> None:
    given = {"covariance": np.diag([0.04, 0.05]), "current": [0.5, 0.5], "periods_per_year": 252, "cost_horizon": 1}
    with pytest.raises(InputError, match="impact grows faster than the trade"):
        allocate("min_variance", **given, costs={"impact_eta": 1e-6})


@pytest.mark.parametrize("name", OURS)
def test_only_with_a_horizon_does_the_answer_depend_on_what_is_held(name: str) -> None:
    assert made(name).looks_at_current
    assert not METHODS[name].model_validate(OURS[name]).looks_at_current


@pytest.mark.parametrize("name", OURS)
def test_parameters_survive_being_written_and_read(name: str) -> None:
    method = made(name)
    assert type(method).model_validate_json(method.model_dump_json(), strict=True) == method


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("horizon", [0, -5])
def test_a_horizon_is_at_least_a_bar(name: str, horizon: int) -> None:
    with pytest.raises(InputError, match="cost_horizon"):
        allocate(name, returns=draws(1, 3, 60), lookback=60, **{**OURS[name], "cost_horizon": horizon})


@pytest.mark.parametrize("name", OURS)
def test_from_the_front_door(name: str) -> None:
    """Through `allocate`: constraints, costs and what is held now; the verifier has seen the answer."""
    answer = allocate(
        name,
        returns=draws(2, 6, 60),
        lookback=60,
        periods_per_year=252.0,
        constraints={"max_weight": 0.3, "cash_reserve": 0.05},
        current=np.full(6, 0.15),
        costs={"commission_bps": 5.0},
        **{**OURS[name], "cost_horizon": 21},
    )
    assert answer.status == "ok"
    assert answer.weights.max() <= 0.3 + 1e-12
    assert answer.weights.sum() <= 0.95 + 1e-12
    assert answer.residuals["duality_gap" if name in ("min_cvar", "min_cdar") else "kkt"] <= 1e-8
    assert np.isfinite(answer.objective)


def test_the_horizon_is_in_bars_whatever_the_returns_are_made_of() -> None:
    """A covariance that is given a year, and costs over a quarter: 63 of 252 days are 13 of 52 weeks."""
    covariance, _ = problem(1, 4)
    held = np.array([1.0, 0.0, 0.0, 0.0])

    def weights(horizon: int, year: float, bars: int) -> np.ndarray:  # type: ignore[type-arg]
        return allocate(
            "min_variance",
            covariance=covariance,
            periods_per_year=year,
            current=held,
            costs=Costs(commission_bps=20),
            cost_horizon=horizon,
            bars_per_return=bars,
        ).weights

    daily = weights(63, 252.0, 1)
    assert 0.01 < daily[0] < 0.99
    np.testing.assert_allclose(weights(13, 52.0, 1), daily, atol=1e-9)
    np.testing.assert_allclose(weights(63, 252.0, 5), daily, atol=1e-9)


def test_cash_when_nothing_beats_it_comes_through_the_verifier() -> None:
    answer = allocate("max_sharpe", covariance=np.eye(2) * 0.04, mean=[-0.1, -0.2])
    np.testing.assert_array_equal(answer.weights, [0.0, 0.0])
    assert answer.status == "nothing beats cash"
    with pytest.raises(AllocationError, match="only cash"):
        allocate("max_sharpe", covariance=np.eye(2) * 0.04, mean=[-0.1, -0.2], constraints={"net": 1.0})


def test_a_target_out_of_reach_goes_down_the_chain() -> None:
    given = {"covariance": np.eye(2) * 0.04, "mean": [0.1, 0.2]}
    answer = allocate("mean_variance", target_return=0.5, fallback=["min_variance"], **given)
    np.testing.assert_allclose(answer.weights, [0.5, 0.5])
    assert answer.status.startswith("fell back to min_variance")
    assert "target_return 0.5 is out of reach: the constraints allow at most 0.2 a year" in answer.status
    with pytest.raises(AllocationError, match="out of reach"):
        allocate("mean_variance", target_return=0.5, fallback=["min_variance"], strict=True, **given)


def test_a_mean_needs_returns_or_a_mean() -> None:
    with pytest.raises(InputError, match="mean"):
        allocate("max_sharpe", covariance=np.eye(2))
