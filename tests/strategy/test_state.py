"""`ctx.state`: only what was declared, in the shape and type of its declaration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backtest.errors import StrategyError
from backtest.strategy.state import State


def state() -> State:
    return State({"bought": False, "count": 0, "peak": 0.0, "peaks": np.zeros(3)})


def test_scalars_come_back_as_python_numbers() -> None:
    kept = state()
    kept.bought, kept.count, kept.peak = True, 3, 2
    assert (kept.bought, kept.count, kept.peak) == (True, 3, 2.0)
    assert [type(value) for value in (kept.bought, kept.count, kept.peak)] == [bool, int, float]


def test_arrays_can_be_set_whole_or_in_place() -> None:
    kept = state()
    kept.peaks = [1, 2, 3]
    kept.peaks[1] = 5.0
    assert kept.peaks.tolist() == [1.0, 5.0, 3.0]


@pytest.mark.parametrize("use", [lambda kept: kept.bougt, lambda kept: setattr(kept, "bougt", True)])
def test_only_what_was_declared(use: Any) -> None:
    with pytest.raises(StrategyError, match="unknown state 'bougt'; known: bought, count, peak, peaks; did you mean"):
        use(state())


@pytest.mark.parametrize(("name", "value"), [("peaks", [1.0, 2.0]), ("peak", [1.0]), ("peaks", 3.0)])
def test_shapes_are_kept(name: str, value: Any) -> None:
    with pytest.raises(StrategyError, match=rf"ctx\.state\.{name} has shape"):
        setattr(state(), name, value)


@pytest.mark.parametrize(("name", "value"), [("count", 2.5), ("bought", 2), ("peak", "high"), ("peak", None)])
def test_types_are_kept(name: str, value: Any) -> None:
    """A price kept in a whole number would lose its cents without a word."""
    with pytest.raises(StrategyError, match=rf"ctx\.state\.{name} holds"):
        setattr(state(), name, value)


@pytest.mark.parametrize("value", ["text", None, {"a": 1}, [object()]])
def test_only_numbers_can_be_declared(value: Any) -> None:
    with pytest.raises(StrategyError, match=r"initial_state\(\)\['note'\].*numbers"):
        State({"note": value})


def test_names_of_methods_cannot_be_declared() -> None:
    with pytest.raises(StrategyError, match="method of that name"):
        State({"snapshot": 0.0})


def test_a_snapshot_is_a_copy_both_ways() -> None:
    kept = state()
    before = kept.snapshot()
    kept.count, kept.peaks[0] = 7, 9.0
    kept.restore(before)
    kept.peaks[0] += 1.0
    kept.restore(before)
    assert kept.count == 0
    assert kept.peaks.tolist() == [0.0, 0.0, 0.0]


def test_the_declaration_is_not_shared() -> None:
    declared = np.zeros(2)
    State({"a": declared}).a[0] = 5.0
    assert declared.tolist() == [0.0, 0.0]
