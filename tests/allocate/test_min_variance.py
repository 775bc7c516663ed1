"""Minimum variance against published weights, closed forms, and with costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.constraints.region import long_only
from backtest.allocate.methods.min_variance import MinVariance
from backtest.costs import Costs
from backtest.errors import InputError

from .optimising import case, free, known, problem, weigh

METHOD = MinVariance()


def test_bailey_and_lopez_de_prado() -> None:
    given = case("allocate_mean_variance", "cla_bailey_ldp2013_minvar")
    answer = weigh(METHOD, known(given["inputs"]["cov"]))
    np.testing.assert_allclose(answer.weights, given["expected"]["weights"], atol=given["tolerance"]["abs"])
    assert np.sqrt(answer.objective) == pytest.approx(given["expected"]["vol"], abs=1e-9)
    assert answer.weights @ given["inputs"]["mu"] == pytest.approx(given["expected"]["mean"], abs=1e-6)
    assert answer.residuals["kkt"] <= 1e-9


def test_lopez_de_prado_2016() -> None:
    given = case("allocate_hrp", "hrp_ldp2016_cla")
    covariance = case("allocate_hrp", "hrp_ldp2016_numerical_example")["inputs"]["cov"]
    answer = weigh(METHOD, known(covariance))
    np.testing.assert_allclose(answer.weights, given["expected"], atol=given["tolerance"]["abs"])
    assert (answer.weights[[5, 8, 9]] == 0.0).all()


@pytest.mark.parametrize("k", range(4))
def test_roncalli_bounds(k: int) -> None:
    given = case("allocate_mean_variance", "minvar_roncalli_weight_bounds")
    bounds = given["inputs"]["cases"][k]
    region = replace(long_only(4), lower=np.full(4, float(bounds["lb"])), upper=np.full(4, float(bounds["ub"])))
    answer = weigh(METHOD, known(given["inputs"]["cov"]), region)
    np.testing.assert_allclose(answer.weights, given["expected"][k], atol=given["tolerance"]["abs"])


def test_a_diagonal_covariance_gives_inverse_variance() -> None:
    variances = np.array([0.04, 0.01, 0.09, 0.16, 0.0025])
    answer = weigh(METHOD, known(np.diag(variances)))
    np.testing.assert_allclose(answer.weights, (1.0 / variances) / (1.0 / variances).sum(), rtol=1e-12)
    assert answer.objective == pytest.approx(1.0 / (1.0 / variances).sum(), rel=1e-12)


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.3, 0.49, 0.51, 0.8, 0.95])
def test_two_assets(correlation: float) -> None:
    """w₁ = (σ₂² − ρσ₁σ₂) / (σ₁² + σ₂² − 2ρσ₁σ₂), cut at the bounds; at ρ > σ₁/σ₂ all goes to the calmer one."""
    a, b = 0.1, 0.2
    cross = correlation * a * b
    first = min(1.0, (b * b - cross) / (a * a + b * b - 2 * cross))
    answer = weigh(METHOD, known([[a * a, cross], [cross, b * b]]))
    np.testing.assert_allclose(answer.weights, [first, 1.0 - first], rtol=1e-12, atol=1e-15)
    assert (answer.weights[1] == 0.0) == (correlation >= 0.5)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_without_bounds_it_is_the_inverse_times_one(n: int) -> None:
    covariance, _ = problem(n, n)
    expected = np.linalg.solve(covariance, np.ones(n))
    answer = weigh(METHOD, known(covariance), free(n))
    np.testing.assert_allclose(answer.weights, expected / expected.sum(), rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_a_weight_is_zero_or_has_the_least_marginal_variance(seed: int) -> None:
    covariance, _ = problem(seed, 40)
    w = weigh(METHOD, known(covariance)).weights
    gradient = covariance @ w
    held = w > 0.0
    assert np.ptp(gradient[held]) <= 1e-9 * gradient.max()
    assert (gradient[~held] >= gradient[held].max() * (1.0 - 1e-9)).all()
    assert not (w[~held]).any()


def test_costs_leave_a_band_in_which_nothing_is_traded() -> None:
    """Two assets, variance v each, uncorrelated: γ v (w₁ − w₂) = 2 × rate at the edge of the band."""
    v, gamma, rate, horizon = 0.04, 2.0, 0.002, 126
    yearly = rate * 252 / horizon
    edge = 0.5 + yearly / (gamma * v)
    method = MinVariance(cost_horizon=horizon, risk_aversion=gamma)
    for start, expected in ((0.9, edge), (edge - 0.01, edge - 0.01), (0.5, 0.5), (0.0, 1.0 - edge)):
        held = np.array([start, 1.0 - start])
        history = known(np.eye(2) * v, current=held, costs=Costs(commission_bps=rate * 1e4), periods_per_year=252.0)
        np.testing.assert_allclose(weigh(method, history).weights, [expected, 1.0 - expected], atol=1e-9)


def test_a_price_per_share_counts_at_the_price() -> None:
    """0.01 a share at a price of 10 is 10 bps, at 1 is 100 bps."""
    covariance = np.diag([0.04, 0.04, 0.04])
    held = np.array([0.6, 0.2, 0.2])
    costs = Costs(commission_per_share=0.01)
    method = MinVariance(cost_horizon=252, risk_aversion=1.0)
    history = known(covariance, current=held, costs=costs, prices=np.array([1.0, 10.0, 0.001]), periods_per_year=252.0)
    w = weigh(method, history).weights
    assert w[2] == pytest.approx(0.2, abs=1e-12)
    marginal = 0.04 * w
    assert marginal[0] - marginal[1] == pytest.approx(0.01 + 0.001, abs=1e-9)


def test_costs_need_what_they_are_counted_from() -> None:
    method = MinVariance(cost_horizon=21)
    covariance, held = np.eye(2), np.array([1.0, 0.0])
    with pytest.raises(InputError, match="weights held now"):
        weigh(method, known(covariance, costs=Costs(commission_bps=5)))
    with pytest.raises(InputError, match="no costs to weigh"):
        weigh(method, known(covariance, current=held))
    with pytest.raises(InputError, match="give the prices"):
        weigh(method, known(covariance, current=held, costs=Costs(commission_per_share=0.1)))
