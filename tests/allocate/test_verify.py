"""The verifier refuses whatever a method should not have said, and says which rule is broken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backtest.allocate import Weights, verified
from backtest.allocate.constraints.region import long_only
from backtest.allocate.verify import verified_part
from backtest.errors import AllocationError
from tests.allocate.constraints.given import region, sectors

COVARIANCE = np.diag([0.04, 0.09])


def anything(n: int) -> Any:
    """Return a region for at most all of the equity, cash allowed."""
    return long_only(n).with_cash()


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([0.5, 0.5, 0.0], r"m answered with shape \(3,\); expected \(2,\)"),
        ([[0.5, 0.5]], "shape"),
        ([0.5, np.nan], "1 weights that are not numbers"),
        ([np.inf, 0.0], "not numbers"),
        ([0.7, 0.4], "add up to 1.1; at most 1 is allowed"),
        ([1.1, -0.1], "weight of -0.1; long-only weights are at least 0|weight of 1.1; at most 1 is allowed"),
        ([-1e-6, 0.5], "weight of -1e-06"),
    ],
)
def test_bad_answers_are_refused(weights: list[float], said: str) -> None:
    with pytest.raises(AllocationError, match=said):
        verified("m", Weights(np.array(weights)), anything(2))


@pytest.mark.parametrize("weights", [[0.5, 0.5], [0.0, 0.0], [0.3, 0.2], [0.5 + 1e-10, 0.5]])
def test_good_answers_come_back_unchanged(weights: list[float]) -> None:
    answer = Weights(np.array(weights))
    assert verified("m", answer, anything(2)) is answer


def test_rounding_beyond_a_bound_is_taken_away() -> None:
    answer = verified("m", Weights(np.array([1.0 + 1e-10, -1e-12])), anything(2))
    np.testing.assert_array_equal(answer.weights, [1.0, 0.0])


def test_no_symbols_is_no_fault() -> None:
    assert verified("m", Weights(np.zeros(0)), anything(0)).weights.shape == (0,)


@pytest.mark.parametrize(
    ("rules", "known", "weights", "said"),
    [
        ({}, {}, [0.5, 0.3], "weights that add up to 0.8; at least 1 is allowed"),
        ({"max_weight": 0.6}, {}, [0.7, 0.3], "a weight of 0.7; at most 0.6 is allowed"),
        ({"min_weight": 0.3}, {}, [0.8, 0.2], "a weight of 0.2; at least 0.3 is allowed"),
        ({"cash_reserve": 0.1}, {}, [0.5, 0.5], "weights that add up to 1; at most 0.9 is allowed"),
        (
            {"groups": {"sector": {"Tech": {"max": 0.4}}}},
            sectors("Tech", "Oil"),
            [0.5, 0.5],
            "sector Tech at 0.5; at most 0.4 is allowed",
        ),
        (
            {"groups": {"sector": {"Oil": {"min": 0.4}}}},
            sectors("Tech", "Oil"),
            [0.7, 0.3],
            "sector Oil at 0.3; at least 0.4 is allowed",
        ),
        (
            {"long_only": False, "gross": 1.5},
            {},
            [1.4, -0.4],
            "a gross exposure of 1.8; at most 1.5 is allowed",
        ),
        (
            {"turnover": 0.2},
            {"current": np.array([0.5, 0.4]), "outside": 0.1},
            [0.8, 0.2],
            "a turnover of 0.3; at most 0.2 is allowed",
        ),
        ({"max_positions": 1}, {}, [0.5, 0.5], "2 positions; at most 1 are allowed"),
        ({"min_position": 0.2}, {}, [0.9, 0.1], "a position of 0.1; those that are held are at least 0.2"),
        ({"max_volatility": 0.15}, {}, [0.5, 0.5], "max_volatility of 0.180277564 a year; at most 0.15 is allowed"),
        (
            {"tracking_error": {"max": 0.05, "benchmark": {"A": 1.0}}},
            {},
            [0.5, 0.5],
            "tracking_error of 0.180277564 a year; at most 0.05 is allowed",
        ),
        ({"beta": {"max": 1.0, "benchmark": {"A": 1.0}, "min": 0.9}}, {}, [0.5, 0.5], "beta at 0.5; at least 0.9 is"),
    ],
)
def test_each_rule_is_checked(rules: dict[str, Any], known: dict[str, Any], weights: list[float], said: str) -> None:
    asked = region(2, rules, **known).with_covariance(COVARIANCE)
    with pytest.raises(AllocationError) as caught:
        verified("m", Weights(np.array(weights)), asked)
    assert f"m answered with {said}" in str(caught.value)


def test_the_worst_breach_is_told() -> None:
    with pytest.raises(AllocationError, match=r"a weight of 0.9; at most 0.3 is allowed"):
        verified("m", Weights(np.array([0.9, 0.2])), region(2, {"max_weight": 0.3, "net": [0, 0.6]}))


@pytest.mark.parametrize(
    ("name", "most"), [("kkt", 1e-9), ("risk_contribution", 1e-8), ("budget_gap", 1e-8), ("duality_gap", 1e-9)]
)
def test_an_answer_that_is_not_optimal_is_refused(name: str, most: float) -> None:
    good = Weights(np.array([0.5, 0.5]), residuals={name: most})
    assert verified("m", good, anything(2)) is good
    for bad in (2.0 * most, float("nan")):
        with pytest.raises(AllocationError, match=f"m answered with a {name} residual of"):
            verified("m", replace(good, residuals={name: bad}), anything(2))


def test_all_cash_needs_more_than_a_status() -> None:
    idle = Weights(np.zeros(2), status="nothing beats cash", leaves_cash=True)
    with pytest.raises(AllocationError, match="add up to 0; at least 1"):
        verified("m", Weights(np.zeros(2)), region(2))
    with pytest.raises(AllocationError, match="add up to 0; at least 1"):
        verified("m", replace(idle, leaves_cash=False), region(2))
    verified("m", idle, region(2))
    with pytest.raises(AllocationError, match="add up to 0; at least 1"):
        verified("m", idle, region(2, {"net": 1}))


def test_symbols_without_data_have_no_weight() -> None:
    part = region(3, {"min_weight": 0.2}).take(np.array([0, 2]))
    answer = Weights(np.array([0.6, 0.0, 0.4]))
    assert verified_part("m", answer, np.array([0, 2]), part) is answer
    with pytest.raises(AllocationError, match="1 weights of symbols without the data for one"):
        verified_part("m", Weights(np.array([0.5, 0.1, 0.4])), np.array([0, 2]), part)
