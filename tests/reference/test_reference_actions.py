"""Splits, dividends and delistings, worked by hand."""

from __future__ import annotations

import math

import pytest

from . import Outcome, simulate

NAN = math.nan


def test_a_split_leaves_the_equity() -> None:
    # 25 units at 20; two for one: 50 at 10. The row after it has no bar and carries 10.
    out = simulate(
        open=None,
        close=[[20.0], [20.0], [10.0], [NAN]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        fill="next_close",
        actions=[(2, 0, "split", 2.0)],
    )
    assert out.quantities == [[0.0], [25.0], [50.0], [50.0]]
    assert out.equity == [1000.0] * 4
    assert [(e.row, e.kind, e.value) for e in out.events] == [(2, "split", 2.0)]


def test_a_split_restates_a_halted_holding_at_its_mark() -> None:
    out = simulate(
        open=None,
        close=[[20.0], [20.0], [NAN], [11.0]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        fill="next_close",
        actions=[(2, 0, "split", 2.0)],
    )
    assert out.equity == [1000.0, 1000.0, 1000.0, 500.0 + 50.0 * 11.0]


def test_a_split_restates_the_working_order() -> None:
    # 50 units decided at 10 are 100 at 5 when they fill.
    out = simulate(
        open=[[10.0], [5.0]],
        close=[[10.0], [5.0]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        actions=[(1, 0, "split", 2.0)],
    )
    assert [(f.quantity, f.price, f.decision_price) for f in out.fills] == [(100.0, 5.0, 5.0)]
    assert out.equity[1] == 1000.0
    assert out.events == []  # nothing was held yet


def test_a_dividend_is_paid_on_the_previous_close_and_lowers_a_carried_mark() -> None:
    # 50 units at 10, no bar on the ex day: 50 in cash, the mark goes to 9. Then a real bar at 9.5.
    out = simulate(
        open=None,
        close=[[10.0], [10.0], [NAN], [9.5]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        fill="next_close",
        actions=[(2, 0, "dividend", 1.0)],
    )
    assert out.cash == [1000.0, 500.0, 550.0, 550.0]
    assert out.equity == [1000.0, 1000.0, 1000.0, 550.0 + 50.0 * 9.5]
    assert [(e.row, e.kind, e.value) for e in out.events] == [(2, "dividend", 50.0)]


def test_who_buys_on_the_ex_day_gets_no_dividend() -> None:
    out = simulate(
        open=[[10.0], [9.0]],
        close=[[10.0], [9.0]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        actions=[(1, 0, "dividend", 1.0)],
    )
    assert out.cash[1] == 1000.0 - 50.0 * 9.0
    assert out.events == []


def test_a_split_comes_before_a_dividend_of_the_same_row() -> None:
    # 25 units become 50, each is paid 0.4; given in the wrong order on purpose.
    out = simulate(
        open=None,
        close=[[20.0], [20.0], [10.0]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5]},
        fill="next_close",
        actions=[(2, 0, "dividend", 0.4), (2, 0, "split", 2.0)],
    )
    assert out.cash[2] == 520.0
    assert [e.kind for e in out.events] == ["split", "dividend"]


def test_a_delisting_without_a_bar_pays_the_last_mark() -> None:
    # 50 units at 10; 30 % is lost: 350. The sale that was working is cancelled, the reference forgets A.
    out = simulate(
        open=None,
        close=[[10.0, 1.0], [10.0, 1.0], [NAN, 1.0], [NAN, 1.0]],
        symbols=["A", "B"],
        capital=1000.0,
        plan={0: [0.5, 0.0], 1: [0.25, 0.0]},
        fill="next_close",
        commission=0.0,
        minimum=1.0,
        actions=[(2, 0, "delisting", -0.3)],
    )
    # The first buy costs 1: x = 999, A = 499.5, cash 499.5; the second decision halves it: x = 998.
    units = 49.95
    assert out.quantities[1] == pytest.approx([units, 0.0])
    halted, delisted = out.events
    assert (halted.kind, halted.value) == ("halted", pytest.approx(0.25 * 998.0 / 10.0 - units))
    assert (delisted.kind, delisted.row, delisted.value) == ("delisting", 2, pytest.approx(units * 7.0))
    payout = out.fills[-1]
    assert (payout.reason, payout.order_id, payout.decision_row) == ("delisting", -1, -1)
    assert (payout.quantity, payout.price, payout.commission) == (pytest.approx(-units), pytest.approx(7.0), 0.0)
    assert payout.decision_price == payout.arrival_price == payout.price
    assert out.cash[2] == pytest.approx(499.5 + units * 7.0)
    assert out.equity[2] == out.cash[2]
    assert out.decisions[1].done_row == 2
    assert out.drift[2:] == [0.0, 0.0]


def delisted_with_a_bar(target: float, size: str = "at_decision") -> Outcome:
    """50 units of A are held at 10; on its last row A opens at 11, closes at 8 and loses half."""
    return simulate(
        open=[[10.0], [10.0], [11.0], [NAN]],
        close=[[10.0], [10.0], [8.0], [NAN]],
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.5], 1: [target], 2: [1.0]},
        size=size,
        actions=[(2, 0, "delisting", -0.5)],
    )


def test_a_delisting_with_a_bar_lets_sales_fill_first() -> None:
    # 25 units are sold at 11, the other 25 paid out at 4.
    out = delisted_with_a_bar(0.25)
    assert [(f.row, f.quantity, f.price, f.reason) for f in out.fills[1:]] == [
        (2, -25.0, 11.0, "target"),
        (2, -25.0, 4.0, "delisting"),
    ]
    assert out.cash[2] == 500.0 + 275.0 + 100.0
    assert out.equity[2] == out.cash[2]


def test_a_delisting_with_a_bar_cancels_buys() -> None:
    out = delisted_with_a_bar(0.75)
    assert [(e.kind, e.value) for e in out.events[:2]] == [("halted", 25.0), ("delisting", 200.0)]
    assert [(f.quantity, f.price) for f in out.fills[1:]] == [(-50.0, 4.0)]


def test_a_buy_sized_at_the_fill_of_the_last_bar_is_cancelled_too() -> None:
    # At the open of 11 the account is worth 1050, 0.75 of it is 787.5, held are 550: 237.5 / 11 units too few.
    out = delisted_with_a_bar(0.75, size="at_fill")
    assert [(e.kind, e.value) for e in out.events[:2]] == [
        ("halted", pytest.approx(237.5 / 11.0)),
        ("delisting", 200.0),
    ]
    assert out.decisions[1].n_orders == 1
    assert out.decisions[1].n_fills == 0


def test_the_decision_of_the_last_row_cannot_want_the_asset_any_more() -> None:
    out = delisted_with_a_bar(0.25)
    assert [(e.row, e.kind, e.value) for e in out.events if e.kind == "untradable_target"] == [
        (2, "untradable_target", 1.0)
    ]
    assert out.decisions[2].n_orders == 0
    assert out.equity[3] == out.cash[3] == 875.0


def test_same_close_pays_out_before_it_decides() -> None:
    # 50 units are paid out at 8 x 0.5; the money goes to B on the same close.
    out = simulate(
        open=None,
        close=[[10.0, 2.0], [8.0, 2.0], [9.0, 2.0]],
        symbols=["A", "B"],
        capital=1000.0,
        plan={0: [0.5, 0.0], 1: [0.5, 0.5]},
        fill="same_close",
        actions=[(1, 0, "delisting", -0.5)],
    )
    assert out.quantities[1:] == [[0.0, 175.0], [0.0, 175.0]]  # half of 700 in B, and A's row 2 is no bar
    assert out.equity == [1000.0, 700.0, 700.0]
