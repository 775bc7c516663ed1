"""Risk budgets of symbols and of groups."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from backtest.allocate.budgeting import risk_shares
from backtest.allocate.methods.risk_budgeting import RiskBudgeting
from backtest.errors import AllocationError, InputError

from .optimising import case, known, problem, weigh

SECTORS = np.array(["Tech", "Oil", "Tech", "Oil", "Oil"], np.str_)


def budgeting(budgets: dict[str, float], **more: object) -> RiskBudgeting:
    return RiskBudgeting.model_validate({"budgets": budgets, **more})


def test_roncalli_three_assets() -> None:
    given = case("allocate_risk_budgets", "rb_roncalli_book_3assets")
    method = budgeting(dict(zip(("S000", "S001", "S002"), given["inputs"]["budgets"], strict=True)))
    answer = weigh(method, known(given["inputs"]["cov"]))
    np.testing.assert_allclose(answer.weights, given["expected"]["rb_weights"], atol=given["tolerance"]["abs"])
    assert answer.objective == pytest.approx(given["expected"]["rb_vol"], abs=given["tolerance"]["abs"])


@pytest.mark.parametrize("k", range(12))
def test_two_assets_have_a_closed_form(k: int) -> None:
    given = case("allocate_risk_budgets", "rb_two_assets_closed_form")
    a, b = given["inputs"]["vol"]
    budget, correlation = given["inputs"]["budget1_rho"][k]
    cross = correlation * a * b
    answer = weigh(budgeting({"S000": budget, "S001": 1.0 - budget}), known([[a * a, cross], [cross, b * b]]))
    assert answer.weights[0] == pytest.approx(given["expected"][k], abs=given["tolerance"]["abs"])


def test_uncorrelated_assets_have_a_closed_form() -> None:
    """w ∝ √b / σ."""
    volatility, budgets = np.array([0.1, 0.2, 0.4]), np.array([0.2, 0.3, 0.5])
    answer = weigh(budgeting({"S000": 2, "S001": 3, "S002": 5}), known(np.diag(volatility**2)))
    raw = np.sqrt(budgets) / volatility
    np.testing.assert_allclose(answer.weights, raw / raw.sum(), rtol=1e-10)


def test_the_default_is_for_each_symbol_that_is_not_named() -> None:
    covariance, _ = problem(1, 5)
    answer = weigh(budgeting({"S001": 0.6, "default": 0.1}), known(covariance))
    np.testing.assert_allclose(risk_shares(covariance, answer.weights), [0.1, 0.6, 0.1, 0.1, 0.1], atol=1e-10)


def test_symbols_that_are_not_named_have_no_budget() -> None:
    answer = weigh(budgeting({"S000": 1.0, "S002": 1.0}), known(np.diag([0.01, 0.04, 0.01])))
    np.testing.assert_allclose(answer.weights, [0.5, 0.0, 0.5], atol=1e-12)
    assert answer.weights[1] == 0.0
    assert answer.warnings == ("without a budget, so without risk: S001",)


def test_a_group_brings_its_budget_and_its_members_alike() -> None:
    covariance, _ = problem(2, 5)
    history = known(covariance, groups={"sector": SECTORS})
    answer = weigh(budgeting({"Tech": 0.7, "Oil": 0.3}, by="sector"), history)
    shares = risk_shares(covariance, answer.weights)
    np.testing.assert_allclose(shares, [0.35, 0.1, 0.35, 0.1, 0.1], atol=1e-10)


def test_what_cannot_be_held_leaves_its_budget_to_the_others() -> None:
    covariance = np.diag([0.01, 0.01, 0.0])
    answer = weigh(budgeting({"S000": 0.2, "S001": 0.2, "S002": 0.6}), known(covariance))
    np.testing.assert_allclose(answer.weights, [0.5, 0.5, 0.0], atol=1e-12)
    assert answer.left_out == ("S002",)
    assert "budgets of what cannot be held now, which the others share: S002" in answer.warnings


def test_no_budget_for_anything_that_can_be_held() -> None:
    with pytest.raises(AllocationError, match="none of the 2 symbols that can be held has a budget"):
        weigh(budgeting({"ELSE": 1.0}), known(np.eye(2)))


def test_an_unknown_property_names_those_that_are_known() -> None:
    history = known(np.eye(5), groups={"sector": SECTORS})
    with pytest.raises(
        InputError, match=r"unknown property of symbols 'sectr'; known: sector; did you mean 'sector'\?"
    ):
        weigh(budgeting({"Tech": 1.0}, by="sectr"), history)


@pytest.mark.parametrize(
    ("budgets", "said"),
    [({"A": -0.1, "B": 1.1}, "at least 0; received A: -0.1"), ({"A": 0.0}, "are all 0"), ({}, "at least 1")],
)
def test_budgets_that_are_no_shares_are_refused(budgets: dict[str, float], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        budgeting(budgets)
