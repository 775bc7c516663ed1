"""Run cases that mix everything on the compiled engine: orders, declared exits, the way inside the bar, volume.

What the engine does not know yet is taken out of a case before it is given to either side.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np

from backtest.kernels.book import Own, Plan
from backtest.market.actions import action_table
from backtest.market.market import Market
from backtest.simulate.book import copy_book, left_working, new_book
from backtest.simulate.engine import Engine, Terms, fixed
from backtest.simulate.events import Story
from backtest.simulate.result import collect
from backtest.types import (
    CLOSED,
    NEVER_OPEN,
    REQUEST,
    RULES,
    ActionKind,
    CostShape,
    EventKind,
    Fill,
    Floats,
    Intrabar,
    Ints,
    OrderKind,
    Phase,
    Records,
    Size,
    Status,
    TimeInForce,
)
from tests.property.kernel import fees_of, flows_of, rates_of, shape_of
from tests.reference import Answer, Exits, Order
from tests.reference.mixed import mixed_case
from tests.reference.options import per_asset

ASKED, BAND, HEARD = 1, 4, 8
DAY_NS = 86_400 * 10**9
HOUR_NS = 3_600 * 10**9


def whole_case(seed: int, **changes: Any) -> dict[str, Any]:
    """Return a mixed case as far as the engine goes; what it plans is answered, because only answers place orders."""
    case = mixed_case(seed)
    rows = len(case["close"])
    plan: dict[int, Answer] = case.pop("plan")
    fires = np.zeros(rows, np.int64)
    fires[list(plan)] = ASKED
    case |= {
        "decide": lambda row, bits, view: plan.get(row),  # noqa: ARG005
        "answers": plan,
        "fires": fires,
        "wake_mask": ASKED,
        "all_events": True,
    }
    return case | random_events(seed) | changes


def random_events(seed: int) -> dict[str, Any]:
    """Draw kinds of events that wake, in two of three cases; their bits stand in the order of `EventKind`."""
    rng = np.random.default_rng(seed)
    kinds = [kind for kind in EventKind if kind not in (EventKind.LISTING, EventKind.UNFILLED_AT_END)]
    drawn = np.sort(rng.choice(len(kinds), int(rng.integers(0, 5)), replace=False)) if rng.random() < 0.67 else []
    bits = {kinds[k].name.lower(): HEARD << place for place, k in enumerate(drawn)}
    return {"on_event": bits, "wake_mask": ASKED | sum(bits.values())}


def arguments(case: dict[str, Any]) -> dict[str, Any]:
    """Return what the reference takes."""
    return {name: value for name, value in case.items() if name != "answers"}


def market_of(case: dict[str, Any]) -> Market:
    """The case's bars as a market."""
    close = case["close"]
    stamps = np.arange(len(close), dtype=np.int64)[:, None] * DAY_NS
    kinds = {kind.name.lower(): kind for kind in ActionKind}
    actions = action_table((row, i, kinds[kind], *rest) for row, i, kind, *rest in case["actions"])
    tables = {
        name: np.ascontiguousarray(case[name])
        for name in ("open", "high", "low", "volume")
        if case.get(name) is not None
    }
    session = case.get("session")
    starts, ends, group = clocks_of(case, stamps)
    return Market(
        symbols=np.array(case["symbols"]),
        start=starts,
        end=ends,
        group=group,
        close=np.ascontiguousarray(close),
        **tables,
        complete=np.isfinite(close).all(axis=1),
        session=stamps[:, 0] if session is None else np.array(session),
        actions=actions,
        member=None if case.get("member") is None else np.array(case["member"], np.bool_),
        price_kind="raw",
    )


def clocks_of(case: dict[str, Any], stamps: Ints) -> tuple[Ints, Ints, Ints]:
    """Starts and ends of the case's groups in nanoseconds, and the group of each asset; else `stamps`, for all."""
    if "groups" not in case:
        return stamps, stamps, np.zeros(len(case["symbols"]), np.int64)
    starts, ends = (np.array(case[name]) for name in ("group_starts", "group_ends"))
    closed = np.isnan(starts)
    hours = [np.where(closed, 0.0, each) * HOUR_NS for each in (starts, ends)]
    return (
        np.where(closed, NEVER_OPEN, hours[0].astype(np.int64)),
        np.where(closed, CLOSED, hours[1].astype(np.int64)),
        np.array(case["groups"]),
    )


def terms_of(case: dict[str, Any]) -> Terms:
    """The case's rules as one record, and what is told by asset."""
    rule = np.zeros(1, RULES)
    n = len(case["symbols"])
    account, trading, exits = case["account"], case["trading"], case.get("exits", Exits())
    rule["fill"], rule["size"] = Fill[case["fill"].upper()], Size[case["size"].upper()]
    for name in (
        *("commission", "per_share", "minimum", "per_trade", "slippage", "cash_reserve", "max_gross"),
        *("first", "wake_mask", "reapply_mask"),
    ):
        rule[name] = case.get(name, 0)
    rule["max_stale"] = 5
    rule["lots"] = case["lots"] is not None
    if account.kind == "margin":
        rule["margin"], rule["initial"], rule["maintenance"] = 1, account.initial, account.maintenance
    if "finance" in case:
        rule["financed"] = 1
    rule["flowing"], rule["settlement"] = 1, account.settlement
    levels = np.array([per_asset(each, n) for each in (exits.stop, exits.target, exits.trail)])
    rule["whole"] = 1
    rule["exits"] = np.isfinite(levels).any()
    rule["opens"] = case.get("open") is not None
    rule["ranges"] = case.get("high") is not None
    rule["intrabar"] = Intrabar[trading.intrabar.upper()]
    rule["carry"] = trading.carry
    rule["participation"] = 0.0 if math.isinf(trading.participation) else trading.participation
    rule["min_notional"] = trading.min_notional
    rule["keep_net"] = trading.keep_net
    rule["all_events"] = 1
    rule["event_kinds"] = sum(1 << EventKind[kind.upper()] for kind in case["on_event"])
    rule["event_bit"] = HEARD
    rule["reinvest"] = case.get("reinvest", False)
    priced = SimpleNamespace(
        **{name: case.get(name, default) for name, default in (("half_spread", 0.0), ("tiers", ()), ("impact", None))},
        symbols=case["symbols"],
        month=case["month"],
    )
    fees = fees_of(priced)
    rule["cost_shape"] = shape_of(priced)
    rule["half_spread"] = fees.half_spread[0, 0] if rule["cost_shape"] == CostShape.FLAT else np.nan
    lots = np.zeros(n) if case["lots"] is None else np.array(case["lots"])
    return Terms(
        rule,
        fixed(lots),
        case["fires"],
        np.array(case["bands"]),
        np.array(case["band_bits"], np.int64),
        fees=fees,
        rates=rates_of(case.get("finance"), len(case["close"]), n),
        exits=levels,
        ticks=np.array(per_asset(trading.ticks, n)),
        flows=flows_of(SimpleNamespace(**case)),
    )


def requests_of(answer: Answer) -> Records:
    """The cancellations and orders of an answer."""
    requests = np.zeros(len(answer.cancels) + len(answer.orders), REQUEST)
    requests["number"] = requests["parent"] = requests["curve"] = -1
    for request, number in zip(requests, answer.cancels, strict=False):
        request["kind"], request["number"] = OrderKind.CANCEL, number
    for request, order in zip(requests[len(answer.cancels) :], answer.orders, strict=True):
        write_request(request, order, len(answer.cancels))
    of_curves = [len(answer.cancels) + k for k, order in enumerate(answer.orders) if order.curve]
    requests["curve"][of_curves] = np.arange(len(of_curves))
    return requests


def curves_of(answer: Answer) -> Floats:
    """The curves of the sliced orders of an answer that have one, as `requests_of` points at them."""
    told = [order.curve for order in answer.orders if order.curve]
    curves = np.ones((len(told), max(map(len, told), default=0)))
    for line, curve in zip(curves, told, strict=True):
        line[: len(curve)] = curve
    return curves


def write_request(request: Any, order: Order, before: int) -> None:
    """Write one order; `before` cancellations stand in front of the orders."""
    request["kind"], request["tif"] = OrderKind[order.kind.upper()], TimeInForce[order.tif.upper()]
    for name in (
        *("asset", "quantity", "limit", "stop", "trail", "trail_is_percent", "reduce_only"),
        *("expires_row", "expires_session", "group", "first_row", "last_row"),
    ):
        request[name] = getattr(order, name)
    request["number"] = order.replaces
    request["parent"] = before + order.parent if order.parent >= 0 else -1


def plan_of(case: dict[str, Any]) -> Plan:
    """Nothing is planned: only answers place orders."""
    rows, assets = case["close"].shape
    return Plan(fixed(np.full(rows, -1), np.int64), fixed(np.empty((0, assets))))


def run_whole(
    case: dict[str, Any], stops: Iterable[int] = (), reload: bool = False, market: Market | None = None
) -> SimpleNamespace:
    """Simulate a case; at the rows `stops` `advance` is called anew, and `reload` goes on from a copy of the book."""
    rows, assets = case["close"].shape
    plan = plan_of(case)
    engine = Engine(
        market_of(case) if market is None else market, new_book(assets, case["capital"]), terms_of(case), plan
    )
    weights = np.full((1, assets), np.nan)
    answered: dict[int, Floats] = {}
    for stop in [*stops, rows]:
        status = engine.advance(stop)
        while status == Status.WAKE:
            answer = case["answers"].get(engine.row) or Answer()
            weights[0] = np.nan if answer.weights is None else answer.weights
            answered[engine.row] = weights[0].copy()
            if reload:
                engine.replace_book(copy_book(engine.book))
            status = engine.advance(stop, weights, requests_of(answer), curves_of(answer))
        assert status == Status.END
        if reload:
            engine.replace_book(copy_book(engine.book))
    assert engine.book.record["phase"][0] == Phase.ROW_START
    waiting, unfilled = left_working(engine.book, np.argsort(np.array(case["symbols"]), kind="stable"))
    return SimpleNamespace(
        rows=engine.rows.copy(),
        fills=engine.fills.copy(),
        decisions=np.concatenate([engine.decisions, waiting]),
        events=Story(engine._market, engine.first).tell(engine.fills, np.concatenate([engine.events, unfilled]), rows),
        quantities=engine.book.owned[0, Own.QUANTITY].copy(),
        book=engine.book,
        result=collect(engine._market, engine, case["capital"], (), answered, plan),
    )
