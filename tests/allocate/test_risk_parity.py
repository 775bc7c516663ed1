"""Risk parity against published weights, closed forms, and inside constraints."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate import allocate
from backtest.allocate.methods.risk_parity import RiskParity
from backtest.errors import AllocationError

from .optimising import case, draws, known, problem, seen, weigh

METHOD = RiskParity()


@pytest.mark.parametrize("name", ["erc_maillard2010_zero_corr", "erc_maillard2010_block_corr"])
def test_maillard_roncalli_teiletche(name: str) -> None:
    given = case("allocate_risk_budgets", name)
    answer = weigh(METHOD, known(given["inputs"]["cov"]))
    np.testing.assert_allclose(answer.weights, given["expected"], atol=given["tolerance"]["abs"])
    assert answer.residuals["risk_contribution"] <= 1e-8


def test_roncalli_three_assets() -> None:
    given = case("allocate_risk_budgets", "rb_roncalli_book_3assets")
    answer = weigh(METHOD, known(given["inputs"]["cov"]))
    np.testing.assert_allclose(answer.weights, given["expected"]["erc_weights"], atol=given["tolerance"]["abs"])


@pytest.mark.parametrize("correlation", [-0.15, 0.0, 0.4, 0.95])
def test_equal_correlations_give_inverse_volatility(correlation: float) -> None:
    volatility = np.array([0.1, 0.2, 0.15, 0.4, 0.05])
    matrix = np.full((5, 5), correlation) + (1.0 - correlation) * np.eye(5)
    answer = weigh(METHOD, known(matrix * np.outer(volatility, volatility)))
    np.testing.assert_allclose(answer.weights, (1.0 / volatility) / (1.0 / volatility).sum(), rtol=1e-10)


def test_two_assets_are_inverse_volatility_whatever_the_correlation() -> None:
    for correlation in (-0.99, -0.3, 0.7, 1.0):
        cross = correlation * 0.1 * 0.3
        answer = weigh(METHOD, known([[0.01, cross], [cross, 0.09]]))
        np.testing.assert_allclose(answer.weights, [0.75, 0.25], rtol=1e-9)


def test_the_volatility_lies_between_minimum_variance_and_equal_weights() -> None:
    """Theorem of Maillard, Roncalli and Teïletche (2010)."""
    covariance, _ = problem(2, 12)
    inverse = np.linalg.solve(covariance, np.ones(12))
    least = np.sqrt(1.0 / inverse.sum())
    most = np.sqrt(covariance.mean())
    assert least <= weigh(METHOD, known(covariance)).objective <= most


def test_from_returns() -> None:
    returns = draws(1, 6, 252)
    answer = weigh(RiskParity(covariance="sample"), seen(returns))
    covariance = np.cov(returns.T) * 252.0
    shares = answer.weights * (covariance @ answer.weights)
    np.testing.assert_allclose(shares / shares.sum(), 1.0 / 6.0, atol=1e-10)
    assert answer.objective == pytest.approx(np.sqrt(shares.sum()), rel=1e-10)


def test_one_asset_gets_everything() -> None:
    assert weigh(METHOD, known([[0.04]])).weights.tolist() == [1.0]


def test_what_a_bound_takes_goes_to_the_others_in_proportion() -> None:
    """Inverse volatility is 0.48, 0.24, 0.16, 0.12: the first meets the bound, then the second; the rest is 4 : 3."""
    covariance = np.diag([0.01, 0.04, 0.09, 0.16])
    answer = allocate("risk_parity", covariance=covariance, constraints={"max_weight": 0.3})
    np.testing.assert_allclose(answer.weights, [0.3, 0.3, 0.4 * 4 / 7, 0.4 * 3 / 7], atol=1e-12)
    assert answer.residuals["budget_gap"] <= 1e-8
    assert "risk_contribution" not in answer.residuals
    assert "moved" not in answer.residuals


def test_a_cash_reserve_takes_from_all_alike() -> None:
    answer = allocate("risk_parity", covariance=np.diag([0.01, 0.04, 0.09, 0.16]), constraints={"cash_reserve": 0.5})
    np.testing.assert_allclose(answer.weights, [0.24, 0.12, 0.08, 0.06], atol=1e-12)


def test_other_rules_move_it_to_the_nearest_allowed_weights() -> None:
    answer = allocate(
        "risk_parity",
        covariance=np.diag([0.01, 0.04, 0.09, 0.16]),
        groups={"sector": ["A", "A", "B", "B"]},
        constraints={"groups": {"sector": {"A": {"max": 0.6}}}},
    )
    np.testing.assert_allclose(answer.weights, [0.42, 0.18, 0.22, 0.18], atol=1e-9)
    assert answer.residuals["moved"] == pytest.approx(0.12, abs=1e-9)
    assert set(answer.residuals) == {"moved"}
    assert np.isnan(answer.objective)


def test_without_risk_it_is_an_error_that_can_fall_back() -> None:
    opposite = [[0.04, -0.04], [-0.04, 0.04]]
    with pytest.raises(AllocationError, match="hardly any"):
        allocate("risk_parity", covariance=np.array(opposite))
    answer = allocate("risk_parity", covariance=np.array(opposite), fallback=["equal_weight"])
    assert answer.weights.tolist() == [0.5, 0.5]
    assert answer.status.startswith("fell back to equal_weight")
