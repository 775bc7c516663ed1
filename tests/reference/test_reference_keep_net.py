"""One factor for a whole basket, by hand: what reduces is cut with what opens."""

from __future__ import annotations

from typing import Any

import pytest

from . import Account, Answer, Order, Outcome, Trading, simulate

EXACT = 1e-9
TURN = {0: [1.0, -0.6, 0.0], 2: [0.0, -1.0, 1.0]}


def swap(plan: dict[int, Any] | None = None, last: float = 12.0, keep_net: bool = True, **options: Any) -> Outcome:
    """From 1000 of A and -600 of B, decided on row 2, to another basket, filled on row 3 with C at `last`."""
    prices = [[10.0, 10.0, 10.0]] * 3 + [[10.0, 10.0, last]]
    given: dict[str, Any] = {"open": prices, "close": prices, "symbols": "ABC", "capital": 1000.0, "max_gross": 2.0}
    given |= {"account": Account("margin"), "plan": plan or TURN}
    return simulate(**given | {"trading": Trading(keep_net=keep_net)} | options)


def traded(out: Outcome, row: int = 3) -> list[float]:
    return [fill.quantity for fill in out.fills if fill.row == row]


def test_all_of_the_basket_is_cut_by_one_factor() -> None:
    # Gross 1600 - 1000 f + 400 f + 1200 f = 2000: f is two thirds.
    out = swap()
    assert traded(out) == pytest.approx([-200.0 / 3.0, -80.0 / 3.0, 200.0 / 3.0], rel=EXACT)
    assert out.decisions[1].scale == pytest.approx(2.0 / 3.0, rel=EXACT)
    assert (out.decisions[1].net_before, out.decisions[1].net_after) == pytest.approx((0.4, 0.8 / 3.0), rel=EXACT)
    assert [(e.kind, e.row) for e in out.events if e.kind == "scaled"] == [("scaled", 3)]
    # Without it A is sold whole, and 700 of 800 are there for what opens.
    assert traded(swap(keep_net=False)) == pytest.approx([-100.0, -35.0, 87.5], rel=EXACT)


def test_what_is_covered_is_not_cut() -> None:
    assert traded(swap(last=10.0)) == pytest.approx([-100.0, -40.0, 100.0], rel=EXACT)
    # Nothing opens: half of everything goes.
    assert traded(swap({0: TURN[0], 2: [0.5, -0.3, 0.0]})) == pytest.approx([-50.0, 30.0], rel=EXACT)


def test_costs_are_paid_from_the_same_equity() -> None:
    # 1 % of 2600 f: 0.5 (1600 + 600 f) = E - 26 f, where E = 1000 - 16 from the first basket; its weights were of 984.
    out = swap({0: [1.0, -0.6, 0.0], 2: [0.0, -1.0, 1.0]}, commission=0.01, size="at_fill", last=10.0)
    assert out.decisions[1].scale == 1.0  # at_fill knows the price, and sizes net of costs
    out = swap(commission=0.01)
    decision, before = out.decisions[1], out.quantities[2]
    e = 10.0 * sum(before) + out.cash[2]
    wish = [-before[0], -decision.equity_after / 10.0 - before[1], decision.equity_after / 10.0]
    value = [10.0 * wish[0], 10.0 * wish[1], 12.0 * wish[2]]
    gross = 10.0 * (before[0] - before[1])
    more = value[0] - value[1] + value[2]
    f = (e - 0.5 * gross) / (0.5 * more + 0.01 * sum(map(abs, value)))
    assert decision.scale == pytest.approx(f, rel=EXACT)
    assert traded(out) == pytest.approx([f * units for units in wish], rel=EXACT)


def test_a_turn_through_zero_is_cut_as_a_whole() -> None:
    # 50 short at 10, decided to be 190 long; at 15 the equity is 750, and 0.5 x 15 x |240 f - 50| of it is needed.
    prices = [[10.0]] * 3 + [[15.0]]
    given: dict[str, Any] = {"open": prices, "close": prices, "symbols": "A", "capital": 1000.0, "max_gross": 2.0}
    given |= {"account": Account("margin"), "trading": Trading(keep_net=True)}
    out = simulate(plan={0: [-0.5], 2: [1.9]}, **given)
    assert out.decisions[1].scale == pytest.approx(0.625, rel=EXACT)
    assert [fill.quantity for fill in out.fills] == pytest.approx([-50.0, 150.0], rel=EXACT)


def test_where_margin_is_missing_before_what_reduces_is_made_in_full() -> None:
    # A falls to 6: 1000 - 400 cover 0.5 x 1200, exactly; at 5.9 they do not. A goes; what opens has the rest.
    prices = [[10.0, 10.0, 10.0]] * 3 + [[5.0, 10.0, 10.0]]
    out = swap(open=prices, close=prices, account=Account("margin", 0.5, 0.1))
    assert traded(out)[0] == pytest.approx(-100.0, rel=EXACT)
    assert out.decisions[1].scale == pytest.approx((500.0 - 300.0) / 700.0, rel=EXACT)


def test_lots_are_rounded_toward_zero_and_what_is_then_too_much_is_cut_again() -> None:
    out = swap(lots=(20.0, 0.0, 0.0))
    quantity = traded(out)
    assert quantity[0] == -60.0  # of 66.67
    scales = [e.value for e in out.events if e.kind == "scaled"]
    assert scales[0] == pytest.approx(2.0 / 3.0, rel=EXACT)
    assert len(scales) == 2
    gross = 10.0 * (100.0 + quantity[0]) + 10.0 * (60.0 - quantity[1]) + 12.0 * quantity[2]
    assert gross == pytest.approx(2000.0, rel=EXACT)


def test_small_openings_are_dropped_and_what_reduces_is_not() -> None:
    out = swap(trading=Trading(keep_net=True, min_notional=300.0))
    assert traded(out) == pytest.approx([-200.0 / 3.0, 200.0 / 3.0], rel=EXACT)
    assert [e.asset for e in out.events if e.kind == "below_minimum"] == [1]


def test_explicit_orders_come_in_between() -> None:
    # A sale of 50 A is made before f is found: A has 50 left, which is all that the basket can sell.
    plan = {0: TURN[0], 2: Answer(TURN[2], [Order(0, -50.0, reduce_only=True)])}
    out = swap(plan)
    assert traded(out)[:2] == pytest.approx([-50.0, -50.0 * out.decisions[1].scale], rel=EXACT)
    f = (1000.0 - 0.5 * 1100.0) / (0.5 * (1600.0 - 500.0))
    assert out.decisions[1].scale == pytest.approx(f, rel=EXACT)


def test_it_is_for_margin_accounts_without_a_cap() -> None:
    for wrong in (
        {"account": Account()},
        {"trading": Trading(keep_net=True, participation=0.5), "volume": [[1.0] * 3] * 4},
    ):
        with pytest.raises(ValueError, match="keep_net is for margin accounts"):
            swap(**wrong)
