"""What is left of an order: cut to the volume, waiting for more bars, too small to be sent; lots of each symbol."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest.errors import ConfigError
from backtest.market.build import make_market
from backtest.market.market import Market
from backtest.types import EventKind

ALL_IN = ([0], [[1.0]])


def bars(rows: int = 5, volume: float = 100.0, **changes: Any) -> dict[str, Any]:
    return {"close": np.full((rows, 1), 10.0), "volume": np.full((rows, 1), volume), "price_kind": "raw", **changes}


def simulated(market: Any, targets: Any = ALL_IN, **execution: Any) -> backtest.Result:
    return backtest.simulate(market, targets, capital=1000.0, execution={"fill": "next_close", **execution})


def traded(result: backtest.Result) -> list[tuple[int, float]]:
    return [(int(fill["row"]), float(fill["quantity"])) for fill in result.fills]


def kinds(result: backtest.Result) -> list[str]:
    return [EventKind(kind).name.lower() for kind in result.events["kind"]]


def test_what_the_volume_does_not_reach_for_lapses() -> None:
    result = simulated(bars(), participation=0.3)
    assert traded(result) == [(1, 30.0)]
    assert [(kinds(result)[0], float(result.events["value"][0]))] == [("capped", 70.0)]


@pytest.mark.parametrize(
    ("carry", "expected"),
    [(1, [(1, 30.0)]), (2, [(1, 30.0), (2, 30.0)]), ("gtc", [(1, 30.0), (2, 30.0), (3, 30.0), (4, 10.0)])],
)
def test_or_waits(carry: object, expected: list[tuple[int, float]]) -> None:
    result = simulated(bars(), participation=0.3, carry=carry)
    assert [(row, pytest.approx(quantity)) for row, quantity in expected] == traded(result)


def test_newer_targets_cancel_what_waits() -> None:
    result = simulated(bars(), ([0, 2], [[1.0], [0.5]]), participation=0.3, carry="gtc")
    assert traded(result) == [(1, 30.0), (2, 30.0), (3, -10.0)]
    assert kinds(result) == ["order_cancelled"]


def test_a_bar_that_is_missing_is_waited_for() -> None:
    close = np.array([[10.0], [np.nan], [10.0]])
    assert traded(simulated({"close": close})) == []
    assert traded(simulated({"close": close}, carry=1)) == [(2, 100.0)]


def test_small_orders_are_not_sent() -> None:
    market = {"close": np.full((3, 2), 10.0)}
    result = simulated(market, ([0], [[0.9, 0.05]]), min_order=60.0)
    assert [int(fill["asset"]) for fill in result.fills] == [0]
    assert kinds(result) == ["below_minimum"]


def with_lots(lots: list[float]) -> Market:
    market = make_market(close=np.full((2, 2), 7.0), symbols=["A", "B"], price_kind="raw")
    return replace(market, properties=pd.DataFrame({"lot": lots}, index=["A", "B"]))


def test_each_symbol_has_the_lot_of_its_store() -> None:
    result = simulated(with_lots([10.0, 0.0]), ([0], [[0.5, 0.5]]), lots="store")
    assert [float(fill["quantity"]) for fill in result.fills] == [70.0, pytest.approx(500.0 / 7.0)]


def with_ticks(tick: float) -> Market:
    """Two bars, of which the second falls from 10 to 9 and back."""
    low = np.array([[10.0], [9.0]])
    flat = np.full((2, 1), 10.0)
    market = make_market(open=flat, high=flat, low=low, close=flat, symbols=["A"], price_kind="raw")
    return replace(market, properties=pd.DataFrame({"tick": [tick], "lot": [0.0]}, index=["A"]))


@pytest.mark.parametrize(("ticks", "price"), [("any", 9.67), ("store", 9.6), (0.05, 9.65)])
def test_levels_are_rounded_to_the_tick_away_from_the_market(ticks: object, price: float) -> None:
    result = stopped(with_ticks(0.2), ticks)
    assert [float(fill["price"]) for fill in result.fills] == [10.0, pytest.approx(price)]


def test_a_store_without_ticks_cannot_be_asked_for_them() -> None:
    with pytest.raises(ConfigError, match="tells no ticks"):
        stopped(with_ticks(0.0), "store")


def stopped(market: Market, ticks: object) -> backtest.Result:
    keep = {"fill": "same_close", "ticks": ticks}
    return backtest.simulate(market, ALL_IN, capital=1000.0, exits={"stop": 0.033}, execution=keep)


@pytest.mark.parametrize(
    ("market", "execution", "said"),
    [
        ({"close": np.ones((3, 1))}, {"participation": 0.1}, "has no volume to take a part of"),
        (bars(price_kind="total_return"), {"participation": 0.1}, "were never traded: its prices are total return"),
        ({"close": np.ones((3, 1))}, {"lots": "store", "allow_adjusted_units": True}, "tells no lots"),
        (bars(price_kind="total_return"), {"ticks": 0.01}, "were never traded: its prices are total return"),
        (bars(), {"ticks": 0.0}, "ticks"),
        (bars(), {"participation": 1.5}, "participation: out of range"),
        (bars(), {"carry": -1}, "carry"),
        (bars(), {"carry": "day"}, "carry"),
    ],
)
def test_what_cannot_be_asked_for(market: Any, execution: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        simulated(market, **execution)
    assert said in str(caught.value)
