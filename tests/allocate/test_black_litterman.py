"""Black–Litterman as a method: the market, views and how far they are trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from backtest.allocate import allocate
from backtest.allocate.base import Forecast, History, Views
from backtest.allocate.methods.black_litterman import BlackLitterman
from backtest.errors import AllocationError, InputError
from backtest.types import Floats

from .optimising import case, draws, known, problem, seen, unbounded, weigh

CAPS = np.array([5.0, 3.0, 2.0, 6.0, 4.0])
COVARIANCE, _ = problem(1, 5)


def told(*views: dict[str, Any], **more: Any) -> BlackLitterman:
    return BlackLitterman.model_validate({"views": views, **more})


def market(covariance: Floats = COVARIANCE, **more: Any) -> History:
    return known(covariance, caps=CAPS, **more)


@pytest.mark.parametrize("risk_aversion", [0.5, 2.5, 10.0])
def test_no_views_are_the_market(risk_aversion: float) -> None:
    answer = weigh(BlackLitterman(risk_aversion=risk_aversion), market())
    np.testing.assert_allclose(answer.weights, CAPS / CAPS.sum(), atol=1e-9)
    assert answer.warnings == ()


def test_he_litterman_view_of_germany() -> None:
    given = case("allocate_black_litterman", "bl_he_litterman_view1_weights")
    inputs = given["inputs"]
    covariance = np.array(inputs["corr"]) * np.outer(inputs["vol"], inputs["vol"])
    view = {"holdings": {"S002": -0.295, "S003": 1.0, "S005": -0.705}, "return": inputs["Q"][0]}
    method = told(view, tau=inputs["tau"], risk_aversion=inputs["delta"], risk="posterior")
    answer = weigh(method, known(covariance, caps=np.array(inputs["w_mkt"])), unbounded(7))
    np.testing.assert_allclose(answer.weights, given["expected"], atol=given["tolerance"]["abs"])


def test_opposite_views_tilt_the_other_way() -> None:
    base = weigh(BlackLitterman(), market(), unbounded(5)).weights
    pair = {"S000": 1.0, "S001": -1.0}
    prior = 2.5 * COVARIANCE @ CAPS / CAPS.sum()
    neutral = float(prior[0] - prior[1])
    up = weigh(told({"holdings": pair, "return": neutral + 0.03}), market(), unbounded(5)).weights - base
    down = weigh(told({"holdings": pair, "return": neutral - 0.03}), market(), unbounded(5)).weights - base
    assert up[0] > 0.0 > up[1]
    np.testing.assert_allclose(up, -down, atol=1e-8)
    np.testing.assert_allclose(up[2:], 0.0, atol=1e-8)
    np.testing.assert_allclose(up[0], -up[1], rtol=1e-6)


def test_a_view_that_says_what_the_prior_says_changes_nothing() -> None:
    prior = 2.5 * COVARIANCE @ CAPS / CAPS.sum()
    answer = weigh(told({"holdings": {"S002": 1.0}, "return": prior[2], "confidence": 0.9}), market())
    np.testing.assert_allclose(answer.weights, CAPS / CAPS.sum(), atol=1e-8)


@pytest.mark.parametrize("confidence", [0.0, 0.3, 1.0])
def test_confidence_is_the_share_of_the_way(confidence: float) -> None:
    """The weights of the unconstrained answer imply the posterior means: μ = δΣw."""
    answer = weigh(
        told({"holdings": {"S000": 1.0, "S003": -1.0}, "return": 0.1, "confidence": confidence}), market(), unbounded(5)
    )
    mean = 2.5 * COVARIANCE @ answer.weights
    prior = 2.5 * COVARIANCE @ CAPS / CAPS.sum()
    before, after = prior[0] - prior[3], mean[0] - mean[3]
    assert (after - before) / (0.1 - before) == pytest.approx(confidence, abs=1e-6)


def test_no_confidence_is_one_half_and_a_deviation_counts_as_such() -> None:
    view = {"holdings": {"S001": 1.0}, "return": 0.2}
    plain = weigh(told(view), market()).weights
    np.testing.assert_allclose(weigh(told({**view, "confidence": 0.5}), market()).weights, plain, atol=1e-9)
    same = float(np.sqrt(0.05 * COVARIANCE[1, 1]))
    np.testing.assert_allclose(weigh(told({**view, "deviation": same}), market()).weights, plain, atol=1e-9)
    vague = weigh(told({**view, "deviation": 1e4}), market()).weights
    np.testing.assert_allclose(vague, CAPS / CAPS.sum(), atol=1e-6)


def test_views_of_the_strategy_count_like_those_of_the_configuration() -> None:
    written = told(
        {"holdings": {"S001": 1.0}, "return": 0.2, "confidence": 0.7},
        {"holdings": {"S002": 1.0, "S003": -1.0}, "return": 0.01, "deviation": 0.04},
    )
    first = Views(np.eye(1, 5, 1), np.array([0.2]), confidences=np.array([0.7]))
    second = told({"holdings": {"S002": 1.0, "S003": -1.0}, "return": 0.01, "deviation": 0.04})
    history = replace(market(), forecast=Forecast(covariance=COVARIANCE, views=first))
    expected = weigh(written, market()).weights
    np.testing.assert_allclose(weigh(second, history).weights, expected, atol=1e-9)
    both = Views(np.array([[0.0, 1, 0, 0, 0], [0.0, 0, 1, -1, 0]]), np.array([0.2, 0.01]))
    omega = np.diag([0.05 * COVARIANCE[1, 1] * 0.3 / 0.7, 0.04**2])
    history = replace(market(), forecast=Forecast(covariance=COVARIANCE, views=replace(both, uncertainty=omega)))
    np.testing.assert_allclose(weigh(BlackLitterman(), history).weights, expected, atol=1e-9)


def test_a_view_is_on_the_whole_return_and_the_answer_on_that_above_cash() -> None:
    """What cash earns is in the view on one asset, and cancels in the view on a pair."""
    single, pair = {"holdings": {"S000": 1.0}}, {"holdings": {"S000": 1.0, "S001": -1.0}}
    for view, said in ((single, 0.03), (pair, 0.0)):
        plain = weigh(told({**view, "return": 0.08}), market()).weights
        with_cash = weigh(told({**view, "return": 0.08 + said}), market(risk_free=0.03)).weights
        np.testing.assert_allclose(with_cash, plain, atol=1e-9)


def test_expected_returns_of_the_caller_are_the_prior() -> None:
    mean = 1.5 * COVARIANCE @ np.full(5, 0.2)
    history = replace(market(), forecast=Forecast(mean=mean, covariance=COVARIANCE))
    answer = weigh(BlackLitterman(risk_aversion=1.5), history)
    np.testing.assert_allclose(answer.weights, 0.2, atol=1e-9)


def test_other_markets() -> None:
    np.testing.assert_allclose(weigh(BlackLitterman(market="equal_weight"), known(COVARIANCE)).weights, 0.2, atol=1e-9)
    written = BlackLitterman(market={"S000": 3.0, "S004": 1.0})
    np.testing.assert_allclose(weigh(written, known(COVARIANCE)).weights, [0.75, 0, 0, 0, 0.25], atol=1e-9)
    with pytest.raises(AllocationError, match="none of its symbols can be held"):
        weigh(BlackLitterman(market={"ELSE": 1.0}), known(COVARIANCE))
    with pytest.raises(AllocationError, match="no market caps are known at this decision"):
        weigh(BlackLitterman(), known(COVARIANCE))
    with pytest.raises(AllocationError, match="none of 5 symbols has a market cap"):
        weigh(BlackLitterman(), known(COVARIANCE, caps=np.full(5, np.nan)))


def test_the_risk_aversion_of_the_market_itself() -> None:
    returns = draws(0, 5, 252) + 0.001
    history = seen(returns, caps=CAPS)
    method = BlackLitterman(risk_aversion=None, covariance="sample")
    w = CAPS / CAPS.sum()
    earned, risk = (returns @ w).mean() * 252, (returns @ w).var(ddof=1) * 252
    answer = weigh(method, history)
    np.testing.assert_allclose(answer.weights, w, atol=1e-8)
    assert answer.objective == pytest.approx(earned / 2.0, rel=1e-8)  # μᵀw − δ/2 · risk, δ = earned / risk
    assert risk > 0.0
    with pytest.raises(AllocationError, match="implies no aversion to risk"):
        weigh(method, seen(returns - 0.01, caps=CAPS))


def test_views_on_symbols_without_data_are_dropped_and_named() -> None:
    answer = weigh(told({"holdings": {"S000": 1.0, "GONE": -1.0}, "return": 0.5}), market())
    np.testing.assert_allclose(answer.weights, CAPS / CAPS.sum(), atol=1e-9)
    assert answer.warnings == ("views dropped, because they are on symbols without data: GONE",)


def test_views_a_year_need_to_know_the_year() -> None:
    history = seen(draws(0, 5, 252), caps=CAPS, periods_per_year=None)
    np.testing.assert_allclose(weigh(BlackLitterman(), history).weights, CAPS / CAPS.sum(), atol=1e-8)
    with pytest.raises(InputError, match="views is a number a year"):
        weigh(told({"holdings": {"S000": 1.0}, "return": 0.5}), history)


def test_certain_views_that_contradict_fall_back() -> None:
    views = [{"holdings": {"0": 1.0}, "return": r, "confidence": 1.0} for r in (0.05, 0.06)]
    with pytest.raises(AllocationError, match="contradict"):
        allocate("black_litterman", covariance=COVARIANCE, caps=CAPS, views=views)
    answer = allocate("black_litterman", covariance=COVARIANCE, caps=CAPS, views=views, fallback=["market_cap"])
    np.testing.assert_allclose(answer.weights, CAPS / CAPS.sum(), atol=1e-12)


def test_constraints_bind_inside_the_solve() -> None:
    answer = allocate("black_litterman", covariance=COVARIANCE, caps=CAPS, constraints={"max_weight": 0.22})
    assert answer.weights.max() <= 0.22 + 1e-9
    assert answer.weights.sum() == pytest.approx(1.0, abs=1e-9)
    assert answer.residuals["kkt"] <= 1e-6


def test_written_and_read_back() -> None:
    method = told({"holdings": {"A": 1.0, "B": -1.0}, "return": 0.05, "confidence": 0.6}, tau=0.1)
    plain = method.model_dump(mode="json")
    assert plain["views"] == [{"holdings": {"A": 1.0, "B": -1.0}, "return": 0.05, "confidence": 0.6, "deviation": None}]
    assert BlackLitterman.model_validate_json(json.dumps(plain), strict=True) == method
    assert "return" in json.dumps(BlackLitterman.model_json_schema())


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ({"holdings": {}, "return": 0.1}, "at least 1 item"),
        ({"holdings": {"A": 0.0}, "return": 0.1}, "a portfolio of nothing"),
        ({"holdings": {"A": 1.0}, "return": 0.1, "confidence": 0.5, "deviation": 0.1}, "not both"),
        ({"holdings": {"A": 1.0}, "return": 0.1, "confidence": 1.5}, "less than or equal to 1"),
        ({"holdings": {"A": 1.0}}, "return"),
    ],
)
def test_views_that_say_nothing_are_refused(view: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        told(view)
