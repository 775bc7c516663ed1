"""A method and its fallbacks as they are written: in short, in full, and wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from backtest.allocate import METHODS, AllocationChoice, MethodChoice
from backtest.allocate.methods.equal_weight import EqualWeight
from backtest.allocate.methods.fixed import Fixed
from backtest.allocate.methods.inverse_volatility import InverseVolatility
from backtest.parameters import Parameters


class Holder(Parameters):
    """Something that is made of choices."""

    of: tuple[MethodChoice, ...]


def read(written: Any) -> AllocationChoice:
    """Read as a configuration does."""
    return AllocationChoice.model_validate_json(json.dumps(written), strict=True)


def test_the_default_is_equal_weight_without_a_fallback() -> None:
    assert AllocationChoice() == read({"method": "equal_weight"})
    assert AllocationChoice().fallback == ()
    assert not AllocationChoice().strict


def test_parameters_stand_beside_the_name() -> None:
    choice = read(
        {"method": "inverse_volatility", "lookback": 60, "strict": True, "fallback": ["equal_weight", "hold"]}
    )
    assert choice.method == "inverse_volatility"
    assert choice.parameters == InverseVolatility(lookback=60)
    assert choice.strict
    assert choice.fallback == (MethodChoice(parameters=EqualWeight()), "hold")


@pytest.mark.parametrize(
    "written",
    [
        "inverse_volatility",
        {"method": "fixed", "weights": {"A": 0.5}},
        {"method": "equal_weight", "fallback": ["hold"]},
        {"method": "equal_weight", "fallback": [{"method": "fixed", "weights": {"A": 1}}, "inverse_volatility"]},
    ],
)
def test_what_is_written_reads_back(written: Any) -> None:
    choice = read(written)
    assert read(json.loads(choice.model_dump_json())) == choice
    assert AllocationChoice.model_validate(choice.model_dump()) == choice


def test_it_is_written_in_full() -> None:
    dumped = read({"method": "equal_weight", "fallback": ["inverse_volatility", "hold"]}).model_dump()
    assert list(dumped) == ["method", "fallback", "strict"]
    assert dumped["fallback"][0] == {"method": "inverse_volatility", **InverseVolatility().model_dump()}
    assert dumped["fallback"][1] == "hold"


def test_python_may_give_the_method_itself() -> None:
    assert AllocationChoice(parameters=Fixed(weights={"A": 1.0})).method == "fixed"
    assert AllocationChoice.model_validate({"method": "equal_weight", "fallback": ("hold",)}).fallback == ("hold",)


def test_choices_inside_others() -> None:
    written = json.dumps({"of": ["equal_weight", {"method": "fixed", "weights": {"A": 1}}]})
    held = Holder.model_validate_json(written, strict=True)
    assert [choice.method for choice in held.of] == ["equal_weight", "fixed"]
    assert Holder.model_validate_json(held.model_dump_json(), strict=True) == held


@pytest.mark.parametrize(
    ("written", "place", "said"),
    [
        ({"method": "inverse_volatility", "lookback": "x"}, ("lookback",), "valid integer"),
        ({"method": "inverse_volatility", "lookbak": 3}, ("lookbak",), "Extra inputs"),
        ({"method": "fixed", "weights": {"A": "q"}}, ("weights", "A"), "valid number"),
        (
            {"method": "equal_wieght"},
            ("method",),
            "unknown allocation method 'equal_wieght'; did you mean 'equal_weight'?",
        ),
        ({"lookback": 3}, (), "no method: received a mapping with lookback"),
        ({"method": "equal_weight", "strict": "yes"}, ("strict",), "valid boolean"),
        ({"method": "equal_weight", "fallback": "hold"}, ("fallback",), "valid array"),
        ({"method": "equal_weight", "fallback": ["hold", "equal_weight"]}, ("fallback",), "nothing after it"),
        (
            {"method": "equal_weight", "fallback": ["holdd"]},
            ("fallback", 0, "method"),
            "unknown allocation method 'holdd'",
        ),
        (
            {"method": "equal_weight", "fallback": ["hold", {"method": "fixed", "weights": {"A": "q"}}]},
            ("fallback", 1, "weights", "A"),
            "valid number",
        ),
        (
            {"method": "equal_weight", "fallback": [{"method": "equal_weight", "strict": True}]},
            ("fallback", 0, "strict"),
            "Extra",
        ),
        ({"method": "equal_weight", "fallback": [3]}, ("fallback", 0), "an object"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(written: Any, place: tuple[str | int, ...], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(written)
    detail = caught.value.errors()[0]
    assert detail["loc"] == place
    assert said in detail["msg"]


def test_a_method_without_a_name_is_refused() -> None:
    class Mine(EqualWeight):
        """A method of somebody's own."""

    assert Mine not in METHODS.values()
    with pytest.raises(ValidationError, match=r"Mine is not in backtest.allocate.METHODS, so it has no name in YAML"):
        AllocationChoice(parameters=Mine())
