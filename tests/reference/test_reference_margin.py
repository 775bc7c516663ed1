"""Accounts on margin, money from outside, settlement: by hand."""

from __future__ import annotations

import pytest

from . import Account, Answer, Order, Trading
from .worked import NAN, cancels, reasons, run, run_all, trades

FLAT = (10.0, 10.0, 10.0, 10.0)
MARGIN = Account("margin", initial=0.5, maintenance=0.25)
EXACT = 1e-12


def at(price: float) -> tuple[float, ...]:
    """A bar at one price."""
    return (price, price, price, price)


def test_a_margin_account_borrows_up_to_the_initial_margin() -> None:
    # 200 units are 2000, half of it is the equity.
    out = run([FLAT] * 2, {0: [2.0]}, max_gross=2.0, account=MARGIN)
    assert out.cash == [1000.0, -1000.0]
    assert out.decisions[0].scale == 1.0


def test_one_factor_for_long_and_short_openings() -> None:
    # 100 long A, 100 short B, decided at 10, filled at 20 and 5: 0.5 (2000 + 500) = 1250 of 1000: f = 0.8. Net before
    # 0, after (1600 - 400) / 1000.
    out = run_all([[FLAT, FLAT], [at(20.0), at(5.0)]], {0: [1.0, -1.0]}, max_gross=2.0, account=MARGIN)
    assert out.decisions[0].scale == pytest.approx(0.8, rel=EXACT)
    assert out.quantities[1] == pytest.approx([80.0, -80.0], rel=EXACT)
    assert (out.decisions[0].net_before, out.decisions[0].net_after) == pytest.approx((0.0, 1.2), rel=EXACT)
    assert out.equity[1] == pytest.approx(1000.0, rel=EXACT)


def test_costs_count_against_the_margin() -> None:
    # 1 %: q x 10 x 0.5 + q x 10 x 0.01 <= 1000 gives q = 1000 / 5.1.
    out = run([FLAT] * 2, {0: Answer(orders=[Order(0, 300.0)])}, account=MARGIN, commission=0.01)
    assert trades(out)[0][1] == pytest.approx(1000.0 / 5.1, rel=EXACT)
    assert cancels(out) == [(1, 0, "unaffordable")]


def test_a_target_through_zero_reduces_whole_and_opens_in_part() -> None:
    # 100 long; all short with -2 at 10 is -200. Filled at 10: closing is never scaled.
    out = run([FLAT] * 3, {0: [1.0], 1: [-2.0]}, max_gross=2.0, account=MARGIN)
    assert trades(out) == [(1, 100.0, 10.0), (2, -300.0, 10.0)]
    assert out.cash[2] == 3000.0


def test_a_margin_call_reduces_to_the_initial_margin_before_everything_else() -> None:
    # 200 A on 1000. At 6.5: 1300 - 1000 = 300 of equity, maintenance 325: a call for 25. The decision of that row does
    # not happen. Next open 6: equity 200, margin 600. (1 - g) 600 = 200: g = 2/3, 133.33 units go.
    out = run(
        [FLAT, FLAT, at(6.5), at(6.0), at(6.0)],
        {0: [2.0], 2: [0.1]},
        max_gross=2.0,
        account=MARGIN,
    )
    assert [(e.row, e.kind, e.value) for e in out.events] == [(2, "margin_call", 25.0)]
    assert reasons(out) == [(1, "target"), (3, "margin_call")]
    assert out.quantities[3] == pytest.approx([200.0 / 3.0], rel=1e-9)
    assert out.equity[3] == pytest.approx(200.0, rel=EXACT)
    assert len(out.decisions) == 1


def test_a_margin_call_cancels_entries_and_leaves_exits() -> None:
    orders = [Order(0, 10.0, "limit", limit=1.0), Order(0, -10.0, "limit", limit=50.0, reduce_only=True)]
    out = run([FLAT, FLAT, at(6.5)], {0: [2.0], 1: orders}, max_gross=2.0, account=MARGIN)
    assert cancels(out) == [(2, 1, "margin_call")]
    assert [e.order_id for e in out.events if e.kind == "unfilled_at_end"] == [2]


def test_a_margin_call_pays_costs() -> None:
    # 200 A on 1010, 10 a trade: cash -1000. At 6.5 equity is 300 < 325. At 6 the margin is
    # 0.5 x 1200 (1 - g) = 200 - 10: g = 41 / 60.
    bars = [FLAT, FLAT, at(6.5), at(6.0)]
    out = run(bars, {0: Answer(orders=[Order(0, 200.0)])}, capital=1010.0, account=MARGIN, per_trade=10.0)
    assert out.quantities[3] == pytest.approx([200.0 * 19.0 / 60.0], rel=1e-9)
    assert out.equity[3] == pytest.approx(190.0, rel=EXACT)


def test_the_cost_of_what_closes_is_not_counted_twice() -> None:
    # Margin 1, costs 1 %. Bought 50 at 10: 995. Of 150 sold 50 close (990 left); 1000 f + 10 f <= 990.
    account = Account("margin", initial=1.0, maintenance=0.1)
    out = run([FLAT] * 3, {0: Order(0, 50.0), 1: Order(0, -150.0)}, account=account, commission=0.01)
    assert out.fills[1].quantity == pytest.approx(-50.0 - 100.0 * 990.0 / 1010.0, rel=EXACT)
    assert out.fills[1].commission == pytest.approx(-0.1 * out.fills[1].quantity, rel=EXACT)


def test_a_margin_call_cancels_a_waiting_basket() -> None:
    # The cap allows 160 of 200 on row 1: cash -600. Row 2 has volume for 1 at 6, which nobody can pay for: 960 - 600 is
    # below the margin of 480. At 4.8 equity is 168, maintenance 192: the 39 that wait are cancelled.
    bars = [(*FLAT, 1600.0), (*FLAT, 1600.0), (6.0, 6.0, 4.8, 4.8, 10.0)]
    trading = Trading(participation=0.1, carry=-1)
    out = run(bars, {0: [2.0]}, max_gross=2.0, account=MARGIN, trading=trading)
    assert trades(out) == [(1, 160.0, 10.0)]
    assert [(e.kind, e.value) for e in out.events if e.row == 2] == [
        ("scaled", 0.0),
        ("margin_call", pytest.approx(24.0)),
        ("order_cancelled", 39.0),
    ]


def test_a_margin_call_skips_what_is_halted() -> None:
    # 100 A and 100 B on 1000. Both at 6.5: 300 of equity against 325. Next open A at 6.5, B halted at its mark of 6.5:
    # equity 300, margin 650. A alone: 0.5 (1300 - 650 g) = 300 gives g = 350 / 325 > 1: all of A.
    rows = [[FLAT, FLAT], [FLAT, FLAT], [at(6.5), at(6.5)], [at(6.5), at(NAN)]]
    out = run_all(rows, {0: [1.0, 1.0]}, max_gross=2.0, account=MARGIN)
    assert [(f.row, f.asset, f.quantity) for f in out.fills[2:]] == [(3, 0, -100.0)]


def test_a_short_that_doubles_is_called_and_one_that_triples_ends_the_account() -> None:
    # 100 short at 10: cash 2000. At 16: equity 400 = maintenance 0.25 x 1600: no call. At 17: 300 < 425.
    # At 21: -100, the account is frozen with its last equity.
    out = run([FLAT, FLAT, at(16.0), at(17.0)], {0: [-1.0]}, account=MARGIN)
    assert [(e.row, e.kind, e.value) for e in out.events] == [(3, "margin_call", pytest.approx(125.0))]
    out = run([FLAT, FLAT, at(21.0), at(10.0)], {0: [-1.0]}, account=MARGIN)
    assert [(e.row, e.kind, e.value) for e in out.events] == [(2, "bankrupt", -100.0)]
    assert out.equity == [1000.0, 1000.0, -100.0, -100.0]
    assert out.returns == pytest.approx([0.0, 0.0, -1.1, 0.0])


def test_deposits_are_no_return() -> None:
    # 50 units; 500 come on row 2, when the price rises by a tenth: (1000 + 50 + 500) / 1500 - 1.
    out = run([FLAT, FLAT, at(11.0)], {0: [0.5]}, flows={2: 500.0})
    assert out.equity == [1000.0, 1000.0, 1550.0]
    assert out.returns == pytest.approx([0.0, 0.0, 1.0 / 30.0], rel=EXACT)
    assert [(e.row, e.kind, e.value) for e in out.events] == [(2, "cash_flow", 500.0)]


def test_a_flow_may_be_a_part_of_the_equity_at_the_mark_before() -> None:
    # 5 % of the capital come first; of the 1050 that are there then, a tenth goes, and 5 come beside it.
    out = run([FLAT, FLAT, at(11.0)], {0: [0.5]}, flow_parts={0: 0.05, 2: -0.1}, flows={2: 5.0})
    assert [(e.row, e.value) for e in out.events] == [(0, 50.0), (2, -100.0)]
    assert out.cash == pytest.approx([1050.0, 525.0, 425.0])


def test_a_withdrawal_from_free_cash_is_paid_at_once() -> None:
    out = run([FLAT, FLAT, at(11.0)], {0: [0.5]}, flows={2: -400.0})
    assert out.cash == [1000.0, 500.0, 100.0]
    assert out.returns[2] == pytest.approx(650.0 / 600.0 - 1.0, rel=EXACT)


def test_a_larger_withdrawal_sells_pro_rata_at_the_open_and_is_paid_after_it() -> None:
    # 30 A and 50 B at 10, 200 in cash. 500 are wanted on row 2, opens 11 and 12, costs 1 %: free 200, so that
    # g (330 + 600) x 0.99 = 300. Return: 1130 - 9.3 g at the open, then 500 are paid, then the closes of 12 and 12.
    rows = [[FLAT, FLAT], [FLAT, FLAT], [(11.0, 12.0, 11.0, 12.0), at(12.0)]]
    out = run_all(rows, {0: Answer(orders=[Order(0, 30.0), Order(1, 50.0)])}, flows={2: -500.0})
    g = 300.0 / 930.0
    assert reasons(out)[2:] == [(2, "withdrawal"), (2, "withdrawal")]
    assert out.quantities[2] == pytest.approx([30.0 * (1 - g), 50.0 * (1 - g)], rel=1e-9)
    assert out.cash[2] == pytest.approx(0.0, abs=1e-9)
    after = 30.0 * (1 - g) * 12.0 + 600.0 * (1 - g)
    assert out.returns[2] == pytest.approx((1130.0 / 1000.0) * (after / 630.0) - 1.0, rel=1e-9)


def test_costs_and_lots_of_a_withdrawal() -> None:
    # 100 A, nothing in cash. 95 are wanted at 10 with 5 %: 10 units bring exactly that; lots of 4 make it 12.
    out = run([FLAT] * 3, {0: [1.0]}, flows={2: -95.0}, lots=[4.0], commission=0.0)
    assert trades(out)[1] == (2, -12.0, 10.0)
    assert out.cash[2] == pytest.approx(25.0)
    out = run([FLAT] * 3, {0: Answer(orders=[Order(0, 90.0)])}, flows={2: -150.0}, commission=0.05)
    # 1000 - 945 = 55 are free; 95 more are 10 units.
    assert trades(out)[1] == (2, pytest.approx(-10.0, rel=1e-9), 10.0)


def test_a_withdrawal_takes_what_there_is() -> None:
    # Everything is halted: only the 500 in cash can be paid.
    out = run([FLAT, FLAT, at(NAN)], {0: [0.5]}, flows={2: -800.0})
    assert out.cash[2] == 0.0
    assert [(e.kind, e.value, e.reason) for e in out.events] == [("cash_flow", -500.0, "cut")]


def test_on_margin_only_what_is_neither_borrowed_nor_needed_is_free() -> None:
    # 100 short at 10: cash 2000, B = 1000, margin 500 of 1000: 500 are free.
    out = run([FLAT] * 3, {0: [-1.0]}, account=MARGIN, flows={2: -500.0})
    assert trades(out) == [(1, -100.0, 10.0)]
    assert out.cash[2] == 1500.0
    # 600: (1 - g) 500 = 1000 - 600: g = 0.2.
    out = run([FLAT] * 3, {0: [-1.0]}, account=MARGIN, flows={2: -600.0})
    assert trades(out)[1] == (2, pytest.approx(20.0, rel=1e-9), 10.0)


def test_sold_today_paid_for_in_two_sessions() -> None:
    # All in A. From A to B on row 2: the money of the sale cannot buy before row 4.
    rows = [[FLAT, FLAT]] * 5
    buys = {row: Answer(orders=[Order(1, 100.0)]) for row in (2, 3)}
    out = run_all(rows, {0: [1.0, 0.0], 1: [0.0, 1.0], **buys}, account=Account(settlement=2))
    assert [(f.row, f.asset, f.quantity) for f in out.fills] == [(1, 0, 100.0), (2, 0, -100.0), (4, 1, 100.0)]
    assert out.decisions[1].scale == 0.0
    assert cancels(out) == [(3, 3, "unaffordable")]
