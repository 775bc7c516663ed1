"""Orders that a strategy places through its context: what becomes of them, and what a wrong one is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from simulate.driving import driven, probed

from backtest import Strategy, make_market
from backtest.errors import LookAheadError, StrategyError
from backtest.market.market import Market
from backtest.simulate.drive import Driven
from backtest.types import CancelReason, EventKind, FillReason, Moment
from backtest.workspace.events import events_table
from backtest.workspace.tables import fills_table

Script = Callable[[Any], Any]
FLAT = (10.0, 10.0, 10.0, 10.0)


def market(*bars: tuple[float, float, float, float], symbols: str = "A") -> Market:
    """The same bars (open, high, low, close) for each symbol."""
    tables = np.array(bars)
    fields = {
        name: np.repeat(tables[:, [k]], len(symbols), 1) for k, name in enumerate(("open", "high", "low", "close"))
    }
    return make_market(symbols=list(symbols), **fields)


def run(on: Market, script: dict[int, Script]) -> Driven:
    """Ask `script` by row; rows without an entry leave everything alone."""

    class Scripted(Strategy):
        def decide(self, ctx: Any) -> Any:
            return script[ctx.row](ctx) if ctx.row in script else None

    return driven(Scripted(), on)


def fills(done: Driven) -> list[tuple[int, float, float, str]]:
    """Row, quantity, price and reason of each fill."""
    return [
        (int(f["row"]), float(f["quantity"]), float(f["price"]), FillReason(f["reason"]).name.lower())
        for f in done.result.fills
    ]


def nothing(ctx: Any, *ignored: object) -> None:
    """Orders were placed; leave the targets alone."""


def test_a_limit_order_waits_for_its_price() -> None:
    on = market(FLAT, (10.0, 10.5, 9.5, 10.0), (10.0, 10.2, 8.5, 9.0))
    done = run(on, {0: lambda ctx: nothing(ctx, ctx.order("A", 20.0, kind="limit", limit=9.0, tag="dip"))})
    assert fills(done) == [(2, 20.0, 9.0, "limit")]
    line = fills_table(done.result).to_pylist()[0]
    assert (line["tag"], line["moment"], line["order_id"], line["spread"]) == ("dip", "inside", 0, 0.0)
    assert Moment(done.result.fills["moment"][0]) is Moment.INSIDE


def test_orders_and_weights_in_one_answer() -> None:
    on = market(FLAT, FLAT, FLAT, symbols="AB")

    def both(ctx: Any) -> Any:
        ctx.order("B", 5.0)
        return {"A": 0.5}

    found = fills(run(on, {0: both}))
    assert [(row, reason) for row, _, _, reason in found] == [(1, "market"), (1, "target")]


def test_a_bracket_is_born_of_its_entry_and_one_exit_cancels_the_other() -> None:
    on = market(FLAT, (10.0, 10.2, 9.9, 10.0), (10.0, 12.5, 9.9, 12.0), FLAT)
    done = run(
        on, {0: lambda ctx: nothing(ctx, ctx.bracket("A", 10.0, kind="limit", limit=10.0, stop_loss=9.0, target=12.0))}
    )
    assert fills(done) == [(1, 10.0, 10.0, "limit"), (2, -10.0, 12.0, "limit")]
    assert done.result.fills["parent_id"].tolist() == [-1, 0]
    (event,) = done.result.events
    assert (EventKind(event["kind"]), CancelReason(event["reason"])) == (
        EventKind.ORDER_CANCELLED,
        CancelReason.POSITION_CLOSED,
    )
    assert events_table(done.result).to_pylist()[0]["reason"] == "position_closed"


def test_what_works_is_seen_cancelled_and_replaced() -> None:
    seen: list[Any] = []

    def second(ctx: Any) -> None:
        seen.extend(ctx.orders)
        ctx.cancel(0)
        assert ctx.order("A", 4.0, kind="limit", limit=9.0, replaces=1) == 2

    def first(ctx: Any) -> None:
        assert [ctx.order("A", 1.0, kind="limit", limit=8.0), ctx.order("A", 2.0, kind="stop", stop=12.0)] == [0, 1]

    done = run(market(FLAT, FLAT, (10.0, 10.0, 7.0, 8.0)), {0: first, 1: second})
    assert [(each.number, each.kind, each.quantity, each.limit) for each in seen[:1]] == [(0, "limit", 1.0, 8.0)]
    assert (seen[1].symbol, seen[1].stop, seen[1].reduce_only, seen[1].parent) == ("A", 12.0, False, None)
    assert fills(done) == [(2, 4.0, 9.0, "limit")]
    reasons = [CancelReason(each).name for each in done.result.events["reason"]]
    assert reasons == ["CANCELLED", "REPLACED"]


@pytest.mark.parametrize(("tif", "filled"), [("day", []), ("gtc", [3]), (2, []), (3, [3])])
def test_how_long_an_order_works(tif: str | int, filled: list[int]) -> None:
    on = market(FLAT, FLAT, FLAT, (10.0, 10.0, 8.0, 9.0))
    until = on.day(tif) if isinstance(tif, int) else tif
    done = run(on, {0: lambda ctx: nothing(ctx, ctx.order("A", 1.0, kind="limit", limit=9.0, tif=until))})
    assert [found[0] for found in fills(done)] == filled


def test_two_of_a_group_and_a_trail() -> None:
    def both(ctx: Any) -> None:
        ctx.order("A", 1.0, kind="stop", stop=11.0, group=1)
        ctx.order("A", 1.0, kind="limit", limit=9.0, group=1)

    def trail(ctx: Any) -> None:
        ctx.order("A", -1.0, kind="trailing", trail_fraction=0.1, reduce_only=True)

    on = market(FLAT, (10.0, 11.0, 10.0, 11.0), (11.0, 20.0, 11.0, 20.0), (20.0, 20.0, 17.0, 17.5))
    assert fills(run(on, {0: both, 1: trail})) == [(1, 1.0, 11.0, "stop"), (3, -1.0, 18.0, "trailing")]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "limt", "limit": 9.0}, "did you mean 'limit'"),
        ({"kind": "limit"}, "a limit order needs limit="),
        ({"kind": "stop_limit", "stop": 9.0}, "needs limit="),
        ({"limit": 9.0}, "which a market order has no use for"),
        ({"kind": "stop", "stop": -1.0}, "expected a number above 0"),
        ({"kind": "stop", "stop": "high"}, "received 'high'; expected a number"),
        ({"kind": "trailing"}, "one of trail"),
        ({"kind": "trailing", "trail": 1.0, "trail_fraction": 0.1}, "one of trail"),
        ({"kind": "trailing", "trail_fraction": 5.0}, "above 0 below 1"),
        ({"tif": "week"}, "expected 'gtc', 'day' or the last date"),
        ({"tif": "1999-01-01"}, "which is over already"),
        ({"quantity": 0.0}, "quantity of 0"),
        ({"quantity": float("nan")}, "quantity of nan"),
        ({"symbol": "AA"}, "not in the market"),
        ({"group": -2}, "from 0 on"),
        ({"group": "entry"}, "received group 'entry'; expected a number from 0 on"),
    ],
)
def test_a_wrong_order_is_told(asked: dict[str, Any], said: str) -> None:
    def wrong(ctx: Any) -> None:
        ctx.order(**{"symbol": "A", "quantity": 1.0, **asked})

    with pytest.raises(StrategyError, match="mine") as error:
        run(market(FLAT, FLAT), {0: wrong})
    assert said in str(error.value)


def test_orders_with_levels_need_highs_and_lows() -> None:
    on = make_market(close=np.full((3, 1), 10.0), symbols=["A"])
    with pytest.raises(StrategyError, match="needs opens, highs and lows"):
        run(on, {0: lambda ctx: nothing(ctx, ctx.order("A", 1.0, kind="stop", stop=11.0))})
    assert fills(run(on, {0: lambda ctx: nothing(ctx, ctx.order("A", 1.0))})) == [(1, 1.0, 10.0, "market")]


class Peeking(Strategy):
    """Order at the close of tomorrow."""

    def decide(self, ctx: Any) -> Any:
        tomorrow = min(ctx.row + 1, len(ctx._market.close) - 1)
        ctx.order("A", 1.0, kind="limit", limit=float(ctx._market.close[tomorrow, 0]))


class Honest(Strategy):
    """Order below the last close."""

    def decide(self, ctx: Any) -> Any:
        ctx.order("A", 1.0, kind="limit", limit=0.99 * float(ctx.history("close", 1)[0, 0]), tif="day")


def test_the_probe_compares_orders_too() -> None:
    rng = np.random.default_rng(0)
    close = 10.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, 60)))
    on = market(*(tuple(price * np.array([1.0, 1.02, 0.98, 1.0])) for price in close))
    assert probed(Honest(), on).checked > 2
    with pytest.raises(LookAheadError, match="looks ahead"):
        probed(Peeking(), on)


def test_a_sliced_order_is_filled_in_equal_parts_with_its_number_and_tag() -> None:
    done = run(market(*[FLAT] * 6), {0: lambda ctx: nothing(ctx, ctx.order("A", 20.0, kind="sliced", over=4, tag="t"))})
    assert fills(done) == [(row, 5.0, 10.0, "sliced") for row in (1, 2, 3, 4)]
    lines = fills_table(done.result).to_pylist()
    assert [(line["order_id"], line["parent_id"], line["tag"]) for line in lines] == [(k, 0, "t") for k in (1, 2, 3, 4)]
    told = [line for line in events_table(done.result).to_pylist() if line["kind"] == "order_filled"]
    assert {(line["tag"], line["reason"]) for line in told} <= {("t", "sliced")}


def test_a_sliced_order_follows_a_curve_of_its_own() -> None:
    def place(ctx: Any) -> None:
        ctx.order("A", 20.0, kind="sliced", over=[0.5, 0.0, 0.3, 0.2], start=2)
        ctx.order("A", 10.0, kind="sliced", over=(0.25, 0.75))
        ctx.order("A", 8.0, kind="sliced", over=np.array([1.0]), start=5)

    done = run(market(*[FLAT] * 7), {0: place})
    parts = {1: [2.5], 2: [10.0, 7.5], 4: [6.0], 5: [4.0, 8.0]}
    assert fills(done) == [(row, units, 10.0, "sliced") for row, each in parts.items() for units in each]


def test_later_curves_leave_those_that_still_work_alone() -> None:
    def placed(*over: float) -> Script:
        return lambda ctx: nothing(ctx, ctx.order("A", 10.0, kind="sliced", over=over))

    done = run(market(*[FLAT] * 8), {0: placed(0.1, 0.2, 0.3, 0.4), 1: placed(0.6, 0.4), 3: placed(0.0, 0.0, 1.0)})
    first, second, third = {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0}, {2: 6.0, 3: 4.0}, {6: 10.0}
    wanted = [(row, each[row]) for row in range(8) for each in (first, second, third) if row in each]
    assert [(row, round(units, 9)) for row, units, *_ in fills(done)] == wanted


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "sliced"}, "a sliced order needs over=…, a number of rows or the part of it in each of them"),
        ({"kind": "sliced", "over": 0}, "received over=0, start=1; expected at least 1 row each"),
        ({"kind": "sliced", "over": 3, "start": 0}, "received over=3, start=0; expected at least 1 row each"),
        ({"kind": "sliced", "over": [0.5, 0.6]}, "expected parts from 0 on that add up to 1"),
        ({"kind": "sliced", "over": [1.5, -0.5]}, "expected parts from 0 on that add up to 1"),
        ({"kind": "sliced", "over": 2.5}, "received 2.5; expected a number of rows, or a part for each"),
        ({"kind": "sliced", "over": ["a"]}, "received 'a'; expected a number"),
        ({"over": 3}, "received over=, which a market order has no use for"),
        ({"kind": "market_on_close", "start": 2}, "received start=, which a market_on_close order has no use for"),
        ({"kind": "sliced", "over": 3, "limit": 9.0}, "received limit=9, which a sliced order has no use for"),
        ({"kind": "slice", "over": 3}, "did you mean 'sliced'?"),
    ],
)
def test_what_is_wrong_with_a_sliced_order_is_told(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(StrategyError) as caught:
        run(market(FLAT, FLAT), {0: lambda ctx: nothing(ctx, ctx.order("A", 1.0, **asked))})
    assert said in str(caught.value)
