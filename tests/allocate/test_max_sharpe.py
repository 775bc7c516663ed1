"""Maximum Sharpe against published weights and closed forms, and when nothing beats cash."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import backtest
from backtest.allocate.constraints.region import Region, long_only
from backtest.allocate.methods.max_sharpe import MaxSharpe
from backtest.costs import Costs
from backtest.errors import AllocationError, InputError

from .optimising import case, free, known, problem, seen, weigh

METHOD = MaxSharpe()


def test_bailey_and_lopez_de_prado() -> None:
    given = case("allocate_mean_variance", "cla_bailey_ldp2013_maxsharpe")
    answer = weigh(METHOD, known(given["inputs"]["cov"], given["inputs"]["mu"]))
    np.testing.assert_allclose(answer.weights, given["expected"]["weights"], atol=given["tolerance"]["abs"])
    assert answer.objective == pytest.approx(given["expected"]["sharpe"], abs=1e-9)
    assert answer.residuals["kkt"] <= 1e-9
    assert (answer.weights[[2, 6]] == 0.0).all()


def test_kopman_and_liu() -> None:
    given = case("allocate_mean_variance", "maxsharpe_kopman_liu_2assets")
    answer = weigh(METHOD, known(given["inputs"]["cov"], given["inputs"]["mu"]))
    np.testing.assert_allclose(answer.weights, given["expected"], atol=given["tolerance"]["abs"])


def test_a_diagonal_covariance_gives_excess_over_variance() -> None:
    variances, mean = np.array([0.04, 0.01, 0.09]), np.array([0.08, 0.03, 0.01])
    answer = weigh(METHOD, known(np.diag(variances), mean, risk_free=0.02, periods_per_year=252.0))
    raw = np.maximum(mean - 0.02, 0.0) / variances
    np.testing.assert_allclose(answer.weights, raw / raw.sum(), rtol=1e-12)
    assert answer.objective == pytest.approx(np.sqrt(0.06**2 / 0.04 + 0.01**2 / 0.01), rel=1e-12)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_without_bounds_it_is_the_inverse_times_the_excess(n: int) -> None:
    covariance, mean = problem(n, n)
    mean = np.abs(mean) + 0.01
    expected = np.linalg.solve(covariance, mean)
    answer = weigh(METHOD, known(covariance, mean), free(n, 1e4))
    np.testing.assert_allclose(answer.weights, expected / expected.sum(), rtol=1e-7, atol=1e-10)
    assert answer.objective == pytest.approx(np.sqrt(mean @ np.linalg.solve(covariance, mean)), rel=1e-9)


@pytest.mark.parametrize("mean", [[-0.01, -0.02, -0.3], [0.0, 0.0, 0.0], [0.02, 0.01, 0.0]])
def test_when_nothing_beats_cash_everything_stays_in_cash(mean: list[float]) -> None:
    answer = weigh(METHOD, known(np.eye(3) * 0.04, mean, risk_free=0.02, periods_per_year=252.0))
    np.testing.assert_array_equal(answer.weights, np.zeros(3))
    assert answer.status == "nothing beats cash"
    assert answer.warnings == ("nothing beats cash: everything stays in cash",)


def test_when_cash_is_not_allowed_it_is_an_error() -> None:
    history = known(np.eye(3) * 0.04, [-0.1, -0.1, -0.1])
    for region in (
        replace(long_only(3), net_given=True),
        replace(long_only(3), lower=np.full(3, 0.1)),
        replace(long_only(3), current=np.array([1.0, 0.0, 0.0]), turnover=0.25),
    ):
        with pytest.raises(AllocationError, match="do not allow to hold only cash"):
            weigh(METHOD, history, region)


def test_one_asset_above_cash_is_held_whole() -> None:
    np.testing.assert_array_equal(weigh(METHOD, known([[0.04]], [0.01])).weights, [1.0])


def test_one_good_asset_among_bad_ones_takes_what_its_bound_allows() -> None:
    """0.4 × 10 % − 0.6 × 1 % beats cash, so that the bad one fills the rest; with 0.4 × 1 % it does not: cash does."""
    region = replace(long_only(2), upper=np.array([0.4, 1.0]))
    good = weigh(METHOD, known(np.diag([0.04, 0.01]), [0.10, -0.01]), region)
    np.testing.assert_allclose(good.weights, [0.4, 0.6], rtol=1e-12)
    poor = weigh(METHOD, known(np.diag([0.04, 0.01]), [0.01, -0.01]), region)
    np.testing.assert_allclose(poor.weights, [0.4, 0.0], atol=1e-12)
    assert poor.leaves_cash


def test_risk_free_needs_to_know_what_a_year_is() -> None:
    returns = np.random.default_rng(1).normal(0.001, 0.01, (252, 2))
    with pytest.raises(InputError, match="periods_per_year"):
        weigh(METHOD, seen(returns, periods_per_year=None, risk_free=0.02))


def test_the_sharpe_ratio_is_after_costs() -> None:
    """Held: all in the better one. Moving pays only while the gain in Sharpe is worth it."""
    covariance, mean, held = np.diag([0.04, 0.04]), [0.06, 0.05], np.array([1.0, 0.0])

    def first(bps: float) -> float:
        history = known(covariance, mean, current=held, costs=Costs(commission_bps=bps), periods_per_year=252.0)
        return float(weigh(MaxSharpe(cost_horizon=252), history).weights[0])

    free_of_cost = first(0.0)
    assert free_of_cost == pytest.approx(6.0 / 11.0, rel=1e-12)
    trail = [first(bps) for bps in (1.0, 10.0, 100.0)]
    assert free_of_cost < trail[0] < trail[1] < trail[2]
    assert first(1000.0) == pytest.approx(1.0, abs=1e-12)
    fine = np.linspace(0.0, 1.0, 100_001)
    ratio = (0.06 * fine + 0.05 * (1 - fine) - 0.01 * 2 * (1 - fine)) / np.sqrt(0.04 * (fine**2 + (1 - fine) ** 2))
    assert trail[2] == pytest.approx(fine[ratio.argmax()], abs=2e-5)


def ranged(n: int, low: float, high: float) -> Region:
    return Region(np.zeros(n), np.ones(n), np.ones((1, n)), np.array([low]), np.array([high]), names=("net",))


def test_of_equal_ratios_the_one_with_the_least_cash() -> None:
    covariance, mean = problem(3, 5)
    history = known(covariance, mean)
    whole = weigh(METHOD, history).weights
    np.testing.assert_allclose(weigh(METHOD, history, ranged(5, 0.0, 1.0)).weights, whole, atol=1e-9)
    np.testing.assert_allclose(weigh(METHOD, history, ranged(5, 0.0, 0.8)).weights, 0.8 * whole, atol=1e-9)


def test_a_bound_is_no_reason_to_hold_something_else_when_cash_is_allowed() -> None:
    """At most 0.2 each: the ratio is best at a multiple of the free weights, the rest in cash."""
    covariance, mean = problem(3, 5)
    history = known(covariance, mean)
    whole = weigh(METHOD, history).weights
    capped = replace(ranged(5, 0.0, 1.0), upper=np.full(5, 0.2))
    np.testing.assert_allclose(weigh(METHOD, history, capped).weights, whole * 0.2 / whole.max(), atol=1e-9)


def test_costs_and_a_range_of_net_together_are_optimal() -> None:
    """A grid of [0.4, 1] finds 0.27957 at (0.6, 0.145); staying fully invested has 0.27329."""
    answer = backtest.allocate(
        "max_sharpe", covariance=[[0.0358, 0.0101], [0.0101, 0.046]], mean=[0.063, 0.011], current=[0.6, 0.4],
        costs={"commission_bps": 175}, cost_horizon=1, constraints={"net": [0.4, 1]}, periods_per_year=1,
    )  # fmt: skip
    assert answer.objective > 0.27957
    np.testing.assert_allclose(answer.weights, [0.6, 0.145], atol=0.002)


CAPPED = {"max_weight": 0.5}


def test_cash_beside_what_beats_it_where_nothing_fully_invested_does() -> None:
    """At most half each: all of it earns (0.1 − 0.3)/2 < 0, half of it in the first one has a ratio of 0.1/0.2."""
    answer = backtest.allocate("max_sharpe", covariance=np.diag([0.04, 0.04]), mean=[0.1, -0.3], constraints=CAPPED)
    np.testing.assert_allclose(answer.weights, [0.5, 0.0], atol=1e-12)
    assert answer.objective == pytest.approx(0.5, rel=1e-12)
    assert answer.status == "nothing fully invested beats cash"
    assert answer.warnings == ("nothing fully invested beats cash: the weights add up to 0.5",)
    assert answer.residuals["kkt"] <= 1e-9


def test_with_cash_it_is_the_tangency_portfolio_of_what_beats_it() -> None:
    """Uncorrelated: in proportion to gain over variance, as long as the bound lets it be."""
    mean, variances = np.array([0.02, 0.03, -0.9, -0.9]), np.array([0.04, 0.01, 0.01, 0.01])
    region = replace(long_only(4), upper=np.full(4, 0.3))
    answer = weigh(METHOD, known(np.diag(variances), mean), region)
    np.testing.assert_allclose(answer.weights, [0.05, 0.3, 0.0, 0.0], atol=1e-12)
    assert answer.leaves_cash


def test_a_net_exposure_that_was_asked_for_is_kept() -> None:
    history, region = known(np.diag([0.04, 0.04]), [0.1, -0.3]), replace(long_only(2), upper=np.full(2, 0.5))
    with pytest.raises(AllocationError, match="do not allow to hold only cash"):
        weigh(METHOD, history, replace(region, net_given=True))


def test_costs_that_eat_the_gain_of_full_investment_leave_a_part_in_cash() -> None:
    """Held: half of the first and cash. The second would earn 1 % a year and costs 2 % to buy."""
    answer = backtest.allocate(
        "max_sharpe", covariance=np.diag([0.04, 0.04]), mean=[0.005, 0.01], current=[0.5, 0.0],
        costs={"commission_bps": 200}, cost_horizon=1, constraints=CAPPED, periods_per_year=1,
    )  # fmt: skip
    np.testing.assert_allclose(answer.weights, [0.5, 0.0], atol=1e-12)
    assert answer.status == "nothing fully invested beats cash"


def test_a_blend_says_which_part_holds_cash() -> None:
    answer = backtest.allocate(
        "mixed", of=["max_sharpe", "equal_weight"], covariance=np.diag([0.04, 0.04]), mean=[0.1, -0.3],
        constraints=CAPPED,
    )  # fmt: skip
    np.testing.assert_allclose(answer.weights, [0.5, 0.25], atol=1e-9)
    assert answer.status == "max_sharpe: nothing fully invested beats cash"
