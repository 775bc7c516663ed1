"""From words to numbers: bounds, rows, turnover, benchmarks."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate import Constraints
from backtest.errors import AllocationError, InputError
from tests.allocate.constraints.given import history, region, sectors

INF = float("inf")


def test_nothing_written_is_long_only_and_fully_invested() -> None:
    plain = region(3)
    np.testing.assert_array_equal(plain.lower, np.zeros(3))
    np.testing.assert_array_equal(plain.upper, np.ones(3))
    assert plain.net == (1.0, 1.0)
    assert not plain.net_given
    assert plain.is_simple
    assert plain.with_cash().net == (0.0, 1.0)


def test_a_cash_reserve_is_taken_from_net_and_bounds() -> None:
    kept = region(3, {"cash_reserve": 0.1})
    assert kept.net == (0.9, 0.9)
    np.testing.assert_array_equal(kept.upper, np.full(3, 0.9))


def test_a_net_that_was_asked_for_stays_with_cash_allowed() -> None:
    asked = region(3, {"net": 0.7})
    assert asked.net_given
    assert asked.with_cash() is asked


def test_weights_by_symbol_with_a_default() -> None:
    found = region(3, {"max_weight": {"B": 0.2, "default": 0.6}, "min_weight": {"C": 0.1}})
    np.testing.assert_array_equal(found.upper, [0.6, 0.2, 0.6])
    np.testing.assert_array_equal(found.lower, [0.0, 0.0, 0.1])


def test_short_bounds_mirror_the_long_ones() -> None:
    found = region(3, {"long_only": False, "max_weight": {"B": 0.2, "default": 0.6}, "net": 0})
    np.testing.assert_array_equal(found.lower, [-0.6, -0.2, -0.6])
    found = region(3, {"long_only": False, "gross": 2.0, "min_weight": -0.1})
    np.testing.assert_array_equal(found.lower, np.full(3, -0.1))
    np.testing.assert_array_equal(found.upper, np.full(3, 2.0))
    found = region(3, {"long_only": False, "gross": 2.0, "min_weight": {"A": 0.0}})
    np.testing.assert_array_equal(found.lower, [0.0, -2.0, -2.0])


def test_a_gross_exposure_below_the_net_one_is_no_simple_rule() -> None:
    assert region(3, {"gross": 1.0}).is_simple
    assert region(3, {"gross": 1.0, "net": [0.0, 1.0]}).is_simple
    assert not region(3, {"gross": 0.5, "net": [0.0, 1.0]}).is_simple
    assert not region(3, {"gross": 1.5, "long_only": False}).is_simple


def test_groups_are_rows_by_name() -> None:
    rules = {"groups": {"sector": {"Tech": {"max": 0.4}, "Oil": {"min": 0.1, "max": 0.5}}}}
    found = region(3, rules, **sectors("Tech", "Oil", "Tech"))
    assert found.names == ("net", "sector Tech", "sector Oil")
    np.testing.assert_array_equal(found.rows, [[1, 1, 1], [1, 0, 1], [0, 1, 0]])
    np.testing.assert_array_equal(found.row_lower, [1.0, -INF, 0.1])
    np.testing.assert_array_equal(found.row_upper, [1.0, 0.4, 0.5])
    assert not found.is_simple


def test_a_property_that_nobody_has_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"nothing is known of 'sectr' of the symbols; known: sector; did you mean"):
        region(2, {"groups": {"sectr": {"Tech": {"max": 0.4}}}}, **sectors("Tech", "Oil"))


def test_turnover_needs_to_know_what_is_held() -> None:
    with pytest.raises(InputError, match=r"constraints.turnover is counted from the weights held now: give current"):
        region(2, {"turnover": 0.1})


def test_the_first_purchase_is_free() -> None:
    assert region(2, {"turnover": 0.1}, current=np.zeros(2)).turnover == INF
    assert region(2, {"turnover": 0.1}, current=np.array([0.1, 0.0])).turnover == 0.1
    assert region(2, {"turnover": 0.1}, current=np.zeros(2), outside=0.5).turnover == 0.1


def test_taking_some_sells_the_others_and_keeps_the_benchmark_invested() -> None:
    rules = {"turnover": 0.5, "tracking_error": {"max": 0.1, "benchmark": {"A": 0.5, "B": 0.3, "C": 0.2}}}
    part = region(3, rules, current=np.array([0.5, 0.3, -0.2]), outside=0.1).take(np.array([0, 1]))
    assert part.outside == pytest.approx(0.3, abs=1e-15)
    np.testing.assert_allclose(part.risk_caps[0].start, [0.625, 0.375], rtol=1e-15)
    assert part.symbols is not None
    assert part.symbols.tolist() == ["A", "B"]


def test_taking_all_changes_nothing() -> None:
    whole = region(3)
    assert whole.take(np.arange(3)) is whole


def test_beta_becomes_a_row_once_the_covariance_is_known() -> None:
    """β of A and B against A alone, with variances 4 and 1 and correlation ½: 1 and ½·1·2/4 = ¼."""
    found = region(2, {"beta": {"min": 0.5, "max": 0.8, "benchmark": {"A": 1.0}}})
    assert found.needs_covariance
    assert not found.is_simple
    known = found.with_covariance(np.array([[4.0, 1.0], [1.0, 1.0]]))
    np.testing.assert_allclose(known.rows[1], [1.0, 0.25], rtol=1e-15)
    assert (known.row_lower[1], known.row_upper[1], known.names[1]) == (0.5, 0.8, "beta")
    assert not known.needs_covariance


def test_a_benchmark_without_risk_has_no_beta() -> None:
    with pytest.raises(AllocationError, match="beta: its benchmark has no risk"):
        region(2, {"beta": {"max": 0.8}}).with_covariance(np.zeros((2, 2)))


def test_a_benchmark_by_market_cap() -> None:
    rules = Constraints.model_validate({"tracking_error": {"max": 0.1, "benchmark": "market_cap"}})
    found = rules.resolve(history(2, caps=np.array([3.0, 1.0])))
    np.testing.assert_allclose(found.risk_caps[0].start, [0.75, 0.25], rtol=1e-15)
    with pytest.raises(AllocationError, match="no market caps are known"):
        rules.resolve(history(2))


def test_what_a_rule_cannot_be_about_now_is_remarked() -> None:
    rules = {
        "groups": {"sector": {"Gold": {"max": 0.1}}},
        "beta": {"max": 2.0, "benchmark": {"A": 0.5, "Z": 0.5}},
    }
    assert region(2, rules, **sectors("Tech", "Oil")).remarks == (
        "no symbol of sector Gold can be held now",
        "beta: benchmark symbols that cannot be held now, the others share their weight: Z",
    )
