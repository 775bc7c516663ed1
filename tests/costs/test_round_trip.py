"""A worked round trip: both sides by the formula of a fill, whole lots, and the symbol that stands for all."""

from __future__ import annotations

import numpy as np
import pytest
from made import made_market

from backtest.costs import Charge, Costs, round_trip
from backtest.costs.round_trip import last_bar, typical_column, units_for

NAN = float("nan")


def test_both_sides_are_charged_and_add_up() -> None:
    costs = Costs(commission_bps=5, commission_minimum=1, half_spread_bps=2, slippage_bps=3)
    trip = round_trip(costs, 100.0, 50.0)
    assert trip.value == 5000.0
    assert trip.buy == pytest.approx(Charge(2.5, 1.0, 1.5))
    assert trip.sell == trip.buy == costs.fill_cost(-100.0, 50.0)
    assert trip.both == pytest.approx(Charge(5.0, 2.0, 3.0))
    assert trip.bps(trip.both.total) == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("value", "price", "lot", "units"),
    [
        (100.0, 8.0, 0.0, 12.5),
        (100.0, 8.0, 1.0, 12.0),
        (100.0, 8.0, 5.0, 10.0),
        (100.0, 101.0, 1.0, 0.0),
        (0.3, 0.1, 1.0, 3.0),  # 2.9999999999999996 in floats
    ],
)
def test_units_are_whole_lots(value: float, price: float, lot: float, units: float) -> None:
    assert units_for(value, price, lot) == units


def test_the_typical_symbol_has_the_price_in_the_middle_of_the_last_row() -> None:
    close = np.array([[1.0, 2.0, 3.0, 4.0], [9.0, 7.0, 8.0, 6.0]])
    assert typical_column(made_market(rows=2, close=close)) == 1  # of 7 and 8 the lower
    close[1, 1] = NAN
    assert typical_column(made_market(rows=2, close=close)) == 2
    close[1, :] = [NAN, NAN, NAN, 6.0]
    assert typical_column(made_market(rows=2, close=close)) == 3


def test_the_last_bar_of_a_symbol_may_be_an_old_one() -> None:
    market = made_market(rows=3, close=np.array([[1.0, 1.0, 1.0, NAN], [2.0, NAN, 2.0, NAN], [3.0, NAN, NAN, NAN]]))
    assert [last_bar(market, column) for column in range(4)] == [2, 0, 1, None]
