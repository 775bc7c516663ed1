"""The events of a result as the table of a run folder."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from backtest.metrics.ledger import COSTS
from backtest.simulate.events import NO_FILL, reason_of
from backtest.simulate.result import Result
from backtest.strategy.event import PRICED, VALUE_NAMES
from backtest.types import EventKind, Floats, Ints, Records
from backtest.workspace.tables import stamps, symbols

EVENT_TEXTS = {
    EventKind.HALTED: "order for {value:g} lapsed: no bar at its fill",
    EventKind.UNTRADABLE_TARGET: "target of {value:.4%} stays cash: not held and no bar",
    EventKind.SHORT_DROPPED: "opening of {value:g} dropped: a cash account holds no shorts",
    EventKind.SCALED: "openings cut to {value:.4%}: no more could be paid for, or covered",
    EventKind.COST_EXCEEDS_EQUITY: "trade of {value:g} dropped: its cost could not be paid",
    EventKind.BANKRUPT: "account ended with an equity of {value:g}",
    EventKind.SPLIT: "{value:g} new units for each old one",
    EventKind.DIVIDEND: "received {value:g} in cash",
    EventKind.DELISTING: "received {value:g} in cash for the whole position",
    EventKind.UNFILLED_AT_END: "order for {value:g} still working when the data ended",
    EventKind.STALE: "held at a price that is {value:g} sessions old",
    EventKind.MARGIN_CALL: "{value:.2f} are missing to the maintenance margin",
    EventKind.ORDER_CANCELLED: "order for {value:g} will not trade any more",
    EventKind.CAPPED: "order for {value:g} lapsed: the volume did not reach for it",
    EventKind.BELOW_MINIMUM: "order worth {value:.2f} not sent: below the smallest order",
    EventKind.NOT_IN_UNIVERSE: "target of {value:.4%} stays cash: not in the universe",
    EventKind.LISTING: "first bar, at {value:g}",
    EventKind.ORDER_PLACED: "order for {value:g} placed ({reason})",
    EventKind.ORDER_FILLED: "{value:g} filled at {price:g}",
    EventKind.POSITION_OPENED: "position of {value:g} opened at {price:g}",
    EventKind.POSITION_CLOSED: "position of {value:g} closed at {price:g}",
    EventKind.REBALANCE_COMPLETED: "basket done, {value:.4%} of its openings filled",
    EventKind.TRIGGER_FIRED: "fired: {reason}",
    EventKind.CASH_FLOW: "{value:+.2f} from outside",
    EventKind.SPIN_OFF: "received {value:g} units, given for each unit held of its parent",
    EventKind.RENAME: "has a new name, {reason}, under which the position goes on",
}


KIND_NAMES = np.array([kind.name.lower() for kind in EventKind])
TEXTS = [EVENT_TEXTS[kind] for kind in EventKind]
VALUES = np.array([VALUE_NAMES[kind] for kind in EventKind], object)
"""By the number of a kind."""


def events_table(result: Result) -> pa.Table:
    """What happened to the book, in its order; a result that cannot tell all of it has what befell the account."""
    lines = result.story() if result.tells_all else result.events
    kinds, prices, costs = lines["kind"].astype(np.int64), *_paid(result, lines)
    reasons = _reasons(result, lines)
    return pa.table(
        {
            "time": stamps(result, lines["row"]),
            "kind": pa.array(KIND_NAMES[kinds].tolist(), pa.string()),
            "symbol": symbols(result, lines["asset"]),
            "owner": lines["owner"].astype(np.int64),
            "order_id": lines["order_id"].astype(np.int64),
            "value": lines["value"].copy(),
            "reason": pa.array([reason or None for reason in reasons], pa.string()),
            "tag": pa.array([result.tags.get(number) for number in lines["order_id"].tolist()], pa.string()),
            "payload": _payloads(kinds, lines["value"], prices, costs),
            "text": pa.array(
                [
                    TEXTS[kind].format(value=value, price=price, reason=reason)
                    for kind, value, price, reason in zip(
                        kinds.tolist(), lines["value"].tolist(), prices.tolist(), reasons, strict=True
                    )
                ],
                pa.string(),
            ),
        }
    )


def _reasons(result: Result, lines: Records) -> list[str]:
    """The word for each reason; which triggers fired is said by their labels, a new name by itself."""
    pairs = list(zip(lines["kind"].tolist(), lines["reason"].tolist(), strict=True))
    words = {pair: _reason(result, *pair) for pair in set(pairs)}
    told = [words[pair] for pair in pairs]
    for k in np.flatnonzero(lines["kind"] == EventKind.RENAME):
        told[k] = str(result.market.symbols[int(lines["value"][k])])
    return told


def _reason(result: Result, kind: int, reason: int) -> str:
    if kind == EventKind.TRIGGER_FIRED:
        return "; ".join(label for k, label in enumerate(result.labels) if reason >> k & 1)
    return reason_of(kind, reason)


def _payloads(kinds: Ints, values: Floats, prices: Floats, costs: Floats) -> pa.Array:
    """The numbers of each event by name, as `payload_of` names them: its value, a price and a cost if it has any."""
    priced, filled = np.isin(kinds, [int(kind) for kind in PRICED]), kinds == EventKind.ORDER_FILLED
    ends = np.cumsum(1 + priced + filled)
    starts = ends - (1 + priced + filled)
    items = np.empty(ends[-1] if len(ends) else 0)
    names = np.empty(len(items), object)
    names[starts], items[starts] = VALUES[kinds], values
    names[starts[priced] + 1], items[starts[priced] + 1] = "price", prices[priced]
    names[starts[filled] + 2], items[starts[filled] + 2] = "cost", costs[filled]
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    return pa.MapArray.from_arrays(offsets, pa.array(names, pa.string()), pa.array(items, pa.float64()))


def _paid(result: Result, lines: Records) -> tuple[Floats, Floats]:
    """Prices of the fills that events are about, and the costs of their units; NaN for the others."""
    price, cost = np.full(len(lines), np.nan), np.full(len(lines), np.nan)
    if not result.tells_all:
        return price, cost
    about = lines["fill"] != NO_FILL
    fills = result.fills[lines["fill"][about]]
    whole = sum((fills[kind] for kind in COSTS), np.zeros(len(fills)))
    price[about] = fills["price"]
    cost[about] = whole * np.abs(lines["value"][about] / np.where(fills["quantity"] != 0.0, fills["quantity"], 1.0))
    return price, cost
