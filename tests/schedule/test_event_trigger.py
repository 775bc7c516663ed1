"""Triggers that events fire: their names, what is known ahead, and the bits that the loop gives the others."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from backtest.errors import InputError
from backtest.market.build import make_market
from backtest.schedule import START, Calendar, Drift, OnEvent, Rebalance, compile_watch
from backtest.schedule.event import GROUPS, KINDS, NOT_WAKING, WAKING, wrong_names
from backtest.types import EventKind

nan = np.nan
CLOSE = np.array([[10.0, nan, nan, nan], [10.0, nan, 5.0, nan], [10.0, nan, 5.0, nan], [10.0, 7.0, 5.0, nan]])
MARKET = make_market(close=CLOSE, symbols=list("ABCD"))


def test_every_kind_has_its_name_and_most_of_them_wake() -> None:
    assert set(KINDS) == {kind.name.lower() for kind in EventKind} | set(GROUPS)
    assert set(WAKING) == {"bar", *KINDS} - set(NOT_WAKING)


@pytest.mark.parametrize(
    ("trigger", "label", "wakes", "begins", "kinds"),
    [
        (OnEvent(event="bar"), "bar", True, True, ()),
        (OnEvent(event="listing"), "listing", True, True, ()),
        (OnEvent(event="margin_call"), "margin_call", True, False, (EventKind.MARGIN_CALL,)),
        (OnEvent(event="split", then="reapply"), "split reapply", False, False, (EventKind.SPLIT,)),
        (OnEvent(event="corporate_action"), "corporate_action", True, False, GROUPS["corporate_action"]),
    ],
)
def test_what_a_trigger_says_of_itself(
    trigger: OnEvent, label: str, wakes: bool, begins: bool, kinds: tuple[EventKind, ...]
) -> None:
    assert (trigger.label, trigger.wakes, trigger.begins, trigger.kinds) == (label, wakes, begins, kinds)


def test_what_is_known_ahead() -> None:
    assert OnEvent(event="bar").rows(MARKET).all()
    assert OnEvent(event="listing").rows(MARKET).tolist() == [True, True, False, True]
    assert not OnEvent(event="order_filled").rows(MARKET).any()


def test_events_take_the_bits_behind_the_others_in_the_order_of_their_kinds() -> None:
    rule = Rebalance(any=(OnEvent(event="position_closed"), Drift(drift=0.05), OnEvent(event="bar")))
    watch = compile_watch(rule, MARKET, 0, 1, ("order_cancelled", "position_closed"))
    assert watch.labels == ("start", "drift 5 %", "bar", "order_cancelled", "position_closed")
    assert (watch.wake_mask, watch.reapply_mask) == (0b11101, 0b10)
    assert watch.event_kinds == 1 << EventKind.ORDER_CANCELLED | 1 << EventKind.POSITION_CLOSED
    assert (watch.event_bit, watch.event_from) == (0b1000, 1)
    assert watch.fires.tolist() == [0, START | 0b100, 0b100, 0b100]


def test_asking_wins_over_sending_again() -> None:
    rule = Rebalance(any=(OnEvent(event="corporate_action", then="reapply"),))
    watch = compile_watch(rule, MARKET, 0, 0, ("split",))
    again = tuple(f"{kind} reapply" for kind in ("dividend", "delisting", "spin_off", "rename"))
    assert watch.labels == ("start", "split", *again)
    assert (watch.wake_mask, watch.reapply_mask) == (0b000011, 0b111100)


def test_nothing_fires_without_enough_history() -> None:
    watch = compile_watch(Rebalance(), MARKET, 0, None, ("bar", "order_filled"))
    assert not watch.fires.any()
    assert watch.event_from == MARKET.n_rows


def test_without_events_nothing_is_listened_for() -> None:
    watch = compile_watch(Rebalance(any=(Calendar(calendar="day"),)), MARKET, 0, 0)
    assert watch.event_kinds == 0


def test_no_more_triggers_than_bits() -> None:
    rule = Rebalance(any=tuple(Drift(drift=k / 100) for k in range(1, 62)))
    assert len(compile_watch(rule, MARKET, 0, 0, ("order_filled",)).labels) == 63
    with pytest.raises(InputError, match=r"rebalance: 64 triggers, .* at most 63"):
        compile_watch(rule, MARKET, 0, 0, ("order_filled", "position_closed"))


def test_waiting_for_what_needs_a_decision_first_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs a calendar trigger, or the event bar or listing"):
        Rebalance(any=(OnEvent(event="order_filled"),), initial="wait")
    assert Rebalance(any=(OnEvent(event="listing"),), initial="wait").initial == "wait"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("bar", "received 'bar'; expected names of events"),
        (("bar", 3), "received ('bar', 3); expected names of events"),
        (("position_close",), "did you mean 'position_closed'?"),
        (("bankrupt",), "'bankrupt' wakes nobody: nobody is asked after the end of the account"),
        (("performance_update",), "it is the record of every bar, which is 'bar'"),
        (("risk_limit_exceeded",), "'risk_limit_exceeded' is kept for later: nothing raises it"),
    ],
)
def test_wrong_names_are_told(names: object, said: str) -> None:
    assert said in wrong_names(names, WAKING)


def test_right_names_are_not() -> None:
    assert wrong_names(WAKING, WAKING) == wrong_names((), WAKING) == ""
