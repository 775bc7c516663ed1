"""Events of a run: what `events.parquet` tells, who is woken, and who listens from outside."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from made import Place

import backtest
from backtest import Event
from backtest.errors import InputError, StrategyError
from backtest.strategy.event import payload_of
from backtest.types import EventKind
from backtest.workspace.compare import differences

DROPPED = """
    from backtest import Strategy


    class Mine(Strategy):
        wake_on = {wake_on}

        def decide(self, ctx):
            if ctx.row == 0:
                ctx.order("AAA", 10.0, tag="first")
                ctx.order("AAA", -10.0, reduce_only=True, tag="out")
            return None
"""


def run(place: Place, **changes: Any) -> backtest.Run:
    return backtest.run(place.config(**changes), workspace=place.root)


def told(done: backtest.Run) -> list[dict[str, Any]]:
    return pq.read_table(done.folder / "events.parquet").to_pylist()


def test_the_table_tells_what_fills_and_rebalances_tell(place: Place) -> None:
    done = run(place, costs={"commission_bps": 20})
    lines = told(done)
    fills = pq.read_table(done.folder / "fills.parquet").to_pylist()
    filled = [line for line in lines if line["kind"] == "order_filled"]
    assert len(filled) == len(fills) > 10
    for line, fill in zip(filled, fills, strict=True):
        assert (line["symbol"], line["order_id"], line["value"]) == (fill["symbol"], fill["order_id"], fill["quantity"])
        assert line["reason"] == fill["reason"] == "target"
        assert dict(line["payload"]) == pytest.approx(
            {"quantity": fill["quantity"], "price": fill["price"], "cost": fill["cost"]}
        )
        assert line["text"] == f"{fill['quantity']:g} filled at {fill['price']:g}"
    kinds = Counter(line["kind"] for line in lines)
    decisions = done.result.decisions
    assert kinds["rebalance_completed"] == np.count_nonzero(decisions["done_row"] >= 0)
    assert kinds["trigger_fired"] == np.count_nonzero(done.result.reasons)
    assert kinds["order_placed"] == decisions["n_orders"].sum()
    assert next(line["reason"] for line in lines if line["kind"] == "trigger_fired").startswith("start")
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)
    for line in lines:
        numbers = dict(line["payload"])
        price, cost = numbers.get("price", np.nan), numbers.get("cost", np.nan)
        assert numbers == payload_of(EventKind[line["kind"].upper()], line["value"], price, cost)


def test_tags_follow_orders_into_events(place: Place) -> None:
    place.strategy("mine", DROPPED.format(wake_on="()"))
    lines = [line for line in told(run(place, strategy="mine")) if line["symbol"] == "AAA"]
    said = [(line["kind"], line["reason"], line["tag"]) for line in lines if line["kind"] != "listing"]
    assert said == [
        ("order_placed", "market", "first"),
        ("order_placed", "market", "out"),
        ("order_filled", "market", "first"),
        ("position_opened", "market", "first"),
        ("order_filled", "market", "out"),
        ("position_closed", "market", "out"),
    ]


def test_wrong_wakes_are_told_before_anything_runs(place: Place) -> None:
    for wake_on, words in (('("fil",)', "in wake_on: unknown event 'fil'"), ('"bar"', "in wake_on: received 'bar'")):
        place.strategy("mine", DROPPED.format(wake_on=wake_on))
        with pytest.raises(StrategyError, match=r"strategy 'mine'") as caught:
            run(place, strategy="mine")
        assert words in str(caught.value)
    assert place.runs() == []


def test_listening_changes_no_bit_and_failures_are_warnings(place: Place) -> None:
    heard: list[Event] = []

    def bad(event: Event) -> None:
        raise RuntimeError(f"no {event.symbol}")

    on = {"order_filled": heard.append, "rebalance_completed": bad}
    done = backtest.run(place.config(), workspace=place.root, on=on)
    silent = run(place)
    assert differences(done.folder, silent.folder) == []
    assert len(heard) == len(done.result.fills)
    assert silent.callback_errors == ()
    failed = done.callback_errors
    assert {error.name for error in failed} == {"rebalance_completed"}
    assert isinstance(failed[0].error, RuntimeError)
    kept = json.loads((done.folder / "manifest.json").read_text())["warnings"]
    assert kept[0] == str(failed[0])
    assert kept[0].startswith(
        "callback on 'rebalance_completed' raised RuntimeError: no None (rebalance_completed on 2020"
    )
    assert set(kept) <= set(done.warnings)


def test_an_interrupt_in_a_callback_ends_the_run_and_leaves_nothing(place: Place) -> None:
    def stop(event: Event) -> None:
        raise KeyboardInterrupt(event.kind)

    with pytest.raises(KeyboardInterrupt):
        backtest.run(place.config(), workspace=place.root, on={"order_filled": stop})
    assert place.runs() == []


def test_wrong_callbacks_are_told_before_anything_runs(place: Place) -> None:
    with pytest.raises(InputError, match="on: unknown event 'position_close'"):
        backtest.run("no_such_file.yaml", workspace=place.root, on={"position_close": print})
