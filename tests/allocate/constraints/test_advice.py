"""What a refusal advises works when it is taken, whichever rules are beside those that clash."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import backtest
from backtest.errors import InfeasibleError, InputError

RISKS = np.diag([0.01, 0.04, 0.09])
BENCHMARK = {"benchmark": "equal_weight"}


def refusal(rules: dict[str, Any], **known: Any) -> str:
    given = {"covariance": RISKS, **known}
    try:
        backtest.allocate("min_variance", constraints=rules, **given)
    except (InfeasibleError, InputError) as error:
        return str(error)
    return ""


def advices(said: str) -> list[list[tuple[str, float]]]:
    """The names and numbers of each way out."""
    return [
        [(name, float(number)) for name, number in re.findall(r"(?:raise|lower) (.*?) from \S+ to (\S+)", way + " ")]
        for way in said.split("works: ")[1].split(", or ")
    ]


def changed(rules: dict[str, Any], way: list[tuple[str, float]]) -> dict[str, Any]:
    new = dict(rules)
    for name, number in way:
        if name in ("the least of beta", "the most of beta"):
            new["beta"] = {**new["beta"], {"least": "min", "most": "max"}[name.split()[1]]: number}
        else:
            assert name in new, name
            new[name] = int(number) if name == "max_positions" else number
    return new


@pytest.mark.parametrize(
    "rules",
    [
        {"max_weight": 0.6, "turnover": 0.1, "beta": {"max": 0.9, **BENCHMARK}},
        {"max_weight": 0.6, "turnover": 0.1, "beta": {"min": 1.1, **BENCHMARK}},
        {"min_weight": 0.2, "turnover": 0.05, "beta": {"min": 1.6, **BENCHMARK}},
    ],
)
def test_what_is_advised_is_enough_for_a_range_of_beta(rules: dict[str, Any]) -> None:
    held = [1.0, 0.0, 0.0]
    said = refusal(rules, current=held)
    assert "looked at once" not in said
    for way in advices(said):
        assert refusal(changed(rules, way), current=held) == "", said


def test_beta_is_said_to_come_later_where_nothing_measures_it() -> None:
    """Inverse volatility gives up for lack of data, and the risk cannot be known either."""
    rules = {"max_weight": 0.1, "beta": {"max": 0.9, **BENCHMARK}}
    returns = np.full((300, 3), np.nan)
    with pytest.raises(InfeasibleError, match=r"raise max_weight .* \(beta: looked at once these are kept\)$"):
        backtest.allocate("inverse_volatility", returns=returns, constraints=rules)


def test_beta_is_said_to_come_later_where_it_is_known_of_some_only() -> None:
    """The method gives up whatever the constraints, so that it is not known which symbols it has data for."""
    returns = np.random.default_rng(1).normal(0.0, 0.01, (300, 3))
    returns[:200, 0] = np.nan
    rules = {"max_weight": 0.1, "beta": {"max": 0.9, **BENCHMARK}}
    with pytest.raises(InfeasibleError, match=r"raise max_weight .* \(beta: looked at once these are kept\)$"):
        backtest.allocate(
            "mean_variance", returns=returns, target_return=9.0, constraints=rules, periods_per_year=252.0
        )


def test_limits_on_positions_are_said_to_come_later() -> None:
    said = refusal({"max_weight": {"0": 0.1, "1": 0.1, "2": 0.1}, "max_positions": 2, "min_position": 0.05})
    assert said.endswith(" (max_positions and min_position: looked at once these are kept)")


def test_caps_on_risk_are_said_to_come_later_than_positions() -> None:
    """Half of equity in one symbol is within the cap; the positions that the least weights make are not."""
    rules = {"min_weight": 0.2, "max_positions": 2, "max_volatility": 0.09, "net": [0, 1]}
    assert refusal(rules).endswith("raise max_positions from 2 to 3 (max_volatility: looked at once these are kept)")


def test_nobody_is_advised_to_go_short_in_a_long_only_portfolio() -> None:
    """Sector T of at most 0.1 holds 0.2 of one symbol; to lower the other's least weight below 0 would not help."""
    rules = {"min_weight": {"0": 0.2, "1": 0.05}, "groups": {"sector": {"T": {"max": 0.1}}}}
    said = refusal(rules, groups={"sector": ["T", "T", "U"]})
    assert "raise the most of sector T from 0.1 to 0.25" in said
    assert "lower min_weight of 0 from 0.2 to 0.05" in said
    assert "min_weight of 1 from" not in said


def test_nobody_is_advised_to_invest_what_the_cash_reserve_takes() -> None:
    rules = {"net": 0.5, "cash_reserve": 0.2, "turnover": 0.05}
    assert advices(refusal(rules, current=[0.4, 0.3, 0.3])) == [[("turnover", 0.25)]]
    without = refusal({"net": 0.5, "turnover": 0.05}, current=[0.4, 0.3, 0.3])
    assert advices(without) == [[("turnover", 0.25)], [("net", 0.9)]]


def test_numbers_are_said_as_they_were_written() -> None:
    """Solvers are given a little room around a net exposure of 0; who reads of it wrote 0."""
    rules = {"long_only": False, "net": 0, "gross": 0.5, "beta": {"min": 0.5, **BENCHMARK}}
    said = refusal(rules)
    assert "net of at most 0;" in said
    assert "e-10" not in said


def test_a_cap_on_risk_is_said_beside_every_other_rule() -> None:
    rules = {"turnover": 0.1, "max_weight": {"0": 0.95}, "tracking_error": {"max": 0.01, **BENCHMARK}}
    said = refusal(rules, current=[0.9, 0.1, 0.0])
    assert "(max_weight 0.95 of 0; net of at least 1; turnover 0.1)" in said


@pytest.mark.parametrize("rules", [{"max_positions": 1, "max_volatility": 0.01}, {"min_position": 0.4}])
def test_a_cap_on_risk_is_raised_by_what_few_positions_need(rules: dict[str, Any]) -> None:
    rules = {"max_volatility": 0.01, **rules}
    said = refusal(rules)
    (way,) = advices(said)
    assert refusal(changed(rules, way)) == "", said


@pytest.mark.parametrize(
    ("rules", "ways"),
    [
        ({"net": 0.9, "cash_reserve": 0.2}, [{"net": 0.8}, {"cash_reserve": 0.1}]),
        ({"gross": 0.5}, [{"gross": 1}, {"net": 0.5}]),
        ({"long_only": False, "net": -0.9, "gross": 0.5}, [{"gross": 0.9}, {"net": -0.5}]),
        ({"min_weight": 0.3, "max_weight": 0.2, "net": [0, 1]}, [{"min_weight": 0.2}, {"max_weight": 0.3}]),
        ({"min_position": 0.5, "max_weight": 0.4, "net": [0.3, 1]}, [{"min_position": 0.4}, {"max_weight": 0.5}]),
    ],
)
def test_what_clashes_whatever_the_data_comes_with_a_way_out(rules: dict[str, Any], ways: list[dict[str, Any]]) -> None:
    said = refusal(rules)
    for way in ways:
        ((name, number),) = way.items()
        assert re.search(rf"{name}(:| to) {number:g}\b", said), said
        assert refusal({**rules, **way}) == ""


def test_least_weights_of_groups_say_by_how_much_they_are_too_much() -> None:
    rules = {"groups": {"sector": {"T": {"min": 0.7}, "U": {"min": 0.6}}}}
    assert refusal(rules, groups={"sector": ["T", "T", "U"]}).endswith("more than net 1: lower them by 0.3 in all")
