"""The Strategy base: typed parameters, frozen instances, and what an answer may be."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from pydantic import Field, ValidationError

from backtest import Strategy
from backtest.errors import StrategyError
from backtest.strategy.base import as_weights

SYMBOLS = {"AAA": 0, "BBB": 1, "10": 2}


class Typed(Strategy):
    """A strategy with parameters."""

    lookback: int = 5
    share: float = Field(default=0.5, gt=0.0, le=1.0)
    unit: ClassVar[float] = 1.0

    def decide(self, ctx: Any) -> Any:  # noqa: ARG002
        return None


def test_parameters_are_typed_with_defaults() -> None:
    assert Typed().lookback == 5
    assert Typed(lookback=7).lookback == 7
    assert list(Typed.model_fields) == ["lookback", "share"]


@pytest.mark.parametrize(
    "params", [{"lookback": "many"}, {"share": 0.0}, {"share": float("nan")}, {"lokback": 3}, {"unit": 2.0}]
)
def test_wrong_parameters_are_refused(params: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Typed(**params)


@pytest.mark.parametrize("name", ["lookback", "seen", "_seen"])
def test_an_instance_is_frozen(name: str) -> None:
    with pytest.raises(StrategyError, match=rf"Typed\.{name} cannot be set.*initial_state\(\).*ctx\.state\.{name}"):
        setattr(Typed(), name, 3)


def test_prepares_tells_which_method_was_written() -> None:
    class Ahead(Typed):
        def prepare(self, panel: Any) -> Any:
            return panel

    class AheadToo(Ahead):
        lookback: int = 9

    assert (Strategy.prepares, Typed.prepares, Ahead.prepares, AheadToo.prepares) == (False, False, True, True)


def test_history_rows_default_to_the_bar_of_the_decision() -> None:
    assert Typed().history_rows == 1


def answered(answer: Any) -> list[float]:
    out = np.full(3, -1.0)
    as_weights(answer, SYMBOLS, out)
    return out.tolist()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (np.array([0.1, 0.2, 0.3]), [0.1, 0.2, 0.3]),
        (np.array([1, 0, 0]), [1.0, 0.0, 0.0]),
        ({"BBB": 0.5}, [0.0, 0.5, 0.0]),
        ({}, [0.0, 0.0, 0.0]),
        ({10: 0.25, "AAA": np.float32(0.5)}, [0.5, 0.0, 0.25]),
        (pd.Series({"AAA": 0.5, "10": 0.1}), [0.5, 0.0, 0.1]),
    ],
)
def test_answers(answer: Any, expected: list[float]) -> None:
    assert answered(answer) == expected


def test_none_is_a_row_of_nan() -> None:
    assert np.isnan(answered(None)).all()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (np.zeros(2), r"array of shape \(2,\); expected one weight a symbol, \(3,\)"),
        (np.zeros((1, 3)), "shape"),
        (np.array(["a", "b", "c"]), "expected numbers"),
        (np.array([0.1, None, 0.2]), "array of object; expected numbers"),
        ([0.1, 0.2, 0.7], "answered with list"),
        (0.5, "answered with float"),
        ({"AAB": 0.5}, "'AAB', which is not in the market; did you mean 'AAA'"),
        ({"AAA": None}, "None as the weight of AAA; expected a number"),
        ({"AAA": "half"}, "'half' as the weight of AAA"),
        (pd.DataFrame({"AAA": [0.5]}), "answered with DataFrame"),
    ],
)
def test_what_is_no_answer(answer: Any, said: str) -> None:
    with pytest.raises(StrategyError, match=said):
        answered(answer)
