"""Strategies that events wake and callbacks that hear of them: when, what of, and that listening changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backtest import Event, Strategy, make_market, simulate
from backtest.config.model import Execution, Exits
from backtest.costs import CASH, FREE, Account, Costs, Financing
from backtest.errors import InputError, LookAheadError
from backtest.market.market import Market
from backtest.schedule import Calendar, OnEvent, Rebalance, compile_watch
from backtest.simulate.callbacks import TOLD_ONCE, Callbacks
from backtest.simulate.drive import Asked, Driven, drive
from backtest.simulate.probe import probe
from backtest.simulate.terms import make_terms
from backtest.strategy.event import VALUE_NAMES
from backtest.types import EventKind

FALL = np.array([[10.0, 10.0], [10.0, 10.0], [8.0, 10.0], [8.0, 10.0], [8.0, 10.0], [8.0, 10.0]])
ENDS = [0.5, 0.5]


def falling(**more: Any) -> Market:
    """A falls from 10 to 8 inside bar 2, B stays."""
    high = np.maximum(FALL, np.vstack([FALL[:1], FALL[:-1]]))
    tables = {"open": np.vstack([FALL[:1], FALL[:-1]]), "high": high, "low": FALL, "close": FALL}
    return make_market(symbols=["A", "B"], **{**tables, **more})


def play(
    strategy: Strategy,
    on: Market,
    rule: Rebalance | None = None,
    callbacks: Callbacks | None = None,
    exits: Exits | None = None,
    fill: Any = "next_open",
    account: Account = CASH,
    financing: Financing = FREE,
    keep: tuple[int, ...] = (),
) -> Driven:
    """Simulate from row 0 without costs; the first decision waits for the strategy's history."""
    rule = rule or Rebalance()
    watch = compile_watch(rule, on, 0, strategy.history_rows - 1, strategy.wake_on)
    held = account, financing, exits or Exits()
    terms = make_terms(on, 0, Costs(), Execution(fill=fill), watch, 5, *held, all_events=True)
    return drive(on, Asked(strategy, "mine", labels=watch.labels), watch, terms, 1000.0, keep, callbacks=callbacks)


def answering(*events: str, rows: int = 1, give: Callable[[Any], Any] | None = None) -> tuple[Strategy, list[Any]]:
    """A strategy that `events` wake, and the list of its wakes: row, reasons, kinds of events."""
    wakes: list[Any] = []

    class Woken(Strategy):
        wake_on = events

        @property
        def history_rows(self) -> int:
            return rows

        def decide(self, ctx: Any) -> Any:
            wakes.append((ctx.row, ctx.reasons, [event.kind for event in ctx.events]))
            return give(ctx) if give else (ENDS if ctx.row == rows - 1 else None)

    def as_array(ctx: Any) -> Any:
        return np.array(ENDS) if ctx.row == rows - 1 else None

    give = give or as_array
    return Woken(), wakes


def test_a_strategy_is_woken_by_what_its_stop_closes() -> None:
    strategy, wakes = answering("position_closed")
    play(strategy, falling(), exits=Exits(stop=0.1))
    filled = ["order_filled", "position_opened"]
    assert wakes == [
        (0, ("start",), ["listing", "listing", "trigger_fired"]),
        (
            2,
            ("position_closed",),
            [
                *("order_placed", "order_placed", *filled, *filled, "rebalance_completed"),
                *("order_filled", "position_closed", "trigger_fired"),
            ],
        ),
    ]


def test_every_bar_wakes_from_the_first_with_enough_history_on() -> None:
    strategy, wakes = answering("bar", rows=3)
    play(strategy, falling())
    assert [(row, reasons) for row, reasons, _ in wakes] == [
        (2, ("start", "bar")),
        *((row, ("bar",)) for row in (3, 4, 5)),
    ]
    assert wakes[1][2] == ["order_placed"] * 2 + ["order_filled", "position_opened"] * 2 + [
        "rebalance_completed",
        "trigger_fired",
    ]
    assert wakes[2][2] == ["trigger_fired"]


def test_fills_at_the_close_that_was_decided_on_wake_at_the_next_bar() -> None:
    strategy, wakes = answering("order_filled")
    play(strategy, falling(), fill="same_close")
    assert [(row, reasons) for row, reasons, _ in wakes] == [(0, ("start",)), (1, ("order_filled",))]
    assert wakes[1][2][:4] == ["order_placed", "order_placed", "order_filled", "position_opened"]


def test_events_before_the_first_decision_wake_nobody() -> None:
    late = make_market(close=np.where(np.arange(6)[:, None] < [0, 2], np.nan, FALL))
    for rows, expected in ((1, [0, 2]), (2, [1, 2]), (4, [3])):
        strategy, wakes = answering("listing", rows=rows, give=lambda ctx: None)  # noqa: ARG005
        play(strategy, late, fill="next_close")
        assert [row for row, _, _ in wakes] == expected


def test_a_margin_call_wakes_once_the_row_after_it() -> None:
    prices = np.array([[10.0], [10.0], [6.5], [6.5], [6.5]])
    strategy, wakes = answering("margin_call", give=lambda ctx: np.array([2.0]) if ctx.row == 0 else None)
    account = Account(kind="margin", initial=0.5, maintenance=0.4)
    done = play(strategy, make_market(close=prices, open=prices), account=account)
    called = done.result.events[done.result.events["kind"] == EventKind.MARGIN_CALL]
    assert called["row"].tolist() == [2]
    assert [(row, reasons) for row, reasons, _ in wakes] == [(0, ("start",)), (3, ("margin_call",))]
    assert "margin_call" in wakes[1][2]


def test_an_event_may_send_the_last_targets_again() -> None:
    class Once(Strategy):
        def decide(self, ctx: Any) -> Any:  # noqa: ARG002
            return np.array([0.5, 0.25])

    market = falling(price_kind="raw", actions=[(4, "B", "dividend", 1.0)])
    rule = Rebalance(any=(OnEvent(event="dividend", then="reapply"),))
    done = play(Once(), market, rule)
    assert done.n_wakes == 1
    assert [(int(d["row"]), int(d["source"])) for d in done.result.decisions] == [(0, 0), (4, 2)]


def test_what_a_strategy_sees_of_an_event() -> None:
    seen: list[Event] = []

    def look(ctx: Any) -> Any:
        seen.extend(ctx.events)
        if ctx.row == 0:
            ctx.bracket("A", 20.0, stop_loss=9.0, tag="dip")

    strategy, _ = answering("position_closed", give=look)
    play(strategy, falling())
    closed = next(event for event in seen if event.kind == "position_closed")
    assert (closed.symbol, closed.reason, closed.order_id, closed.tag, closed.value) == ("A", "stop", 1, "dip", 20.0)
    assert dict(closed.payload) == {"quantity": 20.0, "price": 9.0}
    assert closed.time == pd.Timestamp(falling().times[2])
    assert (closed.equity, closed.cash, dict(closed.positions)) == (980.0, 980.0, {})
    opened = next(event for event in seen if event.kind == "order_filled")
    assert dict(opened.payload) == {"quantity": 20.0, "price": 10.0, "cost": 0.0}
    assert (opened.equity, opened.cash, dict(opened.positions)) == (1000.0, 800.0, {"A": 20.0})
    with pytest.raises(FrozenInstanceError):
        opened.value = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        opened.positions["A"] = 1.0  # type: ignore[index]


def test_events_that_were_not_looked_at_are_not_kept_for_the_next_wake() -> None:
    seen: list[tuple[int, list[str]]] = []

    def look(ctx: Any) -> Any:
        if ctx.row == 4:
            seen.append((ctx.row, [event.kind for event in ctx.events]))
        return np.array(ENDS) if ctx.row == 2 else None

    strategy, _ = answering("bar", give=look)
    play(strategy, falling())
    assert seen == [(4, ["trigger_fired"])]


def heard_by(names: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    log: list[str] = []
    return {name: lambda event, name=name: log.append(f"{name}: {event}") for name in names}, log


def test_callbacks_hear_in_order_and_change_no_bit() -> None:
    market = falling(price_kind="raw", actions=[(4, "B", "dividend", 1.0)])
    names = ("corporate_action", "position_closed", "performance_update", "trigger_fired", "unfilled_at_end")
    on, log = heard_by(names)
    strategy, _ = answering("bar")
    alone = play(strategy, market, exits=Exits(stop=0.1)).result
    callbacks = Callbacks(on)
    strategy, _ = answering("bar")
    heard = play(strategy, market, callbacks=callbacks, exits=Exits(stop=0.1)).result
    for name in ("equity", "cash", "fills", "events", "decisions"):
        assert getattr(heard, name).tobytes() == getattr(alone, name).tobytes()
    assert [line.split(" on ")[0] for line in log[:6]] == [
        "trigger_fired: trigger_fired",
        "performance_update: performance_update",
        "trigger_fired: trigger_fired",
        "performance_update: performance_update",
        "position_closed: position_closed of A",
        "trigger_fired: trigger_fired",
    ]
    assert "corporate_action: dividend of B" in [line.split(" on ")[0] for line in log]
    assert len([line for line in log if line.startswith("performance_update")]) == market.n_rows
    assert not callbacks.errors


def test_callbacks_hear_of_a_row_after_its_decision() -> None:
    order: list[str] = []

    def ask(ctx: Any) -> Any:
        order.append(f"asked {ctx.row}")
        return np.array(ENDS) if ctx.row == 0 else None

    strategy, _ = answering("bar", give=ask)
    play(strategy, falling(), callbacks=Callbacks({"performance_update": lambda event: order.append(str(event.value))}))
    assert order[:4] == ["asked 0", "1000.0", "asked 1", "1000.0"]


def test_the_record_of_a_bar() -> None:
    told: list[Event] = []
    simulate({"close": FALL}, ([0], [ENDS]), execution={"fill": "next_close"}, capital=1000.0, on={
        "performance_update": told.append,
    })  # fmt: skip
    assert [event.equity for event in told] == [1000.0, 1000.0, 900.0, 900.0, 900.0, 900.0]
    assert told[2].payload["return"] == pytest.approx(-0.1)
    assert (dict(told[0].positions), dict(told[1].positions)) == ({}, {"0": 50.0, "1": 50.0})


def test_money_from_outside_is_an_event_and_no_return() -> None:
    told: list[Event] = []
    on = {"cash_flow": told.append, "performance_update": told.append}
    flat, manner = pd.DataFrame({"A": [10.0] * 4}), {"fill": "next_close"}
    deposit = pd.Series([500.0], index=[pd.Timestamp("2000-01-04", tz="UTC")])
    result = simulate(flat, ([0], [[1.0]]), execution=manner, capital=1000.0, flows=deposit, on=on)
    (flow,) = (event for event in told if event.kind == "cash_flow")
    assert (flow.value, dict(flow.payload), flow.equity) == (500.0, {"cash": 500.0}, 1500.0)
    updates = [event for event in told if event.kind == "performance_update"]
    assert [event.equity for event in updates] == result.equity.tolist()
    assert [event.payload["return"] for event in updates] == result.returns.tolist() == [0.0] * 4


def test_a_callback_that_raises_is_told_with_its_event_and_stops_nothing() -> None:
    def bad(event: Event) -> None:
        raise ValueError(f"no {event.symbol}")

    heard: list[str] = []
    on = {"order_placed": bad, "order_filled": lambda event: heard.append(event.symbol)}
    callbacks = Callbacks(on)
    strategy, _ = answering("bar")
    done = play(strategy, falling(), callbacks=callbacks)
    assert heard == ["A", "B"]
    assert done.result.equity[-1] == 900.0
    assert [(failed.name, failed.event.symbol) for failed in callbacks.errors] == [
        ("order_placed", "A"),
        ("order_placed", "B"),
    ]
    assert callbacks.failures()[0] == (
        "callback on 'order_placed' raised ValueError: no A "
        f"(order_placed of A on {falling().times[0]:%Y-%m-%d %H:%M}: quantity 50 (target))"
    )


def test_many_failures_are_counted() -> None:
    def bad(event: Event) -> None:
        raise KeyError(event.kind)

    callbacks = Callbacks({"performance_update": bad})
    strategy, _ = answering("bar")
    play(strategy, falling(), callbacks=callbacks)
    said = callbacks.failures()
    assert len(said) == TOLD_ONCE + 1
    assert said[-1] == "callback on 'performance_update' raised 3 more times"


def test_simulate_warns_of_a_callback_that_raises() -> None:
    def bad(event: Event) -> None:
        raise ValueError(f"no {event.kind}")

    with pytest.warns(UserWarning, match="callback on 'listing' raised ValueError: no listing"):
        simulate({"close": FALL[:, :1]}, ([0], [[1.0]]), execution={"fill": "next_close"}, on={"listing": bad})


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ({"fill": print}, "on: unknown event 'fill'; known: bankrupt, "),
        ({"position_close": print}, "did you mean 'position_closed'?"),
        ({"risk_limit_exceeded": print}, "nothing raises it"),
        ({"listing": 3}, "on: received 3 for 'listing'; expected a function of one event"),
    ],
)
def test_wrong_callbacks_are_refused(on: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        simulate({"close": FALL}, ([0], [ENDS]), on=on)
    assert said in str(caught.value)


def test_a_simulation_that_did_not_write_all_events_cannot_tell_them() -> None:
    prices, targets, at_close = {"close": FALL}, ([0], [ENDS]), {"fill": "next_close"}
    with pytest.raises(InputError, match="all_events=True"):
        simulate(prices, targets, execution=at_close).story()
    story = simulate(prices, targets, execution=at_close, all_events=True).story()
    assert [EventKind(kind).name for kind in story["kind"]][:4] == [
        "LISTING",
        "LISTING",
        "ORDER_PLACED",
        "ORDER_PLACED",
    ]


def test_every_kind_of_event_says_what_its_value_is() -> None:
    assert set(VALUE_NAMES) == set(EventKind)


def test_a_peek_in_a_wake_that_an_event_caused_is_found() -> None:
    def peek(ctx: Any) -> Any:
        if "position_closed" in ctx.reasons:
            return np.array([0.0, float(ctx._market.close[-1, 1] % 1.0)])
        return np.array([0.5, 0.3])

    def honest(ctx: Any) -> Any:
        closed = sum(event.kind == "position_closed" for event in ctx.events)
        return np.array([0.5, 0.3]) / (1 + closed)

    rng = np.random.default_rng(4)
    prices = 10.0 * np.exp(np.cumsum(rng.normal(0.0, 0.03, (80, 2)), axis=0))
    tables = {"open": prices, "high": prices * 1.05, "low": prices * 0.95, "close": prices}
    market, rule = make_market(symbols=["A", "B"], **tables), Rebalance(any=(Calendar(calendar="month"),))
    for give, caught in ((honest, False), (peek, True)):
        strategy, wakes = answering("position_closed", give=give)
        done = play(strategy, market, rule, exits=Exits(stop=0.05), keep=(0,))
        assert sum("position_closed" in reasons for _, reasons, _ in wakes) > 4
        asked = Asked(strategy, "mine", labels=("start", "calendar month first", "position_closed"))
        assert len(done.snapshots) > 3
        if caught:
            with pytest.raises(LookAheadError):
                probe(asked, market, done, "sampled")
        else:
            assert probe(asked, market, done, "sampled").checked == len(done.snapshots)


def test_wakes_may_depend_on_parameters() -> None:
    class Chosen(Strategy):
        often: bool = True

        @property
        def wake_on(self) -> tuple[str, ...]:  # type: ignore[override]
            return ("bar",) if self.often else ()

        def decide(self, ctx: Any) -> Any:  # noqa: ARG002
            return None

    assert [play(Chosen(often=often), falling()).n_wakes for often in (True, False)] == [6, 1]


def test_what_is_prepared_is_carried_out_on_events_too() -> None:
    prepared = np.array([[0.5, 0.5], [0.4, 0.4], [0.3, 0.3], [0.2, 0.2], [0.1, 0.1], [0.0, 0.0]])

    class Prepared(Strategy):
        wake_on = ("position_closed",)

        def prepare(self, panel: Any) -> Any:  # noqa: ARG002
            return prepared

    done = play(Prepared(), falling(), exits=Exits(stop=0.1))
    assert done.result.decisions["row"].tolist() == [0, 2]
    assert done.result.targets.tolist() == [[0.5, 0.5], [0.3, 0.3]]
