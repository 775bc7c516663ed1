"""What holds for every method that optimises: symmetries, odd inputs, and costs at both ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.base import Method
from backtest.allocate.constraints.region import long_only
from backtest.allocate.methods.benchmark_relative import BenchmarkRelative
from backtest.allocate.methods.kelly import Kelly
from backtest.allocate.methods.max_diversification import MaxDiversification
from backtest.allocate.methods.max_sharpe import MaxSharpe
from backtest.allocate.methods.mean_variance import MeanVariance
from backtest.allocate.methods.min_cdar import MinCdar
from backtest.allocate.methods.min_cvar import MinCvar
from backtest.allocate.methods.min_variance import MinVariance
from backtest.costs import Costs
from backtest.errors import AllocationError, InputError

from .optimising import draws, known, names, problem, seen, weigh

SCENARIOS = {"min_cvar": MinCvar(lookback=60), "min_cdar": MinCdar(lookback=60)}
MOMENTS = {
    "min_variance": MinVariance(),
    "max_sharpe": MaxSharpe(),
    "max_diversification": MaxDiversification(),
    "kelly": Kelly(fraction=0.2),
    "utility": MeanVariance(risk_aversion=5.0),
    "target_return": MeanVariance(target_return=0.08),
    "target_volatility": MeanVariance(target_volatility=0.16),
    "following": BenchmarkRelative(benchmark={"S000": 0.6, "S001": 0.4}),
    "leading": BenchmarkRelative(tracking_error=0.04, risk_aversion=2.0),
}
EVERY = {**MOMENTS, **SCENARIOS}


def with_costs(method: Method, horizon: int) -> Method:
    return method.model_copy(update={"cost_horizon": horizon})


def sixty(method: Method) -> Method:
    return method.model_copy(update={"lookback": 60})


@pytest.mark.parametrize("name", ["min_variance", "max_diversification", "max_sharpe", "following"])
@pytest.mark.parametrize("factor", [1e-8, 1e-4, 1e6])
def test_the_unit_of_the_covariance_is_of_no_importance(name: str, factor: float) -> None:
    covariance, mean = problem(3, 10)
    base = weigh(MOMENTS[name], known(covariance, mean)).weights
    other = weigh(MOMENTS[name], known(covariance * factor, mean)).weights
    np.testing.assert_allclose(other, base, atol=1e-9)


@pytest.mark.parametrize("name", ["utility", "kelly"])
@pytest.mark.parametrize("factor", [1e-4, 1e4])
def test_mean_and_covariance_may_have_another_unit_together(name: str, factor: float) -> None:
    """A year or a day: the trade-off between return and variance is the same."""
    covariance, mean = problem(3, 10)
    base = weigh(MOMENTS[name], known(covariance, mean)).weights
    other = weigh(MOMENTS[name], known(covariance * factor, mean * factor)).weights
    np.testing.assert_allclose(other, base, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in EVERY if name != "following"])
def test_permuted_assets_have_permuted_weights(name: str) -> None:
    returns = draws(6, 8, 60)
    order = np.random.default_rng(2).permutation(8)
    method = sixty(EVERY[name])
    base = weigh(method, seen(returns)).weights
    other = weigh(method, seen(returns[:, order])).weights
    np.testing.assert_allclose(other, base[order], atol=1e-9)


@pytest.mark.parametrize("name", EVERY)
def test_permuted_assets_of_a_singular_covariance_have_permuted_weights(name: str) -> None:
    """20 returns of 30 assets: many weights are equally good, and one rule chooses for both orders."""
    returns = draws(12, 30, 20)
    order = np.random.default_rng(4).permutation(30)
    method = EVERY[name].model_copy(update={"lookback": 20, "covariance": MinVariance(covariance="sample").covariance})
    moved = method
    if name == "following":
        moved = method.model_copy(
            update={"benchmark": {f"S{int(np.flatnonzero(order == k)[0]):03d}": w for k, w in ((0, 0.6), (1, 0.4))}}
        )
    base = weigh(method, seen(returns)).weights
    other = weigh(moved, seen(returns[:, order])).weights
    np.testing.assert_allclose(other, base[order], atol=1e-9)


@pytest.mark.parametrize("name", EVERY)
def test_one_asset(name: str) -> None:
    """Held whole where it earns something and is calm enough; by Kelly as far as it is worth it."""
    noise = np.random.default_rng(5).standard_normal((60, 1))
    returns = 0.0002 + 0.01 * (noise - noise.mean()) / noise.std()
    method = sixty(EVERY[name])
    if name == "target_return":
        method = method.model_copy(update={"target_return": 0.01})
    if name == "following":
        method = method.model_copy(update={"benchmark": {"S000": 1.0}})
    answer = weigh(method, seen(returns))
    expected = 0.2 * 0.0002 / 0.01**2 if name == "kelly" else 1.0
    np.testing.assert_allclose(answer.weights, [expected], rtol=0.02 if name == "kelly" else 1e-12)


@pytest.mark.parametrize("name", EVERY)
def test_twins_are_worth_as_much_together_as_one_alone(name: str) -> None:
    """A duplicated asset gets as much as the first one, and the objective and the others stay as they are."""
    returns = draws(7, 4, 60)
    double = np.column_stack([returns, returns[:, 0]])
    method = sixty(EVERY[name]).model_copy(update={"covariance": MinVariance(covariance="sample").covariance})
    if name == "leading":
        method = method.model_copy(update={"benchmark": {"S001": 0.5, "S002": 0.5}})
    alone, both = weigh(method, seen(returns)), weigh(method, seen(double))
    assert both.objective == pytest.approx(alone.objective, rel=1e-7, abs=1e-8)
    joined = both.weights[:4] + np.array([both.weights[4], 0.0, 0.0, 0.0])
    np.testing.assert_allclose(joined, alone.weights, atol=1e-7)
    assert both.weights[4] == pytest.approx(both.weights[0], abs=1e-9)
    again = weigh(method, seen(double))
    np.testing.assert_array_equal(again.weights, both.weights)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("estimator", ["sample", "ledoit_wolf"])
def test_fewer_observations_than_assets(name: str, estimator: str) -> None:
    """20 returns of 40 assets: an answer all the same, and the same one each time."""
    returns = draws(8, 40, 20)
    covariance = MinVariance(covariance=estimator).covariance
    method = EVERY[name].model_copy(update={"lookback": 20, "covariance": covariance})
    if name == "target_return":
        method = method.model_copy(update={"target_return": 0.02})
    if name == "target_volatility":
        method = method.model_copy(update={"target_volatility": 0.3})
    answer = weigh(method, seen(returns))
    assert answer.weights.min() >= -1e-12
    assert answer.weights.sum() <= 1.0 + 1e-9
    if name in MOMENTS and estimator == "sample":
        assert answer.warnings
    np.testing.assert_array_equal(weigh(method, seen(returns)).weights, answer.weights)


@pytest.mark.parametrize("name", EVERY)
def test_costs_of_almost_nothing_change_almost_nothing(name: str) -> None:
    returns, held = draws(9, 6, 60), np.array([0.5, 0.5, 0.0, 0.0, 0.0, 0.0])
    method = sixty(EVERY[name])
    free = weigh(method, seen(returns)).weights
    history = seen(returns, current=held, costs=Costs(commission_bps=1e-6))
    np.testing.assert_allclose(weigh(with_costs(method, 252), history).weights, free, atol=1e-5)


@pytest.mark.parametrize("name", EVERY)
def test_costs_of_zero_change_nothing(name: str) -> None:
    returns, held = draws(9, 6, 60), np.array([0.5, 0.5, 0.0, 0.0, 0.0, 0.0])
    method = sixty(EVERY[name])
    history = seen(returns, current=held, costs=Costs())
    np.testing.assert_allclose(
        weigh(with_costs(method, 252), history).weights, weigh(method, seen(returns)).weights, atol=1e-9
    )


@pytest.mark.parametrize("name", [name for name in EVERY if name not in ("target_return", "target_volatility")])
def test_huge_costs_leave_everything_where_it_is(name: str) -> None:
    returns, held = draws(9, 6, 60), np.array([0.3, 0.1, 0.2, 0.15, 0.05, 0.2])
    history = seen(returns, current=held, costs=Costs(commission_bps=5000.0))
    method = with_costs(sixty(EVERY[name]), 1)
    if name == "leading":
        method = method.model_copy(update={"tracking_error": 0.5})
    np.testing.assert_allclose(weigh(method, history).weights, held, atol=1e-8)


@pytest.mark.parametrize("name", EVERY)
def test_costs_without_weights_to_come_from(name: str) -> None:
    history = seen(draws(9, 6, 60), costs=Costs(commission_bps=1.0))
    with pytest.raises(InputError, match="weights held now"):
        weigh(with_costs(sixty(EVERY[name]), 21), history)


@pytest.mark.parametrize("name", EVERY)
def test_an_asset_without_data_gets_nothing_and_is_named(name: str) -> None:
    returns = draws(10, 5, 60)
    returns[:30, 2] = np.nan
    answer = weigh(sixty(EVERY[name]), seen(returns))
    assert answer.weights[2] == 0.0
    assert "without weight for lack of data: S002" in answer.warnings
    others = [0, 1, 3, 4]
    without = replace(seen(returns[:, others]), symbols=names(5)[others])
    np.testing.assert_allclose(answer.weights[others], weigh(sixty(EVERY[name]), without).weights, atol=1e-12)


@pytest.mark.parametrize("name", EVERY)
def test_nothing_with_data_is_an_error(name: str) -> None:
    with pytest.raises(AllocationError, match="nothing to hold"):
        weigh(sixty(EVERY[name]), seen(np.zeros((60, 3))))


@pytest.mark.parametrize("name", EVERY)
def test_bounds_and_a_group_are_kept(name: str) -> None:
    region = replace(
        long_only(6),
        lower=np.full(6, 0.02),
        upper=np.full(6, 0.4),
        rows=np.vstack([np.ones(6), [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]]),
        row_lower=np.array([1.0, 0.3]),
        row_upper=np.array([1.0, 0.35]),
        names=("net", "sector A"),
    )
    method = sixty(EVERY[name])
    if name == "target_return":
        method = method.model_copy(update={"target_return": -0.5})
    if name == "leading":
        method = method.model_copy(update={"tracking_error": 0.5})
    w = weigh(method, seen(draws(11, 6, 60)), region).weights
    assert w.min() >= 0.02 - 1e-10
    assert w.max() <= 0.4 + 1e-10
    assert 0.3 - 1e-10 <= w[:3].sum() <= 0.35 + 1e-10
