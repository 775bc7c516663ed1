"""Corporate actions on orders, exits and shorts, spin-offs and renames: by hand."""

from __future__ import annotations

import pytest

from . import Account, Exits, Order, Outcome
from .worked import NAN, cancels, reasons, run, run_all, trades

MARGIN = Account("margin", initial=0.5, maintenance=0.1)
GONE = (NAN, NAN, NAN, NAN)


def at(price: float) -> tuple[float, ...]:
    """A bar at one price."""
    return (price, price, price, price)


def told(out: Outcome) -> list[tuple[int, str, float, int]]:
    """Row, kind, value and asset of every event."""
    return [(e.row, e.kind, e.value, e.asset) for e in out.events]


@pytest.mark.parametrize(
    ("order", "quantity", "price"),
    [
        (Order(0, 10.0, "limit", limit=9.0), 20.0, 4.5),
        (Order(0, 10.0, "stop", stop=11.0), 20.0, 5.5),
        (Order(0, 10.0, "trailing", trail=1.0), 20.0, 5.5),
        (Order(0, 10.0, "trailing", trail=0.1, trail_is_percent=True), 20.0, 5.5),
    ],
)
def test_a_split_restates_working_orders(order: Order, quantity: float, price: float) -> None:
    # Two for one on row 2: the quantity doubles, levels, trail and extreme are halved.
    out = run([at(10.0), at(10.0), (5.0, 5.6, 4.4, 5.0)], {0: order}, actions=[(2, 0, "split", 2.0)])
    assert trades(out) == [(2, quantity, pytest.approx(price))]
    assert out.fills[0].decision_price == 5.0


def test_a_split_restates_declared_exits_and_children() -> None:
    bars = [at(10.0), at(10.0), (5.0, 5.2, 4.4, 5.0)]
    out = run(bars, {0: Order(0, 10.0)}, exits=Exits(stop=0.1), actions=[(2, 0, "split", 2.0)])
    assert trades(out)[1:] == [(2, -20.0, 4.5)]
    orders = [Order(0, 10.0), Order(0, 0.0, "stop", stop=9.0, parent=0)]
    out = run([at(10.0), (5.0, 5.2, 4.4, 5.0)], {0: orders}, actions=[(1, 0, "split", 2.0)])
    assert trades(out) == [(1, 20.0, 5.0), (1, -20.0, 4.5)]


def test_a_split_restates_what_trails_have_seen() -> None:
    # A high of 12 and a trail of 1 (or 1 of the entry's 10): after two for one 6 and 0.5, reached at 5.5.
    bars = [at(10.0), at(10.0), (10.0, 12.0, 10.0, 12.0), (6.0, 6.0, 5.4, 5.5)]
    trail = Order(0, -10.0, "trailing", trail=1.0, reduce_only=True)
    split = [(3, 0, "split", 2.0)]
    assert trades(run(bars, {0: Order(0, 10.0), 1: trail}, actions=split))[1:] == [(3, -20.0, 5.5)]
    assert trades(run(bars, {0: Order(0, 10.0)}, exits=Exits(trail=0.1), actions=split))[1:] == [(3, -20.0, 5.5)]


def test_a_dividend_does_not_move_a_trail() -> None:
    # Extreme 10, trail 1: the level stays 9 although the price goes ex 0.5.
    bars = [at(10.0), at(10.0), (9.5, 9.5, 9.1, 9.5), (9.4, 9.5, 9.0, 9.2)]
    out = run(bars, {0: Order(0, 10.0)}, exits=Exits(trail=0.1), actions=[(2, 0, "dividend", 0.5)])
    assert trades(out)[1:] == [(3, -10.0, 9.0)]


def test_a_short_pays_the_dividend() -> None:
    out = run([at(10.0), at(10.0), at(9.0)], {0: [-0.5]}, account=MARGIN, actions=[(2, 0, "dividend", 1.0)])
    assert out.cash == [1000.0, 1500.0, 1450.0]
    assert out.equity == [1000.0] * 3
    assert told(out) == [(2, "dividend", -50.0, 0)]


def test_a_dividend_may_buy_more_at_the_first_price_without_cost() -> None:
    # 100 units, 1 each: 100 buys 11.11 at 9; in lots of 5, 10.
    flat = [at(10.0), at(10.0), at(9.0), at(9.0)]
    options = {"actions": [(2, 0, "dividend", 1.0)], "reinvest": True}
    out = run(flat, {0: Order(0, 99.0)}, per_trade=10.0, **options)
    assert trades(out)[1] == (2, pytest.approx(11.0), 9.0)
    assert out.fills[1].cost == 0.0
    assert out.cash[2] == pytest.approx(0.0)
    assert trades(run(flat, {0: [1.0]}, lots=[5.0], **options))[1] == (2, 10.0, 9.0)


def test_a_dividend_without_a_bar_stays_cash() -> None:
    out = run([at(10.0), at(10.0), GONE], {0: [1.0]}, reinvest=True, actions=[(2, 0, "dividend", 1.0)])
    assert out.cash == [1000.0, 0.0, 100.0]


def test_a_spin_off_at_a_known_price() -> None:
    # 100 A at 10 give 0.2 B each, B at 5: A goes ex 1.
    rows = [[at(10.0), at(5.0)], [at(10.0), at(5.0)], [at(9.0), at(5.0)]]
    out = run_all(rows, {0: [1.0, 0.0]}, actions=[(2, 0, "spin_off", 0.2, 1)])
    assert out.quantities[2] == [100.0, 20.0]
    assert out.equity == [1000.0] * 3
    assert told(out) == [(2, "spin_off", 20.0, 1)]
    # The parent has no bar: its mark is lowered by what the child is worth.
    out = run_all([*rows[:2], [GONE, at(5.0)]], {0: [1.0, 0.0]}, actions=[(2, 0, "spin_off", 0.2, 1)])
    assert out.equity == [1000.0] * 3


def test_a_spin_off_without_a_price_is_worth_nothing_until_its_first_bar() -> None:
    rows = [[at(10.0), GONE], [at(10.0), GONE], [GONE, GONE], [at(9.0), at(5.0)]]
    out = run_all(rows, {0: [1.0, 0.0]}, actions=[(2, 0, "spin_off", 0.2, 1)])
    assert out.equity == [1000.0] * 4
    assert out.quantities[3] == [100.0, 20.0]


def test_a_child_without_a_price_has_no_exits() -> None:
    rows = [[at(10.0), GONE], [at(10.0), GONE], [at(9.0), GONE], [at(9.0), at(5.0)], [at(9.0), at(1.0)]]
    out = run_all(rows, {0: [1.0, 0.0]}, actions=[(2, 0, "spin_off", 0.2, 1)], exits=Exits(NAN, 0.5, 0.5))
    assert out.quantities[4] == [100.0, 20.0]


def test_the_child_of_a_short_is_owed() -> None:
    rows = [[at(10.0), at(5.0)], [at(10.0), at(5.0)], [at(9.0), at(5.0)]]
    out = run_all(rows, {0: [-0.5, 0.0]}, account=MARGIN, actions=[(2, 0, "spin_off", 0.2, 1)])
    assert out.quantities[2] == [-50.0, -10.0]
    assert out.equity == [1000.0] * 3


def test_spin_offs_come_after_dividends_and_before_delistings() -> None:
    # B pays 1 on the 0 held at the close before; then A gives B; then A is paid out at its mark less the child: 10 - 1.
    rows = [[at(10.0), at(5.0)], [at(10.0), at(5.0)], [GONE, at(5.0)]]
    actions = [(2, 1, "dividend", 1.0), (2, 0, "delisting", 0.0), (2, 0, "spin_off", 0.2, 1)]
    out = run_all(rows, {0: [1.0, 0.0]}, actions=actions)
    assert out.cash[2] == 900.0
    assert out.quantities[2] == [0.0, 20.0]


def test_what_a_spin_off_gives_is_not_shared_out_again_on_its_row() -> None:
    # A gives 0.2 B each, B gives 0.5 C each: nobody held B at the close before.
    rows = [[at(10.0), at(5.0), at(2.0)]] * 3
    actions = [(2, 0, "spin_off", 0.2, 1), (2, 1, "spin_off", 0.5, 2)]
    out = run_all(rows, {0: [1.0, 0.0, 0.0]}, actions=actions)
    assert out.quantities[2] == [100.0, 20.0, 0.0]


def test_a_new_name_takes_everything_along() -> None:
    # A is held and has a stop at 9 and a limit order; B is the new name of it from row 2 on.
    rows = [[at(10.0), GONE], [at(10.0), GONE], [GONE, (10.0, 10.0, 8.5, 9.0)]]
    orders = [Order(0, 50.0), Order(0, 10.0, "limit", limit=8.8)]
    out = run_all(rows, {0: orders}, exits=Exits(stop=0.1), actions=[(2, 0, "rename", 0.0, 1)])
    assert [(f.row, f.asset, f.quantity, f.price) for f in out.fills] == [
        (1, 0, 50.0, 10.0),
        (2, 1, -50.0, pytest.approx(9.0)),
        (2, 1, 10.0, 8.8),
    ]
    assert told(out) == [(2, "rename", 1.0, 0)]


def test_a_new_name_comes_before_everything_else_of_its_row() -> None:
    # A becomes B, and B splits two for one on that day.
    rows = [[at(10.0), GONE], [at(10.0), GONE], [GONE, at(5.0)]]
    actions = [(2, 1, "split", 2.0), (2, 0, "rename", 0.0, 1)]
    out = run_all(rows, {0: [1.0, 0.0]}, actions=actions)
    assert out.quantities[2] == [0.0, 200.0]


def test_a_new_name_keeps_targets_and_references() -> None:
    # Half in A; A becomes B and doubles: 2/3 instead of 1/2. The targets that are sent again are B's.
    rows = [[at(10.0), GONE], [at(10.0), GONE], [GONE, at(20.0)], [GONE, at(20.0)]]
    out = run_all(
        rows, {0: [0.5, 0.0]}, actions=[(2, 0, "rename", 0.0, 1)], bands=[0.05], band_bits=[4], reapply_mask=4
    )
    assert (out.drift[2], out.drift_asset[2]) == (pytest.approx(1.0 / 6.0), 1)
    assert [(f.row, f.asset, f.quantity) for f in out.fills][1:] == [(3, 1, pytest.approx(-12.5))]


def test_a_new_name_takes_the_working_basket_along() -> None:
    rows = [[at(10.0), GONE], [GONE, at(10.0)]]
    out = run_all(rows, {0: [0.5, 0.0]}, actions=[(1, 0, "rename", 0.0, 1)])
    assert [(f.row, f.asset, f.quantity, f.decision_price) for f in out.fills] == [(1, 1, 50.0, 10.0)]


def test_two_positions_do_not_become_one_name() -> None:
    with pytest.raises(ValueError, match="held already"):
        run_all([[at(10.0), at(10.0)]] * 3, {0: [0.5, 0.5]}, actions=[(2, 0, "rename", 0.0, 1)])


def test_on_its_last_day_exits_fill_and_entries_are_cancelled() -> None:
    # 50 held; the stop of 9 fills on the last bar, the limit entry does not live to see it.
    bars = [at(10.0), at(10.0), (10.0, 10.0, 8.0, 8.5)]
    orders = [Order(0, 10.0, "limit", limit=8.5), Order(0, -20.0, "stop", stop=9.0), Order(0, -99.0, "limit", limit=20)]
    out = run(bars, {0: [0.5], 1: orders}, actions=[(2, 0, "delisting", -0.5)])
    assert trades(out)[1:] == [(2, -20.0, 9.0), (2, -30.0, 4.25)]
    assert reasons(out)[1:] == [(2, "stop"), (2, "delisting")]
    assert cancels(out) == [(2, 1, "delisted"), (2, 3, "delisted")]


def test_without_a_last_bar_everything_is_cancelled() -> None:
    orders = [Order(0, 10.0, "limit", limit=8.5), Order(0, -20.0, "stop", stop=9.0, reduce_only=True)]
    out = run([at(10.0), at(10.0), GONE], {0: [0.5], 1: orders}, actions=[(2, 0, "delisting", 0.0)])
    assert cancels(out) == [(2, 1, "delisted"), (2, 2, "delisted")]
    assert out.cash[2] == 1000.0
    out = run([at(10.0), GONE, GONE], {1: Order(0, 1.0)}, actions=[(1, 0, "delisting", 0.0)])
    assert cancels(out) == [(1, 0, "delisted")]
