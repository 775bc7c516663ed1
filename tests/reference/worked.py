"""What the worked examples share: a market of one asset from a few bars, and short forms of what happened."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from . import Answer, Order, Outcome, simulate

NAN = math.nan
NO_BAR = (NAN, NAN, NAN, NAN)
Bar = tuple[float, ...]  # open, high, low, close and perhaps volume


def run(bars: Sequence[Bar], answers: Mapping[int, Any] | None = None, **options: Any) -> Outcome:
    """Simulate one asset and 1000 of money; an answer is an `Answer`, weights, or the orders alone."""
    return run_all([[bar] for bar in bars], answers, **options)


def run_all(rows: Sequence[Sequence[Bar]], answers: Mapping[int, Any] | None = None, **options: Any) -> Outcome:
    """Simulate several assets, named A, B, C, ...; a row holds one bar an asset."""
    names = ("open", "high", "low", "close", "volume")[: len(rows[0][0])]
    tables = {name: [[bar[k] for bar in row] for row in rows] for k, name in enumerate(names)}
    plan = {row: as_answer(answer) for row, answer in (answers or {}).items()}
    options = {"capital": 1000.0, "symbols": "ABCDEFGH"[: len(rows[0])]} | options
    return simulate(plan=plan, **tables, **options)


def as_answer(answer: Any) -> Any:
    """Read a single order, or a list of orders, as an answer."""
    if isinstance(answer, Order):
        return Answer(orders=[answer])
    if isinstance(answer, (list, tuple)) and answer and isinstance(answer[0], Order):
        return Answer(orders=answer)
    return answer


def trades(out: Outcome) -> list[tuple[int, float, float]]:
    """Row, quantity and price of every fill."""
    return [(fill.row, fill.quantity, fill.price) for fill in out.fills]


def reasons(out: Outcome) -> list[tuple[int, str]]:
    """Row and reason of every fill."""
    return [(fill.row, fill.reason) for fill in out.fills]


def cancels(out: Outcome) -> list[tuple[int, int, str]]:
    """Row, order and reason of every cancel."""
    return [(e.row, e.order_id, e.reason) for e in out.events if e.kind == "order_cancelled"]
