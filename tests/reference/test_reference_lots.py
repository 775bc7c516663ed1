"""Lots, realised and unrealised profit, and round trips: by hand."""

from __future__ import annotations

import pytest

from . import Account, Answer, Exits, Order, Outcome
from .lots import follow_lots
from .trips import follow_trips
from .worked import NAN, run, run_all

MARGIN = Account("margin", initial=0.1, maintenance=0.05)


def at(price: float) -> tuple[float, ...]:
    """A bar at one price."""
    return (price, price, price, price)


def three_buys() -> Outcome:
    """10 at 10, 10 at 14, 10 at 12, then 15 sold at 20. No costs."""
    bars = [at(10.0), at(10.0), at(14.0), at(12.0), at(20.0)]
    return run(bars, {0: Order(0, 10.0), 1: Order(0, 10.0), 2: Order(0, 10.0), 3: Order(0, -15.0)})


@pytest.mark.parametrize(
    ("method", "realised", "left"),
    [
        ("fifo", 10 * 10.0 + 5 * 6.0, [(5.0, 14.0), (10.0, 12.0)]),
        ("lifo", 10 * 8.0 + 5 * 6.0, [(10.0, 10.0), (5.0, 14.0)]),
        ("highest_cost", 10 * 6.0 + 5 * 8.0, [(10.0, 10.0), (5.0, 12.0)]),
        ("average", 15 * 8.0, [(15.0, 12.0)]),
    ],
)
def test_which_lot_goes_first(method: str, realised: float, left: list[tuple[float, float]]) -> None:
    lots = follow_lots(three_buys(), method)
    assert lots.realised == pytest.approx(realised)
    assert [(lot.quantity, lot.price) for lot in lots.held[0]] == left
    # Whatever the method, all that was earned is realised or not: 10 x 20 - ... 1000 - 360 + 300 + 15 x 20 - 1000.
    assert lots.realised + lots.unrealised([20.0]) == pytest.approx(240.0)


def test_the_basis_includes_the_costs() -> None:
    # 10 at 10 and 1 for the broker: 10.1 each. 4 sold at 12 with 1: 11.75 each. 4 x 1.65 = 6.6.
    out = run([at(10.0), at(10.0), at(12.0)], {0: Order(0, 10.0), 1: Order(0, -4.0)}, per_trade=1.0)
    lots = follow_lots(out)
    assert lots.realised == pytest.approx(6.6)
    assert lots.unrealised(out.marks) == pytest.approx(6.0 * 1.9)
    assert out.equity[-1] - 1000.0 == pytest.approx(6.6 + 11.4)


def test_a_turn_closes_and_opens_and_shares_its_costs() -> None:
    # 10 long at 10; 30 sold at 12 for 3: a third of it belongs to the closing part.
    out = run([at(10.0), at(10.0), at(12.0), at(11.0)], {0: Order(0, 10.0), 1: Order(0, -30.0)}, account=MARGIN)
    out.fills[1].commission = 3.0
    lots = follow_lots(out)
    assert lots.realised == pytest.approx(10.0 * (11.9 - 10.0))
    assert [(lot.quantity, lot.price, lot.row) for lot in lots.held[0]] == [(-20.0, pytest.approx(11.9), 2)]
    assert lots.unrealised([11.0]) == pytest.approx(20.0 * 0.9)


def test_the_highest_cost_of_shorts_is_what_brought_least() -> None:
    bars = [at(10.0), at(10.0), at(14.0), at(12.0)]
    plan = {0: Order(0, -10.0), 1: Order(0, -10.0), 2: Order(0, 10.0)}
    lots = follow_lots(run(bars, plan, account=MARGIN), "highest_cost")
    assert lots.realised == pytest.approx(10.0 * (10.0 - 12.0))


def test_lots_follow_splits_names_and_spin_offs() -> None:
    # 10 A at 12; two for one: 20 at 6; A becomes B; B gives 0.5 C each, C at 4: 2 of the 6 that a unit was worth.
    rows = [
        [at(12.0), at(NAN), at(NAN)],
        [at(12.0), at(NAN), at(NAN)],
        [at(6.0), at(NAN), at(NAN)],
        [at(NAN), at(6.0), at(NAN)],
        [at(NAN), at(4.0), at(4.0)],
    ]
    actions = [(2, 0, "split", 2.0), (3, 0, "rename", 0.0, 1), (4, 1, "spin_off", 0.5, 2)]
    out = run_all(rows, {0: Order(0, 10.0)}, actions=actions)
    assert out.quantities[-1] == [0.0, 20.0, 10.0]
    assert out.equity == [1000.0] * 5
    lots = follow_lots(out)
    assert [(x.quantity, pytest.approx(x.price), x.row) for x in lots.held[1]] == [(20.0, 4.0, 1)]
    assert [(x.quantity, pytest.approx(x.price), x.row) for x in lots.held[2]] == [(10.0, 4.0, 1)]
    trips = follow_trips(out)
    assert [(t.asset, t.quantity, pytest.approx(t.entry_price)) for t in trips] == [(1, 20.0, 4.0), (2, 10.0, 4.0)]
    assert [t.profit for t in trips] == pytest.approx([0.0, 0.0])


def test_a_trip_has_seen_what_it_was_there_for() -> None:
    # Bought at the open of 10 (row 1: 9 to 11), row 2: 8 to 13; sold at the open of 12 of row 3, whose 5 and 20 it does
    # not see. MAE -20 %, MFE 30 %. Costs 2, profit 10 x 2 - 2.
    bars = [at(10.0), (10.0, 11.0, 9.0, 10.0), (10.0, 13.0, 8.0, 12.0), (12.0, 20.0, 5.0, 12.0)]
    out = run(bars, {0: Order(0, 10.0), 2: Order(0, -10.0)}, per_trade=1.0)
    (trip,) = follow_trips(out)
    assert (trip.entry_row, trip.exit_row, trip.bars_held, trip.bought) == (1, 3, 2, 10.0)
    assert (trip.entry_price, trip.exit_price, trip.costs, trip.profit) == (10.0, 12.0, 2.0, 18.0)
    assert (trip.worst, trip.best) == pytest.approx((-0.2, 0.3))
    assert (trip.entry_reason, trip.exit_reason) == ("market", "market")


def test_a_trip_entered_inside_a_bar_sees_its_close_alone() -> None:
    bars = [at(10.0), (10.0, 12.0, 8.0, 9.0), (9.0, 9.0, 8.6, 9.0)]
    (trip,) = follow_trips(run(bars, {0: Order(0, 10.0, "limit", limit=9.5)}))
    assert (trip.worst, trip.best) == pytest.approx((8.6 / 9.5 - 1.0, 0.0))
    assert (trip.exit_row, trip.bars_held, trip.profit) == (-1, 1, pytest.approx(-5.0))


def test_a_trip_that_a_stop_ends_sees_open_and_stop() -> None:
    bars = [at(10.0), at(10.0), (10.5, 11.0, 8.0, 9.0)]
    (trip,) = follow_trips(run(bars, {0: Order(0, 10.0)}, exits=Exits(stop=0.1)))
    assert (trip.worst, trip.best, trip.exit_reason) == (pytest.approx(-0.1), pytest.approx(0.05), "exit_stop")


def test_a_trip_that_ends_at_the_close_has_seen_the_bar() -> None:
    bars = [at(10.0), at(10.0), (10.5, 11.0, 8.0, 9.0)]
    out = run(bars, {0: Order(0, 10.0), 1: Order(0, -10.0, "market_on_close")})
    (trip,) = follow_trips(out)
    assert (trip.worst, trip.best, trip.bars_held) == (pytest.approx(-0.2), pytest.approx(0.1), 1)


def test_a_turn_ends_a_trip_and_begins_another() -> None:
    bars = [at(10.0), at(10.0), at(12.0), at(9.0)]
    out = run(bars, {0: Order(0, 10.0), 1: Answer(orders=[Order(0, -30.0)])}, account=MARGIN)
    long, short = follow_trips(out)
    assert (long.profit, long.exit_price, short.profit, short.side) == (20.0, 12.0, 60.0, -1.0)
    assert short.best == pytest.approx(0.25)
