"""What is said of constraints that nothing obeys holds for the symbols that have data, and for each cap on risk."""

from __future__ import annotations

import copy
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backtest
from backtest.errors import InfeasibleError


def returns(n: int, gone: int = 0) -> np.ndarray:
    """300 returns of n symbols, of which the last `gone` have 100 only."""
    found = np.random.default_rng(n).normal(0.0004, 0.01, (300, n)) * np.linspace(0.5, 2.0, n)
    found[:200, n - gone :] = np.nan
    return found


def refusal(method: str, rules: dict[str, Any], data: np.ndarray) -> str:
    try:
        backtest.allocate(method, returns=data, constraints=rules, periods_per_year=252.0)
    except InfeasibleError as error:
        return str(error)
    return ""


def changed(rules: dict[str, Any], advice: str) -> dict[str, Any]:
    """Do what the message says."""
    new: dict[str, Any] = copy.deepcopy(rules)
    for step in advice.split(" and "):
        found = re.fullmatch(r"(?:raise|lower) (\w+) from \S+ to (\S+)", step)
        assert found, step
        if found[1] == "tracking_error":
            new[found[1]]["max"] = float(found[2])
        else:
            new[found[1]] = int(found[2]) if found[1] == "max_positions" else float(found[2])
    return new


def advices(said: str) -> list[str]:
    return re.sub(r" \([^()]*: looked at once these are kept\)$", "", said).split("works: ")[1].split(", or ")


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("min_variance", {}),
        ("hrp", {}),
        ("inverse_volatility", {}),
        ("mixed", {"of": ["min_variance", "hrp"]}),
        ("market_cap", {"caps": [1.0, 2.0, 3.0, np.nan, np.nan]}),
    ],
)
def test_symbols_without_data_do_not_count(method: str, more: dict[str, Any]) -> None:
    """Three of five have data: 0.2 each is not enough."""
    data = returns(5, gone=2)
    with pytest.raises(
        InfeasibleError, match=r"max_weight 0\.1 of 0, 1, 2; .* raise max_weight from 0\.1 to 0\.333334$"
    ):
        backtest.allocate(method, returns=data, constraints={"max_weight": 0.1}, **more)
    assert backtest.allocate(method, returns=data, constraints={"max_weight": 0.333334}, **more).weights[3:].sum() == 0


def test_least_weights_are_asked_of_symbols_with_data_only() -> None:
    """Five times 0.3 is too much, three times is not."""
    found = backtest.allocate("min_variance", returns=returns(5, gone=2), constraints={"min_weight": 0.3})
    np.testing.assert_allclose(found.weights, [0.4, 0.3, 0.3, 0.0, 0.0], atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    method=st.sampled_from(["min_variance", "max_diversification", "hrp", "inverse_volatility", "equal_weight"]),
    n=st.integers(3, 6),
    gone=st.integers(0, 2),
    most=st.sampled_from([None, 0.1, 0.22, 0.5]),
    volatility=st.sampled_from([None, 0.01, 0.05, 0.09, 0.2]),
    apart=st.sampled_from([None, 0.001, 0.02, 0.1]),
    number=st.sampled_from([None, 1, 3]),
)
def test_advice_that_is_taken_works(
    method: str,
    n: int,
    gone: int,
    most: float | None,
    volatility: float | None,
    apart: float | None,
    number: int | None,
) -> None:
    """First what linear rules need, then what caps on risk do: each is said once, and then weights are found."""
    asked = {"max_weight": most, "max_volatility": volatility, "max_positions": number}
    rules: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    if apart is not None:
        rules["tracking_error"] = {"max": apart, "benchmark": "equal_weight"}
    if most is not None and number is not None and most * number < 1.0:
        return  # refused as it is read
    data = returns(n, gone)
    waiting, seen = [(rules, 0)], 0
    while waiting:
        rules, depth = waiting.pop()
        said = refusal(method, rules, data)
        if said:
            assert depth < (3 if number else 2), said
            waiting += [(changed(rules, advice), depth + 1) for advice in advices(said)]
        seen += 1
    assert seen


def test_both_caps_are_raised_where_neither_alone_is_enough() -> None:
    """Diagonal risk: (0.2, 0.8) is the calmest, √0.008 a year; (0.8, 0.2) the nearest to the benchmark, √0.002.

    Between them the rounding of the first change leaves a little more room: 0.178766 in place of 0.8 · √0.05.
    """
    rules = {"max_weight": 0.8, "max_volatility": 0.01, "tracking_error": {"max": 0.001, "benchmark": {"0": 1.0}}}
    with pytest.raises(InfeasibleError) as caught:
        backtest.allocate("min_variance", covariance=np.diag([0.04, 0.01]), constraints=rules)
    ways = advices(str(caught.value))
    assert ways == [
        "raise max_volatility from 0.01 to 0.0894428 and raise tracking_error from 0.001 to 0.178766",
        "raise max_volatility from 0.01 to 0.161246 and raise tracking_error from 0.001 to 0.0447214",
    ]
    for way in ways:
        backtest.allocate("min_variance", covariance=np.diag([0.04, 0.01]), constraints=changed(rules, way))


def test_either_cap_is_raised_where_one_is_enough() -> None:
    """Each can be kept alone; beside the other, one of them must give way."""
    known = {"covariance": np.diag([0.04, 0.01])}
    rules = {"max_volatility": 0.1, "tracking_error": {"max": 0.1, "benchmark": {"0": 1.0}}}
    with pytest.raises(InfeasibleError) as caught:
        backtest.allocate("equal_weight", constraints=rules, **known)
    ways = advices(str(caught.value))
    assert [way.split()[1] for way in ways] == ["tracking_error", "max_volatility"]
    for way in ways:
        backtest.allocate("equal_weight", constraints=changed(rules, way), **known)
