"""Constraints that only just can be kept, and numbers so large or small that they are no limit, or leave no room."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backtest
from backtest.allocate.constraints.demanded import eased
from backtest.errors import AllocationError, InputError
from tests.allocate.constraints.given import region

RISK = np.diag([0.04, 0.01, 0.09])
HELD = np.array([0.1, 0.2, 0.7])
CALMEST = np.array([9.0, 36.0, 4.0]) / 49.0


@pytest.mark.parametrize("method", ["min_variance", "equal_weight", "max_diversification", "hrp"])
@pytest.mark.parametrize(
    ("held", "more"),
    [
        (HELD, {}),
        (np.full(3, 1 / 3), {}),
        (HELD * (1.0 - 1e-10), {}),
        (HELD * (1.0 + 3e-10), {}),
        (HELD, {"max_weight": 0.7, "min_weight": 0.1}),
        (HELD, {"max_volatility": 0.3, "tracking_error": {"max": 0.3, "benchmark": "equal_weight"}}),
        (HELD * (1.0 - 1e-10), {"tracking_error": {"max": 0.3, "benchmark": "equal_weight"}}),
        (np.array([0.0, 0.2, 0.8]), {"max_positions": 2, "min_position": 0.2}),
    ],
)
def test_without_turnover_what_is_held_is_the_answer(method: str, held: np.ndarray, more: dict[str, Any]) -> None:
    found = backtest.allocate(method, covariance=RISK, current=held, constraints={"turnover": 0.0, **more})
    np.testing.assert_allclose(found.weights, held, atol=2e-9)


def test_a_region_is_eased_only_where_rounding_leaves_nothing() -> None:
    just = region(3, {"turnover": 0.0}, current=HELD * (1.0 - 1e-10))
    wider = eased(just)
    assert wider is not None
    assert 1.0 - 1e-9 < wider.row_lower[0] < 1.0 - 4e-10
    assert eased(region(3, {"max_weight": 0.5})) is None
    assert eased(region(3, {"turnover": 0.0}, current=HELD * 0.99)) is None


@pytest.mark.parametrize("large", [1e100, 1e160, 1e300, 1.7e308])
@pytest.mark.parametrize(
    "rules",
    [
        lambda most: {"max_volatility": most},
        lambda most: {"tracking_error": {"max": most, "benchmark": "equal_weight"}},
        lambda most: {"gross": most},
        lambda most: {"turnover": most},
        lambda most: {"beta": {"min": -most, "max": most}},
        lambda most: {"groups": {"sector": {"Oil": {"min": -most, "max": most}}}},
        lambda most: {"long_only": False, "max_weight": most},
        lambda most: {"long_only": False, "gross": most, "min_weight": -most},
    ],
)
def test_what_is_far_too_large_is_no_limit(rules: Any, large: float) -> None:
    known = {"covariance": RISK, "current": HELD, "groups": {"sector": ["Oil", "Oil", "Tech"]}}
    found = backtest.allocate("min_variance", constraints=rules(large), **known)
    np.testing.assert_allclose(found.weights, CALMEST, atol=1e-9)


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
@pytest.mark.parametrize("name", ["max_weight", "gross", "turnover", "max_volatility", "net"])
def test_what_is_no_number_is_refused(name: str, number: float) -> None:
    with pytest.raises(InputError, match=f"constraints.{name}"):
        backtest.allocate("min_variance", covariance=RISK, constraints={name: number})


def test_positions_that_no_number_fills_are_not_counted() -> None:
    with pytest.raises(InputError, match=r"is less than net 1: raise max_weight to 1$"):
        backtest.allocate("equal_weight", covariance=RISK, constraints={"max_positions": 1, "max_weight": 1e-300})


@settings(max_examples=60, deadline=None)
@given(data=st.data(), n=st.integers(2, 6))
def test_bounds_exactly_at_their_limit_never_end_in_a_solvers_words(data: st.DataObject, n: int) -> None:
    """Bounds that add up to all there is, give or take rounding, a cap on tracking error, and what is held exactly."""
    parts = np.array(data.draw(st.lists(st.sampled_from([1.0, 2.0, 3.0, 7.0]), min_size=n, max_size=n)))
    whole = parts / parts.sum() * (1.0 + data.draw(st.sampled_from([0.0, 1e-16, -1e-12, -1e-10, -4e-10])))
    side = data.draw(st.sampled_from(["max_weight", "min_weight"]))
    exact = {str(k): float(whole[k]) for k in range(n)}
    rules: dict[str, Any] = {side: exact, "tracking_error": {"max": data.draw(st.sampled_from([1e-3, 0.05, 2.0]))}}
    rules["tracking_error"]["benchmark"] = data.draw(st.sampled_from(["equal_weight", {"0": 1.0}]))
    known: dict[str, Any] = {"covariance": np.diag(np.linspace(0.01, 0.09, n))}
    if data.draw(st.booleans()):
        known["current"], rules["turnover"] = whole, data.draw(st.sampled_from([0.0, 1e-10]))
    method = data.draw(st.sampled_from(["min_variance", "equal_weight", "max_diversification"]))
    found, said = answered(method, rules, known)
    if found is None:
        assert "HiGHS" not in said
        assert "tracking_error" in said  # the only rule that can be out of reach
    else:
        np.testing.assert_allclose(found, whole, atol=3e-9)


def answered(method: str, rules: dict[str, Any], known: dict[str, Any]) -> tuple[np.ndarray | None, str]:
    try:
        return backtest.allocate(method, constraints=rules, **known).weights, ""
    except AllocationError as error:
        return None, str(error)


def test_a_least_weight_alone_limits_what_is_sold_short() -> None:
    covariance = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, 0.02], [0.0, 0.02, 0.01]])
    found = backtest.allocate(
        "min_variance", covariance=covariance, constraints={"long_only": False, "min_weight": -0.1}
    )
    np.testing.assert_allclose(found.weights, [0.2, -0.1, 0.9], atol=1e-12)  # 0.08 a − 0.002 = 0.02 (1.1 − a) − 0.004
