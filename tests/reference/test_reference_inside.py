"""The table of what may happen inside a bar, line by line, and its mirror. A bar is (open, high, low, close)."""

from __future__ import annotations

import pytest

from . import Account, Answer, Exits, Order, Trading, bracket
from .worked import NAN, reasons, run, run_all, trades

FLAT = (10.0, 10.0, 10.0, 10.0)
MARGIN = Account("margin", initial=0.5, maintenance=0.1)
BUY = Order(0, 10.0)


def mirrored(bar: tuple[float, ...]) -> tuple[float, ...]:
    """Turn a bar round 10: what was for longs is now for shorts."""
    opened, high, low, close = (20.0 - price for price in bar)
    return (opened, low, high, close)


CASES = [
    # filled at the open: the whole bar counts, a target too
    ("open_stop", Order(0, 10.0), (10.0, 10.5, 8.8, 10.2), {"stop": 9.0, "target": 12.0}, 9.0),
    ("open_target", Order(0, 10.0), (10.0, 12.1, 9.5, 10.2), {"stop": 9.0, "target": 12.0}, 12.0),
    ("open_both", Order(0, 10.0), (10.0, 12.1, 8.8, 12.0), {"stop": 9.0, "target": 12.0}, 9.0),
    # filled at the open by a gap is the same: the limit of 9.5 fills at 9.4, the high of 11 is after it
    ("gap_target", Order(0, 10.0, "limit", limit=9.5), (9.4, 11.0, 9.3, 9.5), {"stop": 8.0, "target": 10.8}, 10.8),
    # a limit filled at P: a stop counts, a target only if the close is at or beyond it
    ("limit_stop", Order(0, 10.0, "limit", limit=9.5), (10.0, 11.0, 8.8, 10.9), {"stop": 9.0, "target": 10.8}, 9.0),
    ("limit_proved", Order(0, 10.0, "limit", limit=9.5), (10.0, 11.0, 9.4, 10.9), {"stop": 9.0, "target": 10.8}, 10.8),
    ("limit_open", Order(0, 10.0, "limit", limit=9.5), (10.0, 11.0, 9.4, 10.7), {"stop": 9.0, "target": 10.8}, None),
    # a target below P: P, which is no better, and which the bar has traded
    ("limit_below", Order(0, 10.0, "limit", limit=9.5), (10.0, 10.5, 9.4, 9.6), {"target": 9.0}, 9.5),
    # a stop entry: a stop counts, a target never
    ("stop_stop", Order(0, 10.0, "stop", stop=11.0), (10.0, 13.0, 9.9, 12.9), {"stop": 10.0, "target": 12.0}, 10.0),
    ("stop_never", Order(0, 10.0, "stop", stop=11.0), (10.0, 13.0, 10.1, 12.9), {"stop": 10.0, "target": 12.0}, None),
    # a stop that is beyond P already: at P
    ("stop_at_p", Order(0, 10.0, "limit", limit=9.5), (10.0, 10.5, 9.4, 10.0), {"stop": 9.8}, 9.5),
    # at the open, too
    ("stop_at_open", Order(0, 10.0), (10.0, 10.5, 9.4, 10.0), {"stop": 10.2}, 10.0),
    # a trail on its entry's own bar stands at P - trail
    ("trail_inside", Order(0, 10.0, "limit", limit=9.5), (10.0, 11.0, 9.2, 10.9), {"trail": 0.3}, 9.2),
    ("trail_holds", Order(0, 10.0, "limit", limit=9.5), (10.0, 11.0, 9.2, 10.9), {"trail": 0.4}, None),
    # filled at the close: nothing in this bar
    ("close", Order(0, 10.0, "market_on_close"), (10.0, 12.5, 8.0, 10.0), {"stop": 9.0, "target": 12.0}, None),
]


@pytest.mark.parametrize(("entry", "bar", "levels", "price"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_the_table_for_longs(entry: Order, bar: tuple[float, ...], levels: dict[str, float], price: float) -> None:
    out = run([FLAT, bar], {0: bracket(entry, **levels)})
    assert [fill.price for fill in out.fills[1:]] == ([] if price is None else [pytest.approx(price)])


@pytest.mark.parametrize(("entry", "bar", "levels", "price"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_the_table_for_shorts(entry: Order, bar: tuple[float, ...], levels: dict[str, float], price: float) -> None:
    entry = Order(0, -10.0, entry.kind, limit=20.0 - entry.limit, stop=20.0 - entry.stop)
    levels = {name: level if name == "trail" else 20.0 - level for name, level in levels.items()}
    out = run([FLAT, mirrored(bar)], {0: bracket(entry, **levels)}, account=MARGIN)
    assert [fill.price for fill in out.fills[1:]] == ([] if price is None else [pytest.approx(20.0 - price)])


def test_a_trail_begins_at_the_better_of_p_and_the_close() -> None:
    # Bought at 9.5 inside row 1, which closes at 10.4 after a high of 11: the trail of 1 stands at 9.4 in row 2, not at
    # 10. In row 3 the high of row 2 counts: 10.8 - 1.
    bars = [FLAT, (10.0, 11.0, 9.4, 10.4), (10.4, 10.8, 9.5, 10.5), (10.5, 10.6, 9.7, 9.8)]
    out = run(bars, {0: bracket(Order(0, 10.0, "limit", limit=9.5), trail=1.0)})
    assert trades(out) == [(1, 10.0, 9.5), (3, -10.0, pytest.approx(9.8))]


def test_declared_exits_are_fractions_of_the_entry_price() -> None:
    # 50 at 10: stop at 9, target at 13. Row 2 gaps below the stop: out at the open of 8.
    out = run([FLAT, FLAT, (8.0, 9.0, 7.0, 8.5)], {0: [0.5]}, exits=Exits(stop=0.1, target=0.3))
    assert trades(out) == [(1, 50.0, 10.0), (2, -50.0, 8.0)]
    assert [(f.reason, f.order_id, f.decision_row) for f in out.fills][1] == ("exit_stop", -1, -1)


def test_a_declared_target_is_a_limit() -> None:
    out = run([FLAT, (10.0, 13.5, 9.5, 12.0)], {0: [0.5]}, exits=Exits(stop=0.1, target=0.3), half_spread=0.01)
    assert reasons(out) == [(1, "target"), (1, "exit_target")]
    assert out.fills[1].price == 13.0
    assert out.fills[1].spread == 0.0


def test_a_declared_trail_keeps_its_distance_in_money() -> None:
    # 10 % of 10 is 1: row 2 has a high of 15, so the level of row 3 is 14.
    bars = [FLAT, FLAT, (10.0, 15.0, 9.5, 14.5), (14.5, 14.6, 13.0, 13.5)]
    out = run(bars, {0: [0.5]}, exits=Exits(trail=0.1))
    assert trades(out)[1:] == [(3, -50.0, 14.0)]
    assert reasons(out)[1:] == [(3, "exit_trail")]


def test_an_increase_moves_the_levels_to_the_average_price() -> None:
    # 20 at 10 and 20 at 12: the entry is 11, the stop 20 % below it is 8.8.
    bars = [FLAT, FLAT, (12.0, 12.0, 12.0, 12.0), (12.0, 12.0, 8.5, 9.0)]
    out = run(bars, {0: Order(0, 20.0), 1: Order(0, 20.0)}, exits=Exits(stop=0.2))
    assert trades(out)[2:] == [(3, -40.0, pytest.approx(8.8))]


def test_targets_that_are_sent_again_leave_what_an_exit_took_out() -> None:
    # Half in A, half in B. A is stopped out at 9 on row 2, B rises; drift sends the targets again: A stays out until
    # somebody answers anew on row 4.
    rows = [
        [FLAT, FLAT],
        [FLAT, FLAT],
        [(10.0, 10.0, 8.0, 8.5), (10.0, 14.0, 10.0, 14.0)],
        [FLAT, (14.0, 14.0, 14.0, 14.0)],
        [FLAT, (14.0, 14.0, 14.0, 14.0)],
        [FLAT, (14.0, 14.0, 14.0, 14.0)],
    ]
    out = run_all(
        rows,
        {0: [0.5, 0.5], 4: [0.5, 0.5]},
        exits=Exits(stop=[0.1, NAN]),
        bands=[0.01],
        band_bits=[4],
        reapply_mask=4,
    )
    # Row 2: A out for 450; B is worth 700 of 1150. Sent again: B to 575, sells 125 / 14. A's money stays cash.
    assert [(f.row, f.asset) for f in out.fills] == [(1, 0), (1, 1), (2, 0), (3, 1), (5, 0)]
    assert out.fills[3].quantity == pytest.approx(-125.0 / 14.0)
    assert [decision.source for decision in out.decisions] == ["plan", "reapply", "plan"]


def test_an_exit_sets_the_reference_of_its_asset() -> None:
    # A's reference is 0 after the stop; B was 1/2 and is 500 / 950 now.
    rows = [[FLAT, FLAT], [FLAT, FLAT], [(10.0, 10.0, 8.0, 8.5), FLAT]]
    out = run_all(rows, {0: [0.5, 0.5]}, exits=Exits(stop=[0.1, NAN]), bands=[0.9], band_bits=[4])
    assert out.drift[2] == pytest.approx(500.0 / 950.0 - 0.5)
    assert out.drift_asset[2] == 1


def test_exits_come_before_entries_and_fund_them() -> None:
    # All money is in A. Its stop brings 900, which pays for the limit order in B at 9.
    rows = [[FLAT, FLAT], [FLAT, FLAT], [(10.0, 10.0, 8.0, 8.5), (10.0, 10.0, 8.0, 8.5)]]
    orders = [Order(1, 100.0, "limit", limit=9.0), Order(0, -100.0, "stop", stop=9.0, reduce_only=True)]
    out = run_all(rows, {0: Answer([1.0, 0.0]), 1: orders})
    assert [(f.asset, f.quantity, f.price) for f in out.fills[1:]] == [(0, -100.0, 9.0), (1, 100.0, 9.0)]


def test_no_level_is_met_without_a_bar() -> None:
    gap = (NAN, NAN, NAN, NAN)
    out = run([FLAT, FLAT, gap, (7.0, 8.0, 6.0, 7.5)], {0: [0.5]}, exits=Exits(stop=0.1))
    assert trades(out)[1:] == [(3, -50.0, 7.0)]


@pytest.mark.parametrize(
    ("intrabar", "exit"),
    [
        ("pessimistic", 9.0),  # the stop
        ("optimistic", 12.0),  # the target
        ("open_high_low_close", 12.0),  # up first
        ("open_low_high_close", 9.0),  # down first
    ],
)
def test_stop_and_target_in_one_bar(intrabar: str, exit: float) -> None:
    bars = [FLAT, (10.0, 12.5, 8.5, 10.2)]
    out = run(bars, {0: bracket(BUY, stop=9.0, target=12.0)}, trading=Trading(intrabar=intrabar))
    assert [fill.price for fill in out.fills] == [10.0, exit]


@pytest.mark.parametrize(
    ("intrabar", "exit"),
    [
        ("pessimistic", 9.0),
        ("optimistic", 10.8),
        ("open_high_low_close", 9.0),  # up, down through 9.5 and 9, back
        ("open_low_high_close", 9.0),  # down through both at once
    ],
)
def test_an_entry_inside_the_bar(intrabar: str, exit: float) -> None:
    bars = [FLAT, (10.0, 11.0, 8.8, 10.5)]
    entry = Order(0, 10.0, "limit", limit=9.5)
    out = run(bars, {0: bracket(entry, stop=9.0, target=10.8)}, trading=Trading(intrabar=intrabar))
    assert [fill.price for fill in out.fills] == [9.5, exit]


def test_a_way_through_the_bar_lets_a_trail_rise_before_it_falls() -> None:
    # Open 10, high 12: the trail of 1 stands at 11 when the price falls to 10.5.
    bars = [FLAT, (10.0, 12.0, 10.0, 10.5)]
    out = run(bars, {0: bracket(BUY, trail=1.0)}, trading=Trading(intrabar="open_high_low_close"))
    assert trades(out) == [(1, 10.0, 10.0), (1, -10.0, 11.0)]


def test_a_way_through_the_bar_arms_a_stop_limit_on_the_way() -> None:
    # Up through 11, then down to the limit of 10.5 before the low of 10.2.
    order = Order(0, 10.0, "stop_limit", stop=11.0, limit=10.5)
    out = run([FLAT, (10.6, 11.5, 10.2, 10.8)], {0: order}, trading=Trading(intrabar="open_high_low_close"))
    assert trades(out) == [(1, 10.0, 10.5)]


def test_levels_on_one_way_fill_in_the_order_in_which_they_are_reached() -> None:
    # 9.5 comes before 9 on the way down, although its number is higher.
    orders = [Order(0, 5.0, "limit", limit=9.0), Order(0, 5.0, "limit", limit=9.5)]
    out = run([FLAT, (10.0, 10.5, 8.0, 10.2)], {0: orders}, trading=Trading(intrabar="open_low_high_close"))
    assert [fill.order_id for fill in out.fills] == [1, 0]
    orders = [Order(0, 5.0, "stop", stop=11.0), Order(0, 5.0, "stop", stop=10.5)]
    out = run([FLAT, (10.0, 11.5, 9.5, 10.2)], {0: orders}, trading=Trading(intrabar="open_low_high_close"))
    assert [fill.order_id for fill in out.fills] == [1, 0]


def test_a_stop_limit_that_was_armed_inside_a_bar_waits_though_an_entry_follows() -> None:
    # 10 held; 9.5 arms the sale at 9; 10 more are bought at 9.2 inside the same bar. The limit works from row 3 on.
    exit = Order(0, -10.0, "stop_limit", stop=9.5, limit=9.0, reduce_only=True)
    bars = [FLAT, FLAT, (10.0, 10.0, 9.1, 9.6), (9.6, 9.6, 9.6, 9.6)]
    out = run(bars, {0: BUY, 1: [exit, Order(0, 10.0, "limit", limit=9.2)]})
    assert trades(out)[1:] == [(2, 10.0, 9.2), (3, -10.0, 9.6)]


def test_a_declared_trail_of_an_entry_inside_the_bar_begins_at_the_better_of_p_and_the_close() -> None:
    # Bought at 9.5, distance 0.95; the close of 10.4 counts, the high of 11 does not: 9.45, not 10.05.
    bars = [FLAT, (10.0, 11.0, 9.4, 10.4), (10.4, 10.4, 9.5, 10.0), (10.0, 10.0, 9.4, 9.4)]
    out = run(bars, {0: Order(0, 10.0, "limit", limit=9.5)}, exits=Exits(trail=0.1))
    assert trades(out)[1:] == [(3, -10.0, pytest.approx(9.45))]


def test_declared_exits_of_a_short() -> None:
    # Short at 10: the stop at 11, the target at 8; a trail of 0.5 below the low of 8.6 on row 2 is 9.1 on row 3.
    for bar, price in (((10.0, 11.5, 9.9, 10.0), 11.0), ((10.0, 10.5, 7.5, 8.0), 8.0), ((12.0,) * 4, 12.0)):
        out = run([FLAT, FLAT, bar], {0: [-0.5]}, account=MARGIN, exits=Exits(0.1, 0.2))
        assert trades(out)[1:] == [(2, 50.0, price)]
    bars = [FLAT, FLAT, (10.0, 10.2, 8.6, 8.8), (8.8, 9.3, 8.7, 9.2)]
    out = run(bars, {0: [-0.5]}, account=MARGIN, exits=Exits(trail=0.05))
    assert trades(out)[1:] == [(3, 50.0, pytest.approx(9.1))]


def test_after_a_new_answer_targets_that_are_sent_again_trade_everything() -> None:
    # A was stopped out on row 2 and bought again on row 4; on row 5 both drift apart, and the targets are sent again.
    rows = [[FLAT, FLAT]] * 2 + [[(10.0, 10.0, 8.0, 10.0), FLAT]] + [[FLAT, FLAT]] * 2
    rows += [[FLAT, (20.0,) * 4]] * 2
    out = run_all(
        rows,
        {0: [0.5, 0.5], 3: [0.5, 0.5]},
        exits=Exits(stop=[0.1, NAN]),
        bands=[0.15],
        band_bits=[4],
        reapply_mask=4,
    )
    assert [(f.row, f.asset) for f in out.fills if f.row == 6] == [(6, 1), (6, 0)]
