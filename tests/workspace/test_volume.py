"""Trades against the volume of their bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backtest
from backtest.market.build import make_market
from backtest.workspace.volume import taken_of_volume


def simulated(volume: Any, **market: Any) -> backtest.Result:
    """Buy 50 units of each of two assets at 10."""
    bars = make_market(close=np.full((2, 2), 10.0), volume=volume, **{"price_kind": "raw", **market})
    return backtest.simulate(bars, ([0], [[0.5, 0.5]]), execution={"fill": "next_close"}, capital=1000.0)


def test_the_largest_part_those_beyond_it_and_the_money_above_a_tenth() -> None:
    taken = taken_of_volume(simulated(np.array([[1.0, 1.0], [25.0, 1000.0]])))
    assert taken == {"largest": 2.0, "beyond": 1, "much": pytest.approx(0.5)}
    taken = taken_of_volume(simulated(np.full((2, 2), 100.0)))
    assert taken == {"largest": 0.5, "beyond": 0, "much": pytest.approx(1.0)}


def test_without_a_volume_in_units_that_are_traded_nothing_is_said() -> None:
    assert taken_of_volume(simulated(None)) is None
    assert taken_of_volume(simulated(np.ones((2, 2)), price_kind="total_return")) is None
    assert taken_of_volume(simulated(np.zeros((2, 2)))) is None
