"""What the volume of a bar allows, and how long the rest works on. A bar is (open, high, low, close, volume)."""

from __future__ import annotations

import pytest

from . import Answer, Exits, Order, Trading, bracket
from .worked import NAN, cancels, run, run_all, trades

CAP = Trading(participation=0.1)
WAIT = Trading(participation=0.1, carry=-1)


def bar(volume: float, price: float = 10.0) -> tuple[float, ...]:
    """A bar that does not move."""
    return (price, price, price, price, volume)


NO_BAR = (NAN, NAN, NAN, NAN, NAN)


def test_a_basket_takes_its_part_of_the_volume_and_lapses() -> None:
    # 50 wanted, a tenth of 300 is 30; the other 20 lapse.
    out = run([bar(300), bar(300), bar(300)], {0: [0.5]}, trading=CAP)
    assert trades(out) == [(1, 30.0, 10.0)]
    assert [(e.row, e.kind, e.value, e.order_id) for e in out.events] == [(1, "capped", 20.0, 0)]
    assert out.decisions[0].done_row == 1


def test_a_basket_that_carries_works_on() -> None:
    # 30, then 15 of 150, then no bar, then the last 5.
    out = run([bar(300), bar(300), bar(150), NO_BAR, bar(300)], {0: [0.5]}, trading=WAIT)
    assert trades(out) == [(1, 30.0, 10.0), (2, 15.0, 10.0), (4, 5.0, 10.0)]
    assert (out.decisions[0].done_row, out.decisions[0].n_orders, out.decisions[0].n_fills) == (4, 1, 3)


@pytest.mark.parametrize(("carry", "last"), [(1, 1), (2, 3), (3, 4)])
def test_only_real_bars_count_for_the_carry(carry: int, last: int) -> None:
    bars = [bar(100), bar(100), NO_BAR, bar(100), bar(100), bar(100)]
    out = run(bars, {0: [0.5]}, trading=Trading(participation=0.1, carry=carry))
    assert [fill.row for fill in out.fills][-1] == last
    assert out.decisions[0].done_row == last


def test_a_new_answer_cancels_what_still_works() -> None:
    # 30 of 50 are there when half of the target is asked for: 25 of 1000. Sells 5.
    out = run([bar(300), bar(300), bar(300)], {0: [0.5], 1: [0.25]}, trading=WAIT)
    assert trades(out) == [(1, 30.0, 10.0), (2, -5.0, 10.0)]
    assert cancels(out) == [(1, 0, "superseded")]


def test_a_waiting_order_mutes_the_drift_of_its_asset_alone() -> None:
    # Row 1: 10 of 50 A, all of 50 B. Row 2: A doubles, B falls by a fifth; the reference of row 1 was 0.1 and 0.5.
    # Equity 400 + 200 + 400 = 1000 + 10 more A at 20: nothing changes by that. B is 0.4: drift 0.1, A is silent.
    rows = [[bar(100), bar(9e9)]] * 2 + [[bar(100, 20.0), bar(9e9, 8.0)]]
    out = run_all(rows, {0: [0.5, 0.5]}, trading=WAIT, bands=[0.05], band_bits=[4])
    assert (out.drift[2], out.drift_asset[2]) == (pytest.approx(0.1), 1)


def test_an_explicit_order_works_on_without_being_asked() -> None:
    out = run([bar(300), bar(300), bar(100), bar(900)], {0: Order(0, 50.0)}, trading=CAP)
    assert trades(out) == [(1, 30.0, 10.0), (2, 10.0, 10.0), (3, 10.0, 10.0)]


def test_all_fills_of_an_asset_share_one_volume_in_the_order_in_which_they_come() -> None:
    # A tenth of 300: the explicit order takes 20, the basket gets 10 of its 50.
    out = run([bar(300), bar(300)], {0: Answer([0.5], [Order(0, 20.0)])}, trading=CAP)
    assert [(f.order_id, f.quantity) for f in out.fills] == [(0, 20.0), (1, 10.0)]


def test_where_the_volume_binds_lots_stay_whole() -> None:
    # A tenth of 359 is 35.9, in lots of 10: 30.
    assert trades(run([bar(359)] * 2, {0: [0.5]}, trading=CAP, lots=[10.0])) == [(1, 30.0, 10.0)]


def test_a_bar_without_volume_fills_nothing() -> None:
    assert trades(run([bar(300), bar(0.0), bar(NAN)], {0: Order(0, 5.0)}, trading=CAP)) == []


def test_the_rest_of_a_stop_is_a_market_order() -> None:
    # 40 held; the stop of 9 sells 15 at 9 in row 2 and the rest at the opens of 9.5, although they are above it.
    bars = [bar(9e9), bar(9e9), (10.0, 10.0, 8.0, 9.2, 150.0), bar(100, 9.5), bar(900, 9.5)]
    out = run(bars, {0: bracket(Order(0, 40.0), stop=9.0, target=20.0)}, trading=CAP)
    assert trades(out) == [(1, 40.0, 10.0), (2, -15.0, 9.0), (3, -10.0, 9.5), (4, -15.0, 9.5)]
    assert cancels(out) == [(4, 2, "position_closed")]


def test_the_rest_of_a_declared_stop_is_one_too() -> None:
    bars = [bar(9e9), bar(9e9), (10.0, 10.0, 8.0, 9.2, 150.0), bar(100, 9.5), bar(900, 9.5)]
    out = run(bars, {0: Order(0, 40.0)}, trading=CAP, exits=Exits(stop=0.1))
    assert trades(out) == [(1, 40.0, 10.0), (2, -15.0, 9.0), (3, -10.0, 9.5), (4, -15.0, 9.5)]
    assert [f.reason for f in out.fills] == ["market", *["exit_stop"] * 3]


def test_a_partly_filled_entry_gives_birth_in_parts() -> None:
    # 30 of 50 in row 1, the stop takes 30 out in row 2 after 10 more had been bought at its open: 40 in all.
    bars = [bar(300), bar(300), (10.0, 10.0, 8.0, 9.0, 100.0), bar(9e9), bar(9e9)]
    out = run(bars, {0: bracket(Order(0, 50.0), stop=9.0)}, trading=CAP)
    # Row 2: the entry takes all the volume (10 at 10), so the stop is reached but finds none: it sells 40 at the next
    # open, 10 above its level. With that the last 10 of the entry are cancelled.
    assert trades(out) == [(1, 30.0, 10.0), (2, 10.0, 10.0), (3, -40.0, 10.0)]
    assert cancels(out) == [(3, 0, "child_filled")]


def test_a_waiting_basket_ends_with_a_delisting() -> None:
    # 30 of 50 in row 1, 30 a row; row 2 is the last one: what is left is cancelled, and 30 are paid out.
    out = run([bar(300), bar(300), bar(300)], {0: [0.5]}, trading=WAIT, actions=[(2, 0, "delisting", 0.0)])
    assert trades(out) == [(1, 30.0, 10.0), (2, -30.0, 10.0)]
    assert [(e.kind, e.value) for e in out.events if e.kind == "halted"] == [("halted", 20.0)]


def test_a_cap_needs_volume() -> None:
    with pytest.raises(ValueError, match="needs volume"):
        run([(10.0, 10.0, 10.0, 10.0)], trading=CAP)


def test_the_reference_of_a_basket_that_waits_at_the_same_close_is_taken_twice() -> None:
    # 30 of 50 A and all 50 B on row 0, the other 20 A on row 1 at 20. References: row 0, then row 1 when it is done.
    rows = [[bar(300), bar(9e9)], [bar(300, 20.0), bar(9e9)], [bar(300, 20.0), bar(9e9)]]
    out = run_all(rows, {0: [0.5, 0.5]}, trading=WAIT, fill="same_close", bands=[0.9], band_bits=[4])
    # Row 1, before the fill: A muted, B 500 / 1300 against 0.5. Row 2: exactly the weights of row 1.
    assert out.drift[1:] == [pytest.approx(0.5 - 500.0 / 1300.0), 0.0]


def test_the_scale_of_a_basket_that_carries_is_its_smallest() -> None:
    # 50 of 100 at 10; 30 at 20 would need 600 of the 500 left: 25, f = 5/6; the last 20 with new money: f = 1.
    bars = [bar(500), bar(500), bar(300, 20.0), bar(300, 20.0)]
    out = run(bars, {0: [1.0]}, trading=WAIT, flows={3: 1000.0})
    assert trades(out) == [(1, 50.0, 10.0), (2, pytest.approx(25.0), 20.0), (3, 20.0, 20.0)]
    assert out.decisions[0].scale == pytest.approx(5.0 / 6.0)
    assert out.decisions[0].done_row == 3
