"""What trades cost and what holding earns, each component by hand."""

from __future__ import annotations

import pytest

from . import Account, Answer, Finance, Impact, Order, Outcome, simulate
from .costs import Costs, charge

EXACT = 1e-12


def hold(plan: dict[int, object], rows: int = 3, price: float = 10.0, **options: object) -> Outcome:
    """Simulate one asset whose price never moves."""
    flat = [[price]] * rows
    return simulate(**{"open": flat, "close": flat, "symbols": "A", "capital": 1000.0, "plan": plan} | options)


def test_every_component_is_booked_apart() -> None:
    # 100 units at 20, traded 2000. Commission 0.1 % + 0.02 x 100 + 1 = 5; half spread 0.05 % = 1; slippage 0.02 % =
    # 0.4; impact 0.5 x 0.02 x sqrt(100 / 10000) x 2000 = 2; temporary 0.0003 x 10000 = 3; permanent 0.0008 x 10000 / 2.
    costs = Costs(0.001, 0.02, 0.0, 0.0005, 0.0002, 1.0, 0.5, 0.02, 10_000.0, 0.0003, 0.0008)
    paid = charge(costs, -2000.0, 20.0)
    assert (paid.commission, paid.spread, paid.slippage) == pytest.approx((5.0, 1.0, 0.4), rel=EXACT)
    assert (paid.impact, paid.temporary, paid.permanent) == pytest.approx((2.0, 3.0, 4.0), rel=EXACT)
    assert paid.total == pytest.approx(15.4, rel=EXACT)
    resting = charge(costs, -2000.0, 20.0, resting=True)
    assert (resting.commission, resting.total) == pytest.approx((5.0, 5.0), rel=EXACT)


def test_a_fixed_commission_counts_toward_the_minimum() -> None:
    # 0.1 % of 2000 and 1: 3, less than the minimum of 5; with a minimum of 2.5 it is 3.
    assert charge(Costs(0.001, minimum=5.0, per_trade=1.0), 2000.0, 20.0).commission == 5.0
    assert charge(Costs(0.001, minimum=2.5, per_trade=1.0), 2000.0, 20.0).commission == pytest.approx(3.0)


def test_the_components_reach_the_fill_and_the_cash() -> None:
    # 10 units at 10: commission 0.3, spread 1 % of 100, impact 0.1 x 0.02 x sqrt(10 / 1000) x 100 = 0.02,
    # temporary 0.001 x 100 = 0.1, permanent 0.002 x 100 / 2 = 0.1.
    impact = Impact(coefficient=0.1, sigma=[[0.02]] * 3, adv=[[1000.0]] * 3, temporary=0.001, permanent=[0.002])
    out = hold({0: Answer(orders=[Order(0, 10.0)])}, half_spread=0.01, per_trade=0.3, impact=impact)
    (fill,) = out.fills
    assert (fill.commission, fill.spread, fill.slippage) == pytest.approx((0.3, 1.0, 0.0), rel=EXACT)
    assert (fill.impact, fill.temporary, fill.permanent) == pytest.approx((0.02, 0.1, 0.1), rel=EXACT)
    assert out.cash[1] == pytest.approx(900.0 - 1.52, rel=EXACT)
    assert fill.cost == pytest.approx(1.52, rel=EXACT)


def test_impact_without_a_volume_is_an_error() -> None:
    impact = Impact(coefficient=0.1, sigma=[[0.02]] * 2, adv=[[float("nan")]] * 2)
    with pytest.raises(ValueError, match="not known"):
        hold({0: [1.0]}, 2, impact=impact)


def test_weights_are_net_of_quadratic_costs() -> None:
    # x = 1000 - 0.01 (x / 10)² = 1000 - 0.0001 x²: x = (sqrt(1 + 0.4) - 1) / 0.0002.
    out = hold({0: [1.0]}, impact=Impact(temporary=0.01))
    x = ((1.0 + 0.4) ** 0.5 - 1.0) / 0.0002
    assert out.equity[1] == pytest.approx(x, rel=EXACT)
    assert out.quantities[1][0] == pytest.approx(x / 10.0, rel=EXACT)
    assert out.cash[1] == pytest.approx(0.0, abs=1e-9)


def test_a_factor_under_quadratic_costs_is_halved_to() -> None:
    # 100 / 1.0... units are decided at 10 and cost 20 each: q x 20 + 0.01 q² = 1000 gives q = (sqrt(440) - 20) / 0.02.
    prices = [[10.0], [20.0]]
    out = simulate(
        open=prices, close=prices, symbols="A", capital=1000.0, plan={0: [1.0]}, impact=Impact(temporary=0.01)
    )
    assert out.fills[0].quantity == pytest.approx((440.0**0.5 - 20.0) / 0.02, rel=EXACT)
    assert 0.0 <= out.cash[1] < 1e-9


def test_a_spread_of_each_bar() -> None:
    # Sized at the spread of row 0 (none), filled at that of row 1: 100 units need 1010, f = 1000 / 1010.
    out = hold({0: [1.0]}, half_spread=[[0.0], [0.01], [0.02]])
    assert out.decisions[0].scale == pytest.approx(1.0 / 1.01, rel=EXACT)
    assert out.fills[0].spread == pytest.approx(10.0 / 1.01, rel=EXACT)


def test_tiers_count_what_was_traded_in_the_month_before_the_row() -> None:
    # Four trades of 100 units at 10. 1 % below 1500, 0.5 % from there on. Rows 1 and 2: 1000 before row 2 is too
    # little. Row 3: 2000. Row 4 is a new month.
    buys = {row: Answer(orders=[Order(0, 100.0)]) for row in range(4)}
    out = hold(buys, 5, capital=10_000.0, tiers=[(0.0, 0.01), (1500.0, 0.005)], month=[1, 1, 1, 1, 2])
    assert [fill.commission for fill in out.fills] == pytest.approx([10.0, 10.0, 5.0, 10.0], rel=EXACT)


def test_sizing_pays_by_the_volume_of_its_own_row() -> None:
    # Row 1 trades 1000 / 1.01; the decision of row 1 sees that and expects 0.5 %.
    out = hold({0: [1.0], 1: [0.5]}, tiers=[(0.0, 0.01), (500.0, 0.005)])
    x = 1000.0 / 1.01
    after = (x - 0.005 * x) / (1.0 - 0.005 * 0.5)  # x' = x - 0.5 % (x - x' / 2)
    assert out.decisions[1].equity_after == pytest.approx(after, rel=EXACT)


def test_cash_earns_interest_between_row_ends() -> None:
    # A long weekend: 1, then 3 days at 3.65 %: 1000 x 0.0001, then 1000.1 x 0.0003.
    out = hold({}, finance=Finance(cash=0.0365), ends=[0.0, 1.0, 4.0])
    assert out.cash == pytest.approx([1000.0, 1000.1, 1000.1 * 1.0003], rel=EXACT)
    assert [entry.interest for entry in out.carry] == pytest.approx([0.1, 0.30003], rel=EXACT)


def test_a_loan_costs_on_what_is_missing() -> None:
    # 150 units: cash is -500. A day at 7.3 %: 500 x 0.0002 = 0.1.
    out = hold(
        {0: [1.5]}, max_gross=1.5, account=Account("margin"), finance=Finance(cash=0.0365, loan=0.073), ends=[0, 1, 2]
    )
    assert out.cash == pytest.approx([1000.0, -500.0 + 0.1, -500.0 + 0.1 - 0.09998], rel=1e-9)
    assert [entry.loan for entry in out.carry] == pytest.approx([0.0, -0.09998], rel=EXACT)


def test_shorts_pay_the_fee_and_earn_the_rebate_and_their_proceeds_are_no_cash() -> None:
    # Short 50 at 10: cash 1500, V = 500, B = 1000. A year: 2 % on 1000, 1 % rebate and 3 % fee on 500.
    out = hold(
        {0: [-0.5]},
        account=Account("margin"),
        finance=Finance(cash=0.02, rebate=0.01, borrow=0.03),
        ends=[0.0, 0.0, 365.0],
    )
    entry = out.carry[1]
    assert (entry.interest, entry.loan, entry.rebate, entry.borrow) == pytest.approx((20.0, 0.0, 5.0, -15.0), rel=EXACT)
    assert out.cash == pytest.approx([1000.0, 1500.0, 1510.0], rel=EXACT)


@pytest.mark.parametrize("borrow", [[0.03], [[9.0], [0.03], [9.0]]])
def test_rates_are_those_known_a_row_before(borrow: object) -> None:
    out = hold(
        {0: [-0.5]},
        account=Account("margin"),
        finance=Finance(cash=[9.0, 0.02, 9.0], rebate=[9.0, 0.01, 9.0], borrow=borrow),
        ends=[0.0, 0.0, 365.0],
    )
    assert out.cash[2] == pytest.approx(1510.0, rel=EXACT)
