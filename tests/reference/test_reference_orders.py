"""Explicit orders, one kind after the other, worked by hand. A bar is (open, high, low, close)."""

from __future__ import annotations

import pytest

from . import Account, Answer, Order, Trading, bracket, simulate
from .worked import NO_BAR, cancels, reasons, run, trades

FLAT = (10.0, 10.0, 10.0, 10.0)
MARGIN = Account("margin", initial=0.5, maintenance=0.25)


def test_a_market_order_fills_at_the_next_open_and_waits_for_a_bar() -> None:
    # 20 x 11 = 220 at the first real bar; 780 + 20 x 12.
    out = run([FLAT, NO_BAR, (11.0, 12.0, 10.5, 12.0)], {0: Order(0, 20.0, tag=7)})
    assert trades(out) == [(2, 20.0, 11.0)]
    fill = out.fills[0]
    assert (fill.order_id, fill.decision_row, fill.decision_price, fill.reason, fill.tag) == (0, 0, 10.0, "market", 7)
    assert out.equity == [1000.0, 1000.0, 1020.0]


def test_a_market_on_close_order_fills_at_the_close() -> None:
    assert trades(run([FLAT, (11.0, 12.0, 10.5, 11.5)], {0: Order(0, 20.0, "market_on_close")})) == [(1, 20.0, 11.5)]


def test_a_market_order_fills_at_the_close_where_targets_do() -> None:
    out = run([FLAT, (11.0, 12.0, 10.5, 11.5)], {0: Order(0, 20.0)}, fill="next_close")
    assert trades(out) == [(1, 20.0, 11.5)]


@pytest.mark.parametrize(
    ("bar", "price"),
    [
        ((10.0, 10.5, 9.5, 10.2), None),  # 9 was not reached
        ((10.0, 10.5, 9.0, 10.2), 9.0),  # touched
        ((10.0, 10.5, 8.5, 10.2), 9.0),  # passed: at the limit
        ((8.8, 10.5, 8.5, 10.2), 8.8),  # gapped: at the open, which is better
    ],
)
def test_a_buy_limit(bar: tuple[float, ...], price: float | None) -> None:
    out = run([FLAT, bar], {0: Order(0, 10.0, "limit", limit=9.0)}, half_spread=0.01, commission=0.1)
    assert trades(out) == ([] if price is None else [(1, 10.0, price)])
    if price is not None:  # a limit order pays its commission only
        assert (out.fills[0].commission, out.fills[0].spread) == (pytest.approx(price), 0.0)


@pytest.mark.parametrize(
    ("bar", "price"),
    [((10.0, 10.9, 9.5, 10.2), None), ((10.0, 11.0, 9.5, 10.2), 11.0), ((11.3, 11.5, 11.0, 11.2), 11.3)],
)
def test_a_buy_stop(bar: tuple[float, ...], price: float | None) -> None:
    out = run([FLAT, bar], {0: Order(0, 10.0, "stop", stop=11.0)}, half_spread=0.01)
    assert trades(out) == ([] if price is None else [(1, 10.0, price)])
    if price is not None:
        assert out.fills[0].spread == pytest.approx(0.1 * price)


def test_a_stop_limit_reached_inside_a_bar_is_a_limit_from_the_next() -> None:
    # Row 1 reaches 11 and comes back to 10.4, below the limit of 10.5: too early. Row 2 does it again: 10.5.
    order = Order(0, 10.0, "stop_limit", stop=11.0, limit=10.5)
    out = run([FLAT, (10.0, 11.0, 10.0, 10.4), (10.8, 10.9, 10.4, 10.6)], {0: order})
    assert trades(out) == [(2, 10.0, 10.5)]


def test_a_stop_limit_gapped_at_the_open_is_a_limit_in_the_same_bar() -> None:
    # The open of 11.2 is beyond the stop of 11; the bar comes back to the limit of 10.9.
    order = Order(0, 10.0, "stop_limit", stop=11.0, limit=10.9)
    assert trades(run([FLAT, (11.2, 11.4, 10.7, 11.0)], {0: order})) == [(1, 10.0, 10.9)]
    assert trades(run([FLAT, (11.2, 11.4, 11.0, 11.0)], {0: order})) == []


def test_a_trailing_stop_sees_the_open_is_tested_and_then_sees_the_high() -> None:
    # 10 units at 10; a trail of 1 placed at the close of 10. Row 2: level 10 - 1 = 9, low 9.2, then the high of 12.
    # Row 3: level 11, the low of 11.1 holds; high 12.5. Row 4: level 11.5, reached.
    bars = [FLAT, FLAT, (10.0, 12.0, 9.2, 11.5), (11.4, 12.5, 11.1, 12.2), (12.0, 12.2, 11.0, 11.2)]
    trail = Order(0, -10.0, "trailing", trail=1.0, reduce_only=True)
    assert trades(run(bars, {0: Order(0, 10.0), 1: trail})) == [(1, 10.0, 10.0), (4, -10.0, 11.5)]


def test_a_trail_begins_at_the_mark_of_its_answer() -> None:
    # Placed at 10: the level is 9, although the next open is 9.5.
    trail = Order(0, -10.0, "trailing", trail=1.0, reduce_only=True)
    assert trades(run([FLAT, FLAT, (9.5, 9.5, 8.9, 9.2)], {0: Order(0, 10.0), 1: trail}))[1:] == [(2, -10.0, 9.0)]


def test_a_trail_that_slept_begins_at_the_fill_that_woke_it() -> None:
    # Placed without a position when the price was 20; bought at 10 it stands at 9 in the same bar.
    trail = Order(0, -10.0, "trailing", trail=1.0, reduce_only=True)
    bars = [(20.0,) * 4, (10.0, 10.2, 9.5, 10.0), (10.0, 10.2, 8.9, 9.5)]
    assert trades(run(bars, {0: trail, 1: Order(0, 10.0)})) == [(2, 10.0, 10.0), (2, -10.0, 9.0)]


def test_a_trail_in_percent_and_a_gap() -> None:
    # 10 % below the high of 12 is 10.8; the open of 10.5 is below it.
    bars = [FLAT, FLAT, (10.0, 12.0, 9.2, 11.5), (10.5, 10.6, 10.0, 10.2)]
    trail = Order(0, -10.0, "trailing", trail=0.1, trail_is_percent=True, reduce_only=True)
    assert trades(run(bars, {0: Order(0, 10.0), 1: trail}))[1:] == [(3, -10.0, 10.5)]


def test_a_buy_trails_the_lowest_price() -> None:
    # Placed at 10, trail 1. Row 1: level 11, then the low of 8. Row 2: level 9, reached.
    bars = [FLAT, (10.0, 10.5, 8.0, 8.2), (8.5, 9.4, 8.4, 9.2)]
    assert trades(run(bars, {0: Order(0, 10.0, "trailing", trail=1.0)})) == [(2, 10.0, 9.0)]


def test_a_bracket_is_born_by_its_entry_and_ends_with_its_first_child() -> None:
    # Entry at the open of 10; stop 9, target 12: row 2 reaches the target, and the stop is cancelled.
    bars = [FLAT, (10.0, 10.5, 9.5, 10.2), (10.4, 12.3, 10.1, 12.1), (8.0, 8.5, 7.0, 8.0)]
    out = run(bars, {0: bracket(Order(0, 10.0), stop=9.0, target=12.0)})
    assert trades(out) == [(1, 10.0, 10.0), (2, -10.0, 12.0)]
    assert [(f.order_id, f.parent_id) for f in out.fills] == [(0, -1), (2, 0)]
    assert cancels(out) == [(2, 1, "position_closed")]


def test_stop_and_target_in_one_bar_is_the_stop() -> None:
    bars = [FLAT, (10.0, 12.5, 8.5, 10.2)]
    out = run(bars, {0: bracket(Order(0, 10.0), stop=9.0, target=12.0)})
    assert trades(out) == [(1, 10.0, 10.0), (1, -10.0, 9.0)]


def test_children_of_an_entry_that_never_fills_go_with_it() -> None:
    entry = Order(0, 10.0, "limit", limit=5.0, tif="gtd", expires_row=1)
    out = run([FLAT] * 3, {0: bracket(entry, stop=4.0, target=6.0)})
    assert trades(out) == []
    assert cancels(out) == [(2, 0, "expired"), (2, 1, "parent"), (2, 2, "parent")]


def test_one_cancels_the_other() -> None:
    # Buy at 11 or at 9: 11 comes first, so the limit at 9 is gone when row 2 falls.
    orders = [Order(0, 5.0, "stop", stop=11.0, group=3), Order(0, 5.0, "limit", limit=9.0, group=3)]
    out = run([FLAT, (10.0, 11.5, 9.5, 11.0), (10.0, 10.0, 8.0, 8.0)], {0: orders})
    assert trades(out) == [(1, 5.0, 11.0)]
    assert cancels(out) == [(1, 1, "oco")]


def test_a_reduce_only_order_clips_to_the_position() -> None:
    # 10 are held, 30 should go: 10 go, and the rest vanishes because the fill has closed the position.
    out = run([FLAT] * 3, {0: Order(0, 10.0), 1: Order(0, -30.0, reduce_only=True)}, account=MARGIN)
    assert trades(out) == [(1, 10.0, 10.0), (2, -10.0, 10.0)]
    assert cancels(out) == [(2, 1, "position_closed")]


def test_a_reduce_only_order_sleeps_until_there_is_a_position() -> None:
    # The stop at 9 sleeps through row 1, although 8 is reached; the position of row 3 wakes it.
    orders = [Order(0, -10.0, "stop", stop=9.0, reduce_only=True)]
    out = run([FLAT, (10.0, 10.0, 8.0, 10.0), FLAT, FLAT, (10.0, 10.0, 8.5, 9.0)], {0: orders, 2: Order(0, 10.0)})
    assert trades(out) == [(3, 10.0, 10.0), (4, -10.0, 9.0)]


def test_a_reduce_only_order_goes_when_the_basket_of_its_answer_ends_without_a_position() -> None:
    # The basket buys nothing, because row 1 has no bar.
    answer = Answer([0.5], [Order(0, -10.0, "stop", stop=9.0, reduce_only=True)])
    out = run([FLAT, NO_BAR, FLAT], {0: answer})
    assert cancels(out) == [(1, 0, "no_position")]


@pytest.mark.parametrize(
    ("tif", "fills"),
    [
        ({"tif": "day"}, False),  # rows 1 and 2 are one session
        ({"tif": "gtd", "expires_row": 2}, False),
        ({"tif": "gtd", "expires_row": 3}, True),
        ({"tif": "gtd", "expires_session": 1}, False),
        ({"tif": "gtd", "expires_session": 2}, True),
        ({"tif": "gtc"}, True),
    ],
)
def test_time_in_force(tif: dict[str, object], fills: bool) -> None:
    bars = [FLAT, FLAT, FLAT, (10.0, 10.0, 8.0, 9.0)]
    out = run(bars, {0: Order(0, 10.0, "limit", limit=9.0, **tif)}, session=[0, 1, 1, 2])
    assert trades(out) == ([(3, 10.0, 9.0)] if fills else [])
    assert cancels(out) == ([] if fills else [(3, 0, "expired")])


def test_the_day_of_a_child_is_that_of_its_birth() -> None:
    # Born in session 1, which has two rows: the stop of 9 is gone when row 3 reaches it.
    orders = [Order(0, 10.0), Order(0, 0.0, "stop", stop=9.0, parent=0, tif="day")]
    out = run([FLAT, FLAT, FLAT, (10.0, 10.0, 8.0, 9.0)], {0: orders}, session=[0, 1, 1, 2])
    assert trades(out) == [(1, 10.0, 10.0)]
    assert cancels(out) == [(3, 1, "expired")]
    out = run([FLAT, FLAT, (10.0, 10.0, 8.0, 9.0)], {0: orders}, session=[0, 1, 1])
    assert trades(out)[1:] == [(2, -10.0, 9.0)]


def test_cancel_and_replace() -> None:
    first = Order(0, 10.0, "limit", limit=9.0)
    second = Order(0, 10.0, "limit", limit=9.5, replaces=0)
    out = run([FLAT, FLAT, (10.0, 10.0, 8.0, 9.0)], {0: first, 1: second})
    assert trades(out) == [(2, 10.0, 9.5)]
    assert cancels(out) == [(1, 0, "replaced")]
    out = run([FLAT, FLAT, (10.0, 10.0, 8.0, 9.0)], {0: first, 1: Answer(cancels=[0, 99])})
    assert trades(out) == []
    assert cancels(out) == [(1, 0, "cancelled")]


def test_a_replacement_of_what_has_been_filled_is_refused() -> None:
    out = run([FLAT] * 3, {0: Order(0, 10.0), 1: Order(0, 10.0, replaces=0)})
    assert trades(out) == [(1, 10.0, 10.0)]
    assert cancels(out) == [(1, 1, "nothing_to_replace")]


def test_lots_ticks_and_the_smallest_order() -> None:
    # 17 units are 10 in lots of 10. A buy limit of 9.07 is 9.0 in ticks of 0.1, a sell stop of 8.57 is 8.5.
    trading = Trading(ticks=0.1, min_notional=50.0)
    orders = [Order(0, 17.0, "limit", limit=9.07), Order(0, -9.0, "stop", stop=8.57, reduce_only=True), Order(0, 4.0)]
    out = run([FLAT, (9.5, 9.5, 9.0, 9.5), (9.0, 9.0, 8.0, 8.0)], {0: orders}, lots=[10.0], trading=trading)
    assert [(f.row, f.quantity, pytest.approx(f.price)) for f in out.fills] == [(1, 10.0, 9.0), (2, -9.0, 8.5)]
    assert cancels(out) == [(0, 2, "below_minimum")]


def test_levels_need_ranges() -> None:
    with pytest.raises(ValueError, match="needs open, high and low"):
        simulate(
            open=None,
            close=[[10.0]] * 2,
            symbols="A",
            capital=1000.0,
            plan={0: Answer(orders=[Order(0, 1.0, "limit", limit=9.0)])},
            fill="next_close",
        )


def test_what_still_works_at_the_end_is_named() -> None:
    out = run([FLAT] * 2, {0: Order(0, 10.0, "limit", limit=9.0)})
    assert [(e.row, e.kind, e.value, e.order_id) for e in out.events] == [(1, "unfilled_at_end", 10.0, 0)]


def test_the_view_shows_what_works() -> None:
    seen = []

    def decide(row: int, bits: int, view: object) -> Answer | None:  # noqa: ARG001
        seen.append([(w.order_id, w.quantity) for w in view.orders])
        return Answer(orders=[Order(0, 10.0, "limit", limit=9.0)]) if row == 0 else None

    run([FLAT] * 2, decide=decide, fires=[1, 1], wake_mask=1)
    assert seen == [[], [(0, 10.0)]]


def test_reasons_are_the_kinds() -> None:
    bars = [FLAT, (10.0, 12.0, 9.0, 10.0)]
    orders = [Order(0, 1.0), Order(0, 1.0, "limit", limit=9.0), Order(0, 1.0, "stop", stop=12.0)]
    assert reasons(run(bars, {0: orders})) == [(1, "market"), (1, "limit"), (1, "stop")]
