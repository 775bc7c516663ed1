"""Where a rule asks whether something is nothing, rounding must not be the one who answers.

Each case shows first that the rounding error is there.
"""

from __future__ import annotations

import math

from . import simulate
from .costs import Costs
from .sizing import Sheet, size

NAN = math.nan


def test_an_account_at_its_reserve_buys_no_rounding_errors() -> None:
    flat = [[7.6]] * 3
    out = simulate(open=flat, close=flat, symbols=["A"], capital=1000.0, plan={0: [1.0], 1: [1.0]}, cash_reserve=354.2)
    assert 0.0 < out.cash[1] - 354.2 < 1e-12
    assert [fill.row for fill in out.fills] == [1]
    assert [decision.scale for decision in out.decisions][1] == 0.0


def test_a_basket_that_is_a_rounding_error_too_dear_is_not_scaled() -> None:
    flat = [[27.7]] * 2
    out = simulate(open=flat, close=flat, symbols=["A"], capital=1000.0, plan={0: [1.0]}, commission=0.001)
    assert -1e-12 < out.cash[1] < 0.0
    assert out.decisions[0].scale == 1.0
    assert out.events == []


def test_a_total_loss_ends_the_account_although_a_rounding_error_is_left() -> None:
    prices = [[12.2], [12.2], [NAN]]
    out = simulate(
        open=prices,
        close=prices,
        symbols=["A"],
        capital=1000.0,
        plan={0: [1.0]},
        commission=0.001,
        actions=[(2, 0, "delisting", -1.0)],
    )
    assert 0.0 < out.cash[1] < 1e-12
    assert out.events[-1].kind == "bankrupt"
    assert out.equity[2] == out.cash[2] == out.cash[1]


def test_what_one_sells_and_the_other_buys_is_a_tie() -> None:
    # 8.6 and 8.2 should both be 8.4. Two minimums of 9 cost more than there is, one does not: "A" goes, as its name
    # says, although its 0.2 came out a little larger than that of "B".
    sheet = Sheet(
        targets=[0.5, 0.5],
        quantities=[8.6, 8.2],
        prices=[1.0, 1.0],
        tradable=[True, True],
        by_name=(0, 1),
        equity=8.6 + 8.2,
        costs=Costs(minimum=9.0),
        lots=(0.0, 0.0),
        min_trade=0.0,
    )
    assert abs(0.5 * sheet.equity - 8.6) > abs(0.5 * sheet.equity - 8.2)
    assert [asset for asset, _ in size(sheet).given_up] == [0]


def test_who_is_where_he_should_be_gets_no_order() -> None:
    # The short of A is never opened, yet its cost is set aside each time: x = 1000 / 1.01, B holds x / 2. The next
    # basket starts from 1000 - 0.005 x, so B seems to be off by 0.0025 x; with the cost of A set aside again it is not.
    flat = [[10.0, 10.0]] * 3
    plan = {0: [-0.5, 0.5], 1: [-0.5, 0.5]}
    out = simulate(open=flat, close=flat, symbols=["A", "B"], capital=1000.0, plan=plan, commission=0.01)
    assert 0.5 * out.equity[1] - 10.0 * out.quantities[1][1] > 2.0
    assert [decision.n_orders for decision in out.decisions] == [2, 1]
    assert [fill.asset for fill in out.fills] == [1]
    assert [event.kind for event in out.events] == ["short_dropped", "short_dropped"]
