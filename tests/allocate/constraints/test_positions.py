"""Few and not too small positions around any method."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import backtest
from backtest.allocate import Constraints, Forecast, History, Method, answer
from backtest.allocate.base import Views
from backtest.allocate.constraints.narrow import narrowed
from backtest.allocate.constraints.rule import kept_of
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.methods.fixed import Fixed
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.allocate.methods.min_variance import MinVariance
from backtest.errors import InfeasibleError
from tests.allocate.constraints.given import history, region, sectors

VARIANCES = np.array([0.01, 0.09, 0.02, 0.04, 0.16, 0.03])


def diagonal() -> History:
    """Six symbols without correlation: minimum variance is 1/variance, over all or any of them."""
    return replace(history(6), periods_per_year=1.0, forecast=Forecast(covariance=np.diag(VARIANCES)))


def over(columns: list[int]) -> np.ndarray:
    best = np.zeros(6)
    best[columns] = 1.0 / VARIANCES[columns]
    return best / best.sum()


def test_the_largest_are_kept_and_weighed_again() -> None:
    """Without correlation the calmest three are also the best three."""
    found = answer(MinVariance(), diagonal(), Constraints(max_positions=3))
    np.testing.assert_allclose(found.weights, over([0, 2, 5]), atol=1e-9)


def test_small_positions_are_dropped() -> None:
    """All six: weights 0.437, 0.049, 0.218, 0.109, 0.027, 0.146. Without E and B, D has 0.12."""
    found = answer(MinVariance(), diagonal(), Constraints(min_position=0.115))
    np.testing.assert_allclose(found.weights, over([0, 2, 3, 5]), atol=1e-9)


def test_half_of_what_is_too_small_goes_at_a_time() -> None:
    found = answer(EqualWeight(), history(8), Constraints(min_position=0.2))
    np.testing.assert_array_equal(found.weights, [0.25, 0.25, 0.25, 0.25, 0.0, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    "method",
    [EqualWeight(), InverseVolatility(lookback=60), MinVariance(lookback=60), Fixed(weights={"A": 0.5, "H": 0.5})],
)
@pytest.mark.parametrize(
    "rules",
    [
        {"max_positions": 4},
        {"max_positions": 4, "max_weight": 0.3},
        {"min_position": 0.12},
        {"max_positions": 3, "min_position": 0.2, "min_weight": {"H": 0.25}},
        {"max_positions": 4, "groups": {"sector": {"Oil": {"min": 0.4}}}},
        {"max_positions": 4, "max_weight": 0.5, "turnover": 0.95},
    ],
)
def test_the_answer_obeys(method: Method, rules: dict[str, Any]) -> None:
    """`answer` verifies every rule; here what is counted is counted again."""
    known = history(8, rows=60, current=np.full(8, 0.125), **sectors(*["Tech"] * 4, *["Oil"] * 4))
    found = answer(method, replace(known, periods_per_year=252.0), Constraints.model_validate(rules))
    held = found.weights[found.weights != 0.0]
    assert len(held) <= rules.get("max_positions", 8)
    assert held.min() >= rules.get("min_position", 0.0) - 1e-12
    if "groups" in rules:
        assert found.weights[4:].sum() >= 0.4 - 1e-9


def test_symbols_that_must_be_held_are_kept() -> None:
    weights = np.array([0.5, 0.3, 0.1, 0.1])
    assert kept_of(weights, region(4, {"max_positions": 2, "min_weight": {"D": 0.1}})).tolist() == [0, 3]
    rules = {"max_positions": 2, "groups": {"sector": {"Oil": {"min": 0.2}}}}
    assert kept_of(weights, region(4, rules, **sectors("Tech", "Tech", "Oil", "Oil"))).tolist() == [0, 2]


def test_enough_are_kept_for_a_group_whose_symbols_are_capped() -> None:
    weights = np.array([0.4, 0.3, 0.15, 0.15])
    rules = {
        "max_positions": 3,
        "max_weight": {"C": 0.2, "D": 0.2, "default": 1.0},
        "groups": {"sector": {"Oil": {"min": 0.3}}},
    }
    assert kept_of(weights, region(4, rules, **sectors("Tech", "Tech", "Oil", "Oil"))).tolist() == [0, 2, 3]


def test_what_cannot_be_invested_in_few_is_infeasible() -> None:
    rules = {"max_positions": 2, "max_weight": {"A": 0.6, "default": 0.3}}
    with pytest.raises(InfeasibleError) as caught:
        answer(EqualWeight(), history(5), Constraints.model_validate(rules))
    assert str(caught.value) == (
        "no weights obey max_positions 2 beside the other rules (max_weight 0.3 of 4 symbols; max_weight 0.6 of A; "
        "net of at least 1). Smallest change that works: raise max_positions from 2 to 3"
    )


def test_where_no_position_can_be_large_enough_nothing_is_held() -> None:
    """No weights but zeros obey: less than 0.3 may be invested, and 0.4 is the least that may be held of a symbol."""
    found = answer(EqualWeight(), history(5), Constraints.model_validate({"min_position": 0.4, "net": [0.0, 0.3]}))
    np.testing.assert_array_equal(found.weights, np.zeros(5))
    assert "min_position 0.4: no position can be as large: everything stays in cash" in found.warnings


def test_ties_go_to_the_first() -> None:
    found = answer(EqualWeight(), history(5), Constraints(max_positions=2))
    np.testing.assert_array_equal(found.weights, [0.5, 0.5, 0.0, 0.0, 0.0])


def test_a_narrower_history_has_everything_of_the_symbols_that_stay() -> None:
    views = Views(np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]), np.array([0.1, 0.2]), np.array([0.5, 0.6]))
    whole = history(
        3,
        rows=4,
        current=np.array([0.5, 0.2, 0.1]),
        outside=0.1,
        prices=np.array([1.0, 2.0, 3.0]),
        forecast=Forecast(np.array([1.0, 2.0, 3.0]), np.diag([1.0, 2.0, 3.0]), views),
        **sectors("X", "Y", "Z"),
    )
    part = narrowed(whole, np.array([0, 1]))
    assert part.symbols.tolist() == ["A", "B"]
    np.testing.assert_array_equal(part.returns, whole.returns[:, :2])
    assert part.outside == pytest.approx(0.2, abs=1e-15)
    assert part.groups["sector"].tolist() == ["X", "Y"]
    assert part.forecast.views is not None
    np.testing.assert_array_equal(part.forecast.views.holdings, [[0.0, 1.0]])
    np.testing.assert_array_equal(part.forecast.views.returns, [0.2])


def test_what_turnover_does_not_let_go_is_kept() -> None:
    """E and B are held; A and C are the calmest two, but only a tenth may be traded."""
    held = replace(diagonal(), current=np.array([0.0, 0.5, 0.0, 0.0, 0.5, 0.0]))
    found = answer(MinVariance(), held, Constraints(max_positions=2, turnover=0.1))
    np.testing.assert_allclose(found.weights, [0.0, 0.6, 0.0, 0.0, 0.4, 0.0], atol=1e-9)
    free = answer(MinVariance(), held, Constraints(max_positions=2))
    np.testing.assert_allclose(free.weights, over([0, 2]), atol=1e-9)


@pytest.mark.parametrize(
    ("rules", "advice"),
    [
        ({"max_positions": 2, "min_weight": 0.1}, "raise max_positions from 2 to 3"),
        ({"max_positions": 1, "min_weight": {"0": 0.1, "1": 0.1}}, "raise max_positions from 1 to 2"),
        ({"min_position": 0.4, "min_weight": 0.1}, "lower min_position from 0.4 to 0.333333"),
    ],
)
def test_a_least_weight_is_never_dropped(rules: dict[str, Any], advice: str) -> None:
    with pytest.raises(InfeasibleError, match=re.escape(f"Smallest change that works: {advice}")):
        backtest.allocate("min_variance", covariance=np.diag([0.09, 0.04, 0.01]), constraints=rules)


def test_symbols_are_found_where_the_largest_cannot_obey() -> None:
    """The rule keeps A and B, the largest; without C or D the weights do not add up to 1."""
    rules = {"max_positions": 2, "max_weight": {"A": 0.3, "B": 0.3, "C": 0.2, "D": 0.7}, "net": 1.0}
    method = Fixed(weights={"A": 0.3, "B": 0.3, "C": 0.2, "D": 0.2})
    found = answer(method, history(4), Constraints.model_validate(rules))
    np.testing.assert_allclose(found.weights, [0.3, 0.0, 0.0, 0.7], atol=1e-12)


def test_a_benchmark_keeps_the_symbols_that_are_dropped() -> None:
    """Two of four at 0.5 each, of variance 0.04, are √(4 · 0.25² · 0.04) = 0.1 away from all four at 0.25."""
    known = replace(history(4), periods_per_year=1.0, forecast=Forecast(covariance=np.diag(np.full(4, 0.04))))
    capped = {"max_positions": 2, "tracking_error": {"max": 0.11, "benchmark": "equal_weight"}}
    found = answer(EqualWeight(), known, Constraints.model_validate(capped))
    np.testing.assert_allclose(found.weights, [0.5, 0.5, 0.0, 0.0], atol=1e-12)
    capped["tracking_error"] = {"max": 0.09, "benchmark": "equal_weight"}
    with pytest.raises(InfeasibleError, match=r"raise tracking_error from 0\.09 to 0\.1$"):
        answer(EqualWeight(), known, Constraints.model_validate(capped))
