"""Answers are held against what they claim to be the best of, whatever the method says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backtest.allocate import Weights, allocate, verified
from backtest.allocate.claims import Claim, Least, Ratio, Shares
from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.fractional import fractional
from backtest.allocate.solve.kkt import kkt_residual
from backtest.allocate.solve.quadratic import quadratic
from backtest.errors import AllocationError, InputError

from .constraints.given import region
from .optimising import problem

RULES: list[dict[str, Any]] = [
    {},
    {"max_weight": 0.2},
    {"net": [0, 1]},
    {"groups": {"sector": {"Tech": {"max": 0.2}}}},
    {"long_only": False, "gross": 1.3},
]


def made(rules: dict[str, Any], n: int = 8) -> Region:
    labels = np.array(["Tech", "Oil"] * (n // 2))
    return region(n, rules, groups={"sector": labels})


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize("seed", range(5))
def test_what_is_best_has_no_residual_and_what_is_not_is_refused(rules: dict[str, Any], seed: int) -> None:
    """The lie: equal weights, with a residual of 0 said of them."""
    covariance, mean = problem(seed, 8)
    allowed = made(rules)
    claims: list[Claim] = [Least(covariance, -mean, allowed), Ratio(covariance, np.abs(mean), allowed)]
    best = [quadratic(covariance, -mean, allowed), fractional(covariance, np.abs(mean), allowed)]
    for claim, solution in zip(claims, best, strict=True):
        answer = verified("m", Weights(solution.weights, claim=claim, residuals={"kkt": 0.5}), allowed)
        assert answer.residuals["kkt"] <= 1e-12
        assert answer.claim is None
        off = 0.5 * (solution.weights + np.full(8, 1 / 8 if "groups" not in rules else 0.05))
        if "groups" in rules:
            off[1::2] += (1.0 - off.sum()) / 4.0
        with pytest.raises(AllocationError, match="m answered with a kkt residual of"):
            verified("m", Weights(off, claim=claim, residuals={"kkt": 0.0}), allowed)


@pytest.mark.parametrize("rules", RULES)
def test_the_short_ways_agree_with_the_linear_program(rules: dict[str, Any]) -> None:
    covariance, mean = problem(3, 8)
    allowed = made(rules)
    weights = quadratic(covariance, -mean, allowed).weights
    moved = weights + 1e-3 * np.sin(np.arange(8.0)) * (weights > 0.01)
    for w in (weights, moved):
        found = Least(covariance, -mean, allowed).residual(w)[1]
        assert found == pytest.approx(kkt_residual(covariance, -mean, allowed, w), rel=1e-6, abs=1e-12)


def test_budgets_are_measured_from_the_weights() -> None:
    covariance, budgets = np.diag([0.01, 0.04]), np.array([0.5, 0.5])
    claim = Shares(covariance, budgets)
    good = Weights(np.array([2 / 3, 1 / 3]), claim=claim)
    assert verified("m", good, made({}, 2)).residuals["risk_contribution"] <= 1e-15
    with pytest.raises(AllocationError, match="risk_contribution residual"):
        verified("m", replace(good, weights=np.array([0.6, 0.4]), residuals={"risk_contribution": 0.0}), made({}, 2))
    bounds = np.array([[0.0, 0.0], [0.6, 1.0]])
    held_down = replace(good, weights=np.array([0.6, 0.4]), claim=Shares(covariance, budgets, bounds))
    assert verified("m", held_down, made({"max_weight": {"S000": 0.6}}, 2)).residuals["budget_gap"] <= 1e-15
    loose = replace(held_down, claim=Shares(covariance, budgets, np.array([[0.0, 0.0], [0.9, 1.0]])))
    with pytest.raises(AllocationError, match="budget_gap residual"):
        verified("m", loose, made({}, 2))


def test_a_reserve_of_cash_is_no_move_and_leaves_no_objective() -> None:
    answer = allocate("inverse_variance", covariance=np.diag([0.01, 0.04]), constraints={"cash_reserve": 0.5})
    np.testing.assert_allclose(answer.weights, [0.4, 0.1], atol=1e-12)
    assert "moved" not in answer.residuals
    assert np.isnan(answer.objective)


def test_a_cash_reserve_binds_beside_a_range_of_net() -> None:
    covariance, mean = np.diag([0.01, 0.04]), np.array([0.5, 0.5])
    answer = allocate("kelly", covariance=covariance, mean=mean, constraints={"net": [0, 1], "cash_reserve": 0.2})
    assert answer.weights.sum() == pytest.approx(0.8, abs=1e-12)
    with pytest.raises(InputError, match=r"net of at least 0.9 and cash_reserve 0.2 together are more than all there"):
        allocate("kelly", covariance=covariance, mean=mean, constraints={"net": [0.9, 1], "cash_reserve": 0.2})


def test_budgets_that_no_bounded_weights_have_are_said() -> None:
    answer = allocate("risk_budgeting", covariance=np.eye(3), budgets={"0": 1.0}, constraints={"max_weight": 0.5})
    assert any("no weights within the bounds share the risk as budgeted" in text for text in answer.warnings)


def test_costs_that_nobody_looks_at_are_said() -> None:
    given: dict[str, Any] = {"covariance": np.eye(2), "current": np.zeros(2), "costs": {"commission_bps": 5.0}}
    unpaid = "costs are not looked at: nothing has a cost_horizon"
    assert allocate("min_variance", **given).warnings == (unpaid,)
    assert unpaid not in allocate("min_variance", cost_horizon=21, **given, periods_per_year=252.0).warnings
    with pytest.raises(InputError, match="risk_aversion is only looked at with cost_horizon"):
        allocate("min_variance", covariance=np.eye(2), risk_aversion=4.0)
    with pytest.raises(InputError, match="common_sharpe is only looked at with cost_horizon"):
        allocate("max_diversification", covariance=np.eye(2), common_sharpe=1.0)


@pytest.mark.parametrize(
    "rules", [{"max_volatility": 0.1}, {"tracking_error": {"max": 0.1, "benchmark": "equal_weight"}}]
)
@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("min_cvar", {}),
        ("min_cdar", {}),
        ("mixed", {"of": ["min_cvar", "equal_weight"]}),
        ("momentum_tilt", {"base": "min_cdar"}),
        ("equal_weight", {"fallback": ["min_cvar"]}),
    ],
)
def test_linear_programs_refuse_caps_on_risk_at_once(method: str, more: dict[str, Any], rules: dict[str, Any]) -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.01, (300, 3))
    with pytest.raises(InputError, match=r"is a linear program, which cannot obey"):
        allocate(method, returns=returns, periods_per_year=252.0, constraints=rules, **more)


def test_risk_from_few_returns_is_said() -> None:
    returns = np.random.default_rng(0).normal(0.0, 0.01, (4, 3))
    answer = allocate("equal_weight", returns=returns, periods_per_year=252.0, constraints={"max_volatility": 9.0})
    assert "risk is estimated from 4 returns: risk_lookback asks for 252" in answer.warnings
    assert "condition_number" in answer.condition


def test_advice_is_on_what_was_written() -> None:
    with pytest.raises(AllocationError) as caught:
        allocate("equal_weight", covariance=np.eye(3), constraints={"min_weight": 0.4})
    assert str(caught.value).endswith("works: lower min_weight from 0.4 to 0.333333")
