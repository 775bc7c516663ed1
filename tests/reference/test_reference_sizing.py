"""From wishes to orders, worked by hand."""

from __future__ import annotations

import math

import pytest

from . import Outcome, simulate

NAN = math.nan
EXACT = 1e-12


def quantities(out: Outcome, row: int) -> dict[int, float]:
    """Return what was traded on a row, by column."""
    return {fill.asset: fill.quantity for fill in out.fills if fill.row == row}


def test_weights_are_reached_net_of_their_own_cost() -> None:
    # x = 1000 - 0.001 x. Of x = 999.000999 A holds 60 % and B 40 %: exactly what was asked for, and no cash is left.
    close = [[10.0, 4.0]] * 2
    out = simulate(open=close, close=close, symbols=["A", "B"], capital=1000.0, plan={0: [0.6, 0.4]}, commission=0.001)
    x = 1000.0 / 1.001
    assert out.decisions[0].equity_after == pytest.approx(x, rel=EXACT)
    assert out.quantities[1] == pytest.approx([0.06 * x, 0.1 * x], rel=EXACT)
    assert out.equity[1] == pytest.approx(x, rel=EXACT)
    assert out.cash[1] == pytest.approx(0.0, abs=1e-9)


def test_an_asset_that_the_cost_moves_off_its_target_joins() -> None:
    # B is worth its 500 already; buying A for the other 500 at 10 % would leave x = 1000 / 1.05, so B is too big and
    # joins: x = 1000 - 0.1 (0.5 x) - 0.1 (500 - 0.5 x) = 950. B sells 25 (cost 2.5), A buys 475 (cost 47.5).
    flat = [[1.0, 1.0]] * 3
    out = simulate(
        open=None,
        close=flat,
        symbols=["A", "B"],
        capital=1050.0,
        plan={0: [0.0, 0.5], 1: [0.5, 0.5]},
        fill="same_close",
        commission=0.1,
    )
    # First basket: x = 1050 - 0.1 (0.5 x), x = 1000, B = 500.
    assert out.decisions[0].equity_after == pytest.approx(1000.0, rel=EXACT)
    assert out.decisions[1].equity_after == pytest.approx(950.0, rel=EXACT)
    assert quantities(out, 1) == pytest.approx({0: 475.0, 1: -25.0}, rel=1e-10)
    assert out.cash[1] == pytest.approx(0.0, abs=1e-9)


def test_a_cost_above_the_price_is_still_solved() -> None:
    # 1.5 a unit at a price of 1: x = 1000 - 1.5 x = 400. The iteration jumps about; halving finds it.
    flat = [[1.0]] * 2
    out = simulate(open=flat, close=flat, symbols=["A"], capital=1000.0, plan={0: [1.0]}, per_share=1.5)
    assert out.decisions[0].equity_after == pytest.approx(400.0, rel=EXACT)
    assert out.quantities[1] == pytest.approx([400.0], rel=EXACT)
    assert out.cash[1] == pytest.approx(0.0, abs=1e-9)


def test_the_smallest_trade_goes_when_costs_exceed_the_equity() -> None:
    # Two minimums of 6 on 10 leave nothing. B (4) is dropped; then x = 10 - 6 = 4 and A aims at 2.4.
    flat = [[10.0, 10.0]] * 2
    out = simulate(open=flat, close=flat, symbols=["A", "B"], capital=10.0, plan={0: [0.6, 0.4]}, minimum=6.0)
    assert [(e.kind, e.asset, e.value) for e in out.events] == [("cost_exceeds_equity", 1, 4.0)]
    assert quantities(out, 1) == pytest.approx({0: 0.24}, rel=EXACT)
    assert out.cash[1] == pytest.approx(10.0 - 2.4 - 6.0, rel=EXACT)


def test_of_equal_trades_the_first_symbol_goes() -> None:
    flat = [[10.0, 10.0]] * 2
    out = simulate(open=flat, close=flat, symbols=["B", "A"], capital=10.0, plan={0: [0.5, 0.5]}, minimum=6.0)
    assert [(e.kind, e.asset) for e in out.events] == [("cost_exceeds_equity", 1)]


HALT = [[10.0, 10.0, NAN], [10.0, 10.0, NAN], [NAN, 10.0, NAN], [NAN, 10.0, NAN]]


@pytest.mark.parametrize(
    ("targets", "bought"),
    [
        ([0.0, 1.0, 0.0], 70.0),  # A's 300 cannot leave: 700 are for B
        ([0.5, 0.5, 0.0], 50.0),  # A has less than its share, so B gets its own
        ([0.1, 0.9, 0.0], 70.0),  # A has more than its share: B gives way
        ([0.0, 0.2, 0.0], 0.0),  # A alone uses more than all the gross asked for
        ([0.0, 0.5, 0.5], 20.0),  # C cannot be bought, its money is cash: of the gross of 0.5 A has 0.3
    ],
)
def test_holdings_that_cannot_be_traded_stay_and_the_others_give_way(targets: list[float], bought: float) -> None:
    # 300 in A and 700 in cash when A halts.
    out = simulate(
        open=None,
        close=HALT,
        symbols=["A", "B", "C"],
        capital=1000.0,
        plan={0: [0.3, 0.0, 0.0], 2: targets},
        fill="next_close",
    )
    assert out.quantities[-1] == pytest.approx([30.0, bought, 0.0], rel=EXACT)
    untradable = [(e.row, e.asset, e.value) for e in out.events if e.kind == "untradable_target"]
    assert untradable == ([(2, 2, 0.5)] if targets[2] else [])


def test_a_factor_of_zero_closes_what_can_be_closed() -> None:
    # 300 in A, 100 in B. A halts, and B should be 0.1: A's 300 are above all gross asked for, so B is sold whole.
    out = simulate(
        open=None,
        close=HALT,
        symbols=["A", "B", "C"],
        capital=1000.0,
        plan={0: [0.3, 0.1, 0.0], 2: [0.0, 0.1, 0.0]},
        fill="next_close",
    )
    assert out.quantities[-1] == [30.0, 0.0, 0.0]


def test_lots_round_toward_zero_but_closing_takes_odd_lots_too() -> None:
    # 1000 / 10.5 = 95.2: 90 units, cash 55. After 3:2 there are 135 at 7, worth 945. Half of 1000 is 71.4 units:
    # 63.6 too many, 60 sold (75 left). Target 0 sells all 75.
    close = [[10.5], [10.5], [7.0], [7.0], [7.0]]
    out = simulate(
        open=None,
        close=close,
        symbols=["A"],
        capital=1000.0,
        plan={0: [1.0], 2: [0.5], 3: [0.0]},
        fill="next_close",
        lots=[10.0],
        actions=[(2, 0, "split", 1.5)],
    )
    assert [f.quantity for f in out.fills] == [90.0, -60.0, -75.0]
    assert out.cash == [1000.0, 55.0, 55.0, 475.0, 1000.0]


def test_a_lot_computed_a_hair_too_small_is_a_lot() -> None:
    # 0.3 x 1 / 0.1 is 2.9999999999999996 units in floating point.
    flat = [[0.1]] * 2
    out = simulate(open=flat, close=flat, symbols=["A"], capital=1.0, plan={0: [0.3]}, lots=[1.0])
    assert out.quantities[1] == [3.0]


def test_scaled_buys_are_rounded_to_lots_again() -> None:
    # 100 units decided, f = 0.8 gives 80, whole lots of 30: 60.
    out = simulate(
        open=[[10.0], [12.5]], close=[[10.0], [12.5]], symbols=["A"], capital=1000.0, plan={0: [1.0]}, lots=[30.0]
    )
    assert out.decisions[0].scale == pytest.approx(1000.0 / (90.0 * 12.5), rel=EXACT)
    assert out.quantities[1] == [60.0]


def test_the_smallest_trade_is_strict() -> None:
    # Trades of exactly 100 stay undone, of 101 are done.
    flat = [[1.0, 1.0]] * 2
    out = simulate(open=flat, close=flat, symbols=["A", "B"], capital=1000.0, plan={0: [0.1, 0.101]}, min_trade=100.0)
    assert quantities(out, 1) == pytest.approx({1: 101.0}, rel=EXACT)


def test_the_reserve_is_kept_by_buys() -> None:
    # All of 1000 is wanted, 100 must stay: f = 0.9.
    flat = [[10.0]] * 2
    out = simulate(open=flat, close=flat, symbols=["A"], capital=1000.0, plan={0: [1.0]}, cash_reserve=100.0)
    assert out.decisions[0].scale == pytest.approx(0.9, rel=EXACT)
    assert out.cash[1] == pytest.approx(100.0, rel=EXACT)


def test_a_sale_below_the_reserve_is_not_scaled() -> None:
    # 720 of 800 are held, 80 must stay; halving the holding costs 200, so cash is short of the reserve and nothing
    # is bought: there is nothing to scale.
    close = [[10.0], [10.0], [1.0]]
    out = simulate(
        open=None,
        close=close,
        symbols=["A"],
        capital=1000.0,
        plan={0: [0.9], 1: [0.45]},
        fill="next_close",
        minimum=200.0,
        cash_reserve=80.0,
    )
    # First x = 800 and A = 720, cash 80, which is the reserve. Then x = 600 and A = 270: 45 units go at 1, for 200.
    assert [fill.quantity for fill in out.fills] == pytest.approx([72.0, -45.0])
    assert out.cash[2] == pytest.approx(80.0 + 45.0 - 200.0)
    assert out.decisions[1].scale == 1.0


def test_a_short_is_closed_out_but_never_opened() -> None:
    # 500 in A. Then A at -0.3 sells the 50 units and drops the 30 short ones; B at -0.2 drops its 20.
    flat = [[10.0, 10.0]] * 3
    out = simulate(open=flat, close=flat, symbols=["A", "B"], capital=1000.0, plan={0: [0.5, 0.0], 1: [-0.3, -0.2]})
    assert quantities(out, 2) == {0: -50.0}
    dropped = [(e.kind, e.row, e.asset, e.order_id, e.value) for e in out.events]
    assert dropped == [
        ("short_dropped", 2, 0, 1, pytest.approx(-30.0, rel=EXACT)),
        ("short_dropped", 2, 1, 2, pytest.approx(-20.0, rel=EXACT)),
    ]
    assert out.cash[2] == 1000.0


def test_a_reached_target_sent_again_trades_nothing() -> None:
    close = [[3.7, 0.013, 911.0]] * 4
    weights = [0.31, 0.24, 0.45]
    out = simulate(
        open=None,
        close=close,
        symbols=["C", "A", "B"],
        capital=12345.67,
        plan=dict.fromkeys(range(4), weights),
        fill="next_close",
        commission=0.003,
        half_spread=0.001,
        minimum=1.0,
    )
    assert [d.n_orders for d in out.decisions] == [3, 0, 0, 0]
    assert out.decisions[1].equity_after == out.decisions[1].equity  # nothing traded, nothing paid
