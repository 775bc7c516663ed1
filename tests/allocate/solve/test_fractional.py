from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.allocate.constraints.region import RiskCap, long_only
from backtest.allocate.solve.fractional import NothingBeatsCash, fractional
from backtest.allocate.solve.kkt import kkt_residual
from backtest.allocate.solve.quadratic import quadratic
from backtest.errors import AllocationError
from tests.allocate.solve.problems import breach, random_case, random_covariance


def test_two_assets_have_their_closed_form() -> None:
    """w ∝ Σ⁻¹a: the tangency portfolio of Tobin (1958) and Sharpe (1966)."""
    Q, a = np.array([[0.04, 0.01], [0.01, 0.09]]), np.array([0.05, 0.08])
    solved = np.linalg.solve(Q, a)
    found = fractional(Q, a, long_only(2))
    np.testing.assert_allclose(found.weights, solved / solved.sum(), rtol=1e-12)
    assert found.objective == pytest.approx(np.sqrt(a @ solved), rel=1e-12)


def test_uncorrelated_diversification_is_inverse_volatility() -> None:
    """With no correlation the most diversified portfolio is 1/σ: Choueifaty and Coignard (2008)."""
    deviation = np.array([0.1, 0.2, 0.4])
    found = fractional(np.diag(deviation**2), deviation, long_only(3))
    np.testing.assert_allclose(found.weights, (1 / deviation) / (1 / deviation).sum(), rtol=1e-12)
    assert found.objective == pytest.approx(np.sqrt(3), rel=1e-12)


def test_random_regions_are_obeyed_and_optimal() -> None:
    """The ratio is pseudo-concave: where min ½wᵀQw − λ · gain is optimal at λ = variance / gain, so is the ratio."""
    solved = 0
    for seed in range(80):
        case = random_case(seed, caps=seed % 8 == 0)
        if case is None:
            continue
        a = np.random.default_rng(seed).normal(0.04, 0.1, len(case.c))
        try:
            found = fractional(case.Q, a, case.region, rates=case.rates)
        except AllocationError:
            continue
        w, price_of = found.weights, 0.0 if case.rates is None else case.rates
        current = np.zeros(len(w)) if case.region.current is None else case.region.current
        gain, variance = a @ w - np.sum(price_of * np.abs(w - current)), w @ case.Q @ w
        assert breach(case.region, w) <= 1e-9, seed
        if np.isinf(found.objective):
            assert variance <= 1e-15 * case.Q.diagonal().mean() * (w @ w), seed
            continue
        assert found.objective == pytest.approx(gain / np.sqrt(variance), rel=1e-9), seed
        price = variance / gain
        rates = None if case.rates is None else price * case.rates
        assert kkt_residual(case.Q, -price * a, case.region, w, rates) <= 1e-9, seed
        solved += 1
    assert solved > 40


def test_no_random_weights_are_better() -> None:
    g = np.random.default_rng(5)
    Q, a = random_covariance(g, 6), g.normal(0.05, 0.05, 6)
    best = fractional(Q, a, long_only(6)).objective
    tried = g.dirichlet(np.ones(6), 5_000)
    assert ((tried @ a) / np.sqrt(np.einsum("ki,ij,kj->k", tried, Q, tried)) <= best + 1e-12).all()


def test_any_guess_gives_the_same_bits() -> None:
    g = np.random.default_rng(3)
    Q, a = random_covariance(g, 10), g.normal(0.05, 0.1, 10)
    region = replace(long_only(10), upper=np.full(10, 0.4))
    cold = fractional(Q, a, region)
    for guess in (cold, cold.active, "x", quadratic(np.eye(10), a, region)):
        assert np.array_equal(fractional(Q, a, region, guess=guess).weights, cold.weights)


def test_cash_is_not_held_when_it_may_be() -> None:
    """All lengths of the tangency portfolio have the same ratio; the longest is the answer."""
    g = np.random.default_rng(8)
    Q, a = random_covariance(g, 5) + 0.01 * np.eye(5), np.linspace(0.02, 0.1, 5)
    free = fractional(Q, a, replace(long_only(5), row_lower=np.zeros(1)))
    np.testing.assert_allclose(free.weights, fractional(Q, a, long_only(5)).weights, atol=1e-10)


@pytest.mark.parametrize("least", [0.0, 1.0])
def test_nothing_beats_cash(least: float) -> None:
    region = replace(long_only(3), row_lower=np.full(1, least))
    with pytest.raises(NothingBeatsCash, match="no weights that the constraints allow gain more than cash"):
        fractional(np.eye(3), np.array([-0.1, 0.0, -0.2]), region)


def test_costs_can_make_nothing_beat_cash() -> None:
    region = replace(long_only(2), row_lower=np.zeros(1), current=np.zeros(2))
    Q, a = np.diag([0.04, 0.09]), np.array([0.05, 0.06])
    assert fractional(Q, a, region, rates=np.full(2, 0.01)).objective > 0.0
    with pytest.raises(NothingBeatsCash):
        fractional(Q, a, region, rates=np.full(2, 0.07))


def test_a_gain_without_risk_is_an_infinite_ratio() -> None:
    Q = np.diag([0.04, 0.0, 0.09])
    found = fractional(Q, np.array([0.05, 0.01, 0.02]), long_only(3))
    assert found.objective == np.inf
    np.testing.assert_allclose(found.weights, [0.0, 1.0, 0.0], atol=1e-6)
    without = fractional(np.zeros((2, 2)), np.array([0.01, 0.02]), long_only(2))
    assert without.objective == np.inf
    np.testing.assert_allclose(without.weights, [0.0, 1.0])


def test_volatility_cap_with_cash_shortens_the_ray() -> None:
    """The ratio is that of the region without the cap, which only says how much cash is left beside."""
    Q, a = np.diag([0.04, 0.09]), np.array([0.05, 0.06])
    region = replace(
        long_only(2), row_lower=np.zeros(1), covariance=Q, risk_caps=(RiskCap(0.05, np.zeros(2), "max_volatility"),)
    )
    found = fractional(Q, a, region)
    assert found.objective == pytest.approx(fractional(Q, a, long_only(2)).objective, rel=1e-9)
    assert np.sqrt(found.weights @ Q @ found.weights) == pytest.approx(0.05, rel=1e-6)
