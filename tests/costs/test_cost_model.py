"""Costs: the worked examples of the docstrings, the minimum, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from backtest.costs import COSTS, Charge, Costs


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
    for text in COSTS.values():
        summary, _, example = text.partition("\n\n")
        assert "per side" in summary or "in money" in summary
        assert "At " in example
