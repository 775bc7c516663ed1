"""What a person writes: every contradiction that needs no data is told, with its numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from backtest.allocate import Constraints
from backtest.allocate.names import names_in_rules, refuse_strangers
from backtest.errors import InputError
from tests.allocate.constraints.given import history, sectors


def read(rules: dict[str, Any]) -> Constraints:
    """Read as a configuration does."""
    return Constraints.model_validate_json(json.dumps(rules), strict=True)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"min_weight": 0.3, "max_weight": 0.2}, "min_weight 0.3 is above max_weight 0.2"),
        ({"min_weight": {"A": 0.3}, "max_weight": 0.2}, "min_weight.A 0.3 is above max_weight 0.2"),
        ({"min_weight": -0.1}, "min_weight -0.1 is a short position, and long_only is true"),
        ({"min_weight": {"A": -0.1}}, "min_weight.A -0.1 is a short position, and long_only is true"),
        ({"max_weight": -0.1}, "max_weight -0.1 is below 0, and long_only is true"),
        ({"max_weight": 20}, "max_weight 20 is more than all there is; weights are fractions: 0.2 is 20 %"),
        ({"net": [0.8, 0.5]}, r"net \[0.8, 0.5\]: the least is above the most"),
        ({"net": -0.5}, "net -0.5 is below 0, and long_only is true"),
        ({"net": 1, "cash_reserve": 0.1}, "net of at least 1 and cash_reserve 0.1 together are more than all there is"),
        ({"gross": 0.5}, "net 1 is more than gross 0.5"),
        ({"long_only": False}, "long_only: false without a limit to what is sold short: give gross "),
        (
            {"max_positions": 5, "max_weight": 0.1},
            "max_positions 5 × max_weight 0.1 = 0.5 is less than net 1: raise max_weight to 0.2, or max_positions to "
            "10",
        ),
        ({"min_position": 0.2, "max_weight": 0.1}, "min_position 0.2 is above max_weight 0.1"),
        ({"groups": {"sector": {}}}, "groups.sector names no group"),
        (
            {"groups": {"sector": {"X": {"min": 0.6}, "Y": {"min": 0.6}}}},
            "groups.sector: the least weights add up to 1.2, more than net 1",
        ),
        ({"groups": {"sector": {"X": {"min": 0.6, "max": 0.5}}}}, "min 0.6 is above max 0.5"),
        ({"groups": {"sector": {"X": {}}}}, "limits nothing: give min, max or both"),
        ({"beta": {"benchmark": "equal_weight"}}, "limits nothing"),
        ({"tracking_error": {"max": 0.0, "benchmark": "equal_weight"}}, "greater than 0"),
        ({"tracking_error": {"max": 0.1}}, "benchmark\n  Field required"),
        ({"cash_reserve": 1.0}, "less than 1"),
        ({"max_positions": 0}, "greater than or equal to 1"),
        ({"turnover": -0.1}, "greater than or equal to 0"),
        ({"max_wieght": 0.1}, "Extra inputs are not permitted"),
        ({"max_weight": "0.1"}, "valid number"),
    ],
)
def test_contradictions_are_refused(rules: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        read(rules)


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"max_weight": 0.2, "min_weight": 0.01},
        {"max_weight": {"A": 0.5, "default": 0.1}, "min_weight": {"A": 0.2}},
        {"groups": {"sector": {"Energy": {"max": 0.2}, "Tech": {"min": 0.1, "max": 0.4}}}},
        {"net": [0.0, 1.0], "gross": 1.0},
        {"net": 0.0, "gross": 1.0, "long_only": False},
        {"net": 0.0, "max_weight": 0.1, "long_only": False},
        {"cash_reserve": 0.05, "turnover": 0.2, "max_positions": 10, "min_position": 0.01},
        {"max_volatility": 0.1, "tracking_error": {"max": 0.03, "benchmark": {"A": 1.0}}, "beta": {"max": 1.0}},
    ],
)
def test_what_is_written_reads_back(rules: dict[str, Any]) -> None:
    made = read(rules)
    assert read(json.loads(made.model_dump_json())) == made


def test_nothing_written_limits_nothing() -> None:
    assert Constraints().wants_returns == 0
    assert not Constraints().looks_at_current
    assert Constraints().net_range == (1.0, 1.0)


def test_rules_on_risk_want_returns() -> None:
    assert Constraints(max_volatility=0.1).wants_returns == 252
    assert Constraints(max_volatility=0.1, risk_lookback=60).wants_returns == 60


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"max_weight": {"AA": 0.1}}, "constraints.max_weight: 'AA' is not a symbol; did you mean 'A'?"),
        ({"min_weight": {"Q": 0.1}}, "constraints.min_weight: 'Q' is not a symbol; known: A, B"),
        (
            {"groups": {"sektor": {"X": {"max": 1}}}},
            "'sektor' is not a property of the symbols; did you mean 'sector'?",
        ),
        ({"groups": {"sector": {"Tehc": {"max": 1}}}}, "'Tehc' is not a sector of any symbol; did you mean 'Tech'?"),
        ({"beta": {"max": 1, "benchmark": {"SPY": 1}}}, "constraints.beta.benchmark: 'SPY' is not a symbol"),
    ],
)
def test_rules_about_nobody_are_refused(rules: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_strangers(names_in_rules(("constraints",), read(rules)), history(2, **sectors("Tech", "Oil")))
    assert said in str(caught.value)


def test_default_is_no_symbol() -> None:
    rules = read({"max_weight": {"A": 0.9, "default": 0.5}})
    refuse_strangers(names_in_rules(("constraints",), rules), history(2))
