"""Sliced orders, worked by hand. A bar is (open, high, low, close)."""

from __future__ import annotations

import pytest

from . import Account, Answer, Order, Trading, simulate
from .worked import NO_BAR, cancels, run, trades

FLAT = (10.0, 10.0, 10.0, 10.0)


def sliced(quantity: float, first: int = 1, last: int = 4, **options: object) -> Order:
    """An order of asset 0."""
    return Order(0, quantity, "sliced", first_row=first, last_row=last, **options)  # type: ignore[arg-type]


def test_equal_slices_with_numbers_of_their_own() -> None:
    out = run([FLAT] * 6, {0: sliced(20.0)})
    assert trades(out) == [(row, 5.0, 10.0) for row in (1, 2, 3, 4)]
    assert [(f.order_id, f.parent_id, f.decision_row, f.reason) for f in out.fills] == [
        (number, 0, 0, "sliced") for number in (1, 2, 3, 4)
    ]
    assert out.events == []


def test_a_curve_says_what_is_due_when() -> None:
    out = run([FLAT] * 6, {0: sliced(20.0, curve=(0.5, 0.5, 0.75, 1.0))})
    assert trades(out) == [(1, 10.0, 10.0), (3, 5.0, 10.0), (4, 5.0, 10.0)]


def test_a_missed_slice_is_due_with_the_next() -> None:
    assert trades(run([FLAT, FLAT, NO_BAR, FLAT, FLAT], {0: sliced(20.0)})) == [
        (1, 5.0, 10.0),
        (3, 10.0, 10.0),
        (4, 5.0, 10.0),
    ]


def test_lots_round_what_is_due_and_the_last_slice_takes_the_rest() -> None:
    # 23 over 4 rows: 5.75, 11.5, 17.25 are due, in lots of 2: 4, 10, 16; 22 at the end, rounded when it was placed.
    assert [q for _, q, _ in trades(run([FLAT] * 6, {0: sliced(23.0)}, lots=[2.0]))] == [4.0, 6.0, 6.0, 6.0]


def test_volume_carries_over_and_what_is_left_at_the_end_lapses() -> None:
    out = run(
        [FLAT] * 7,
        {0: sliced(20.0)},
        trading=Trading(participation=0.5),
        volume=[[9.0], [2.0], [30.0], [30.0], [2.0], [9.0], [9.0]],
    )
    assert trades(out) == [(1, 1.0, 10.0), (2, 9.0, 10.0), (3, 5.0, 10.0), (4, 1.0, 10.0)]
    assert cancels(out) == [(5, 0, "expired")]
    assert out.events[-1].value == 4.0


def test_a_split_restates_what_is_left() -> None:
    half = (5.0, 5.0, 5.0, 5.0)
    out = run([FLAT, FLAT, FLAT, half, half], {0: sliced(20.0)}, actions=[(3, 0, "split", 2.0)])
    assert trades(out) == [(1, 5.0, 10.0), (2, 5.0, 10.0), (3, 10.0, 5.0), (4, 10.0, 5.0)]


def test_reduce_only_clips_to_the_position_and_goes_with_it() -> None:
    out = run([FLAT] * 7, {0: Order(0, 8.0), 1: sliced(-20.0, 2, 5, reduce_only=True)})
    assert trades(out) == [(1, 8.0, 10.0), (2, -5.0, 10.0), (3, -3.0, 10.0)]
    assert cancels(out) == [(3, 1, "position_closed")]


def test_through_zero_is_one_fill_of_one_slice() -> None:
    out = run([FLAT] * 4, {0: Order(0, 8.0), 1: sliced(-20.0, 2, 3)}, account=Account("margin"))
    assert trades(out) == [(1, 8.0, 10.0), (2, -10.0, 10.0), (3, -10.0, 10.0)]
    assert [f.order_id for f in out.fills] == [0, 2, 3]


def test_what_cannot_be_paid_for_ends_it() -> None:
    out = run([FLAT] * 6, {0: sliced(160.0)})
    assert trades(out) == [(1, 40.0, 10.0), (2, 40.0, 10.0), (3, 20.0, 10.0)]
    assert cancels(out) == [(3, 0, "unaffordable")]


def test_a_day_order_and_a_cancelled_one_end_sooner() -> None:
    sessions = [0, 1, 1, 2, 2, 3]
    assert len(trades(run([FLAT] * 6, {0: sliced(20.0, tif="day")}, session=sessions))) == 2
    out = run([FLAT] * 6, {0: sliced(20.0), 2: Order(0, 1.0, replaces=0)})
    assert trades(out) == [(1, 5.0, 10.0), (2, 5.0, 10.0), (3, 1.0, 10.0)]


def test_slices_fill_at_the_close_where_targets_do() -> None:
    bar = (10.0, 12.0, 9.0, 11.0)
    out = run([FLAT, bar, bar], {0: sliced(20.0, 1, 2)}, fill="next_close")
    assert trades(out) == [(1, 10.0, 11.0), (2, 10.0, 11.0)]


def test_an_order_that_begins_later_waits() -> None:
    out = run([FLAT] * 5, {0: sliced(-4.0, 3, 4)})
    assert [(e.row, e.kind) for e in out.events] == [(3, "short_dropped"), (3, "order_cancelled")]


@pytest.mark.parametrize("wrong", [sliced(1.0, 3, 2), sliced(1.0, -1, 2), sliced(1.0, 1, 2, curve=(1.0,))])
def test_rows_that_make_no_sense(wrong: Order) -> None:
    plan = {0: Answer(None, [wrong])}
    with pytest.raises(ValueError, match=r"slices from row|a curve of"):
        simulate(open=None, close=[[1.0]] * 4, symbols=["A"], capital=1.0, fill="next_close", plan=plan)
