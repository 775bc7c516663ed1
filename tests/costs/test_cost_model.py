"""Costs: the worked examples of the docstrings, the minimum, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from backtest.costs import COSTS, Charge, Conditions, Costs
from backtest.costs.model import NOT_NUMBERS
from backtest.parameters import documented


@pytest.mark.parametrize(
    ("costs", "quantity", "price", "expected"),
    [
        (Costs(commission_bps=5), 100, 50, Charge(2.5, 0, 0)),
        (Costs(commission_bps=5), -100, 50, Charge(2.5, 0, 0)),
        (Costs(commission_per_share=0.005), 200, 10, Charge(1, 0, 0)),
        (Costs(commission_per_share=0.005), 200, 1000, Charge(1, 0, 0)),
        (Costs(commission_per_share=0.005, commission_minimum=1), 50, 10, Charge(1, 0, 0)),
        (Costs(commission_per_share=0.005, commission_minimum=1), 300, 10, Charge(1.5, 0, 0)),
        (Costs(commission_per_trade=2, commission_bps=10), 100, 50, Charge(7, 0, 0)),
        (Costs(commission_per_trade=2, commission_bps=10), -1, 50, Charge(2.05, 0, 0)),
        (Costs(commission_per_trade=2, commission_bps=10, commission_minimum=4), 1, 50, Charge(4, 0, 0)),
        (Costs(commission_per_trade=2, commission_bps=10, commission_minimum=4), 100, 50, Charge(7, 0, 0)),
        (Costs(commission_per_trade=2, commission_per_share=0.01, commission_bps=1), 100, 100, Charge(4, 0, 0)),
        (Costs(half_spread_bps=2), 100, 100, Charge(0, 2, 0)),
        (Costs(slippage_bps=3), -100, 100, Charge(0, 0, 3)),
        (Costs(commission_bps=1, commission_per_share=0.01, commission_minimum=2), 100, 100, Charge(2, 0, 0)),
        (Costs(commission_bps=3, commission_per_share=0.01, commission_minimum=2), 100, 100, Charge(4, 0, 0)),
        (Costs(commission_minimum=7, half_spread_bps=2), 100, 100, Charge(7, 2, 0)),
    ],
)
def test_charges_per_side(costs: Costs, quantity: float, price: float, expected: Charge) -> None:
    charge = costs.fill_cost(quantity, price)
    assert charge == pytest.approx(expected, rel=1e-12)
    assert charge.total == pytest.approx(sum(expected), rel=1e-12)


def test_nothing_costs_nothing() -> None:
    costs = Costs(commission_minimum=5, commission_per_trade=3, slippage_bps=2)
    assert costs.fill_cost(0.0, 100.0).total == 0.0


def test_linear_rates_leave_out_money_per_fill() -> None:
    costs = Costs(commission_bps=5, commission_per_share=0.01, commission_per_trade=3, commission_minimum=9)
    assert costs.linear_rates(np.array([10.0, 100.0])) == pytest.approx([0.0015, 0.0006])


def test_free_by_default() -> None:
    assert Costs().fill_cost(1e6, 1e3) == Charge(0.0, 0.0, 0.0)


@pytest.mark.parametrize("name", list(COSTS))
def test_refuses_a_negative_or_infinite_rate(name: str) -> None:
    for value in (-1e-9, float("inf"), float("nan")):
        with pytest.raises(ValidationError):
            Costs(**{name: value})


def test_table_describes_each_cost_with_its_side_or_unit() -> None:
    assert ["preset", *COSTS] == list(Costs.model_fields)
    fields = documented(Costs)
    for name, text in ((name, fields[name].description or "") for name in COSTS):
        summary, _, example = text.partition("\n\n")
        if name not in NOT_NUMBERS:
            assert "per side" in summary or "in money" in summary or "a fraction of the traded value" in summary
            assert "At " in example or "The other half" in example


@pytest.mark.parametrize(("traded", "commission"), [(0.0, 5.0), (99_999.0, 5.0), (100_000.0, 3.0), (1e9, 1.0)])
def test_the_highest_tier_reached_is_paid_for_the_whole_trade(traded: float, commission: float) -> None:
    tiers = ({"from_money": 100_000, "bps": 3}, {"from_money": 1e6, "bps": 1})
    costs = Costs(commission_bps=5, commission_tiers=tiers)
    assert costs.fill_cost(100.0, 100.0, Conditions(month_traded=traded)).commission == pytest.approx(commission)


def test_impact_is_one_number_of_three_parts() -> None:
    # 100 units at 20: 0.5 x 2 % x sqrt(100 / 10000) x 2000 = 2, 0.0003 x 10000 = 3, half of 0.0008 x 10000 = 4.
    costs = Costs(impact_coefficient=0.5, impact_eta=0.0003, impact_gamma=0.0008)
    charge = costs.fill_cost(-100.0, 20.0, Conditions(volatility=0.02, volume=10_000.0))
    assert charge == pytest.approx((0.0, 0.0, 0.0, 9.0))
    assert charge.total == pytest.approx(9.0)


def test_a_spread_of_a_series_stands_for_the_number() -> None:
    costs = Costs(half_spread={"series": "spreads", "times": 0.5})
    assert costs.fill_cost(10.0, 100.0, Conditions(half_spread_bps=8.0)).spread == pytest.approx(0.4)
    assert np.isnan(costs.fill_cost(10.0, 100.0).spread)
    assert costs.linear_rates(np.ones(2), np.array([8.0, 2.0])) == pytest.approx([0.0004, 0.0001])


def test_a_spread_of_a_series_comes_before_that_of_a_preset() -> None:
    costs = Costs(preset="crypto_spot", half_spread={"series": "spreads"})
    assert (costs.half_spread_bps, costs.commission_bps, costs.slippage_bps) == (0.0, 10.0, 3.0)
