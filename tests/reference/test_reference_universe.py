"""Who belongs to the universe, and which events are told: by hand."""

from __future__ import annotations

from . import Account, Answer, Order
from .worked import NAN, cancels, run, run_all

GONE = (NAN, NAN, NAN, NAN)


def at(price: float) -> tuple[float, ...]:
    """A bar at one price."""
    return (price, price, price, price)


MEMBER = [[True, True]] * 2 + [[False, True]] * 4


def test_leaving_the_universe_forces_an_exit() -> None:
    # A leaves on row 2 and has no bar on row 3: it is sold on row 4, without any decision.
    rows = [[at(10.0), at(10.0)]] * 3 + [[GONE, at(10.0)]] + [[at(9.0), at(10.0)]] * 2
    out = run_all(rows, {0: [0.5, 0.5]}, member=MEMBER)
    assert [(f.row, f.asset, f.quantity, f.price, f.reason) for f in out.fills[2:]] == [(4, 0, -50.0, 9.0, "universe")]
    assert out.fills[2].decision_row == 2
    assert cancels(out) == []  # it was placed once, though it had to wait


def test_nothing_is_opened_outside_the_universe() -> None:
    # A limit order of A is cancelled when A leaves, a new order is refused, a target is 0.
    rows = [[at(10.0), at(10.0)]] * 5
    plan = {0: Order(0, 10.0, "limit", limit=5.0), 2: Order(0, 10.0), 3: [0.5, 0.5]}
    out = run_all(rows, plan, member=MEMBER)
    assert cancels(out) == [(2, 0, "universe"), (2, 1, "universe")]
    assert [(e.row, e.kind, e.value, e.asset) for e in out.events if e.kind == "not_in_universe"] == [
        (3, "not_in_universe", 0.5, 0)
    ]
    assert [(f.row, f.asset, f.quantity) for f in out.fills] == [(4, 1, 50.0)]


def test_a_basket_that_closes_and_the_forced_exit_sell_once() -> None:
    rows = [[at(10.0), at(10.0)]] * 4
    out = run_all(rows, {0: [0.5, 0.5], 2: [0.0, 1.0]}, member=MEMBER)
    assert [(f.asset, f.quantity, f.reason) for f in out.fills if f.row == 3] == [
        (0, -50.0, "universe"),
        (1, 50.0, "target"),
    ]


def test_every_event_is_told_to_who_asks() -> None:
    bars = [at(10.0), at(10.0), at(10.0), at(10.0)]
    plan = {0: Answer([0.5]), 1: Order(0, -50.0, reduce_only=True)}
    out = run(bars, plan, all_events=True, fires=[0, 0, 2, 0], on_event={"order_filled": 8})
    assert [(e.row, e.kind, e.value, e.order_id) for e in out.events] == [
        (0, "listing", 10.0, -1),
        (0, "order_placed", 50.0, 0),
        (1, "order_filled", 50.0, 0),
        (1, "position_opened", 50.0, 0),
        (1, "rebalance_completed", 1.0, -1),
        (1, "trigger_fired", 8.0, -1),
        (1, "order_placed", -50.0, 1),
        (2, "order_filled", -50.0, 1),
        (2, "position_closed", 50.0, 1),
        (2, "trigger_fired", 10.0, -1),
    ]
    assert out.reasons == [0, 8, 10, 0]


def test_an_event_after_the_watch_is_seen_by_the_next_row() -> None:
    # The basket of a same_close row fills after the triggers were looked at.
    out = run([at(10.0)] * 3, {0: [0.5]}, fill="same_close", on_event={"position_opened": 8, "margin_call": 16})
    assert out.reasons == [0, 8, 0]


def test_a_margin_call_is_heard_of_on_the_row_after_it() -> None:
    # 200 units on 1000; at 6.5 the call takes the decision of row 2, so that nobody could be asked there.
    bars = [at(10.0), at(10.0), at(6.5), at(6.5), at(6.5)]
    account = Account("margin", initial=0.5, maintenance=0.4)
    out = run(bars, {0: [2.0]}, max_gross=2.0, account=account, on_event={"margin_call": 8, "order_filled": 16})
    assert [event.row for event in out.events if event.kind == "margin_call"] == [2]
    assert out.reasons == [0, 16, 0, 24, 0]


def test_a_listing_is_the_first_event_of_its_row() -> None:
    bars = [GONE, at(10.0), at(10.0)]
    out = run(bars, {0: Order(0, 10.0)}, all_events=True)
    assert [(e.row, e.kind) for e in out.events][:4] == [
        (0, "order_placed"),
        (1, "listing"),
        (1, "order_filled"),
        (1, "position_opened"),
    ]
    assert [e.reason for e in out.events][:3] == ["market", "", "market"]
