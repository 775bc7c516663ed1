"""The events of a running simulation, as they come: for those who are asked, and for those who only listen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from backtest.kernels.book import Own
from backtest.market.market import Market
from backtest.simulate.engine import Engine
from backtest.simulate.events import Story, reason_of
from backtest.strategy.event import Event, payload_of
from backtest.types import EVENT, EventKind, FillReason, Phase, Records

COSTS = ("commission", "spread", "slippage", "impact")
NO_EVENTS: Records = np.empty(0, EVENT)


class Page(NamedTuple):
    """What happened in one row: its events, the fills that they speak of, and what was held after them."""

    row: int
    lines: Records  # of events.TOLD
    fills: Records
    first_fill: int  # number of the first of them
    positions: Mapping[str, float]


class Chronicle:
    """Reads what an engine writes, once, from where the engine stood when the chronicle was made."""

    def __init__(self, engine: Engine, market: Market, labels: Sequence[str], tags: Mapping[int, str]) -> None:
        self._engine, self._market, self._labels, self._tags = engine, market, labels, tags
        book = engine.book
        quantities = book.owned[:, Own.QUANTITY]
        held = {(int(s), int(i)): float(quantities[s, i]) for s, i in np.argwhere(quantities)}
        n_fills = int(book.record["fills_before"][0] + book.record["n_fills"][0])
        played = int(book.record["phase"][0] == Phase.DECIDE)  # the row that waits for an answer
        self._written = engine.written
        self._story = Story(market, max(engine.row + played, engine.first), held, n_fills)
        self._ends = market.end.max(axis=1)

    def pages(self, end: int, more: Records = NO_EVENTS) -> Iterator[Page]:
        """Return what was written since the last call, up to row `end`, and `more`, row by row where anything happened.

        A row that is not over when it is read has another page later.
        """
        fills, events = self._engine.written_since(self._written)
        fills, events = fills[fills["row"] <= end], events[events["row"] <= end]
        self._written = self._written[0] + len(fills), self._written[1] + len(events)
        events = np.concatenate([events, more]) if len(more) else events
        rows = np.union1d(np.union1d(fills["row"], events["row"]), self._story.listing_rows(end)).astype(np.int64)
        starts = [np.searchsorted(table["row"], rows) for table in (fills, events)]
        stops = [np.searchsorted(table["row"], rows, side="right") for table in (fills, events)]
        for k, row in enumerate(rows.tolist()):
            of_row = fills[starts[0][k] : stops[0][k]]
            lines = self._story.tell(of_row, events[starts[1][k] : stops[1][k]], row)
            yield Page(row, lines, of_row, self._story.n_fills - len(of_row), self._positions())

    def _positions(self) -> Mapping[str, float]:
        symbols = self._market.symbols
        held: dict[str, float] = {}
        for (_, i), quantity in self._story.held.items():
            if quantity != 0.0:
                held[str(symbols[i])] = held.get(str(symbols[i]), 0.0) + quantity
        return MappingProxyType(held)

    def events(self, page: Page) -> Iterator[Event]:
        """Return the events of a page as strategies and callbacks see them."""
        equity, cash = self._engine.money(page.row)
        time = pd.Timestamp(int(self._ends[page.row]), unit="ns", tz="UTC")
        for line in page.lines:
            kind, number = EventKind(int(line["kind"])), int(line["order_id"])
            yield Event(
                kind=kind.name.lower(),
                time=time,
                symbol=str(self._market.symbols[line["asset"]]) if line["asset"] >= 0 else None,
                value=float(line["value"]),
                reason=self._reason(kind, line),
                order_id=number if number >= 0 else None,
                owner=int(line["owner"]),
                tag=self._tags.get(_asked(page, line), ""),
                payload=payload_of(kind, float(line["value"]), *_paid(page, line)),
                equity=equity,
                cash=cash,
                positions=page.positions,
            )

    def _reason(self, kind: EventKind, line: Any) -> str:
        """Return a word, or the triggers that fired, or the new name."""
        if kind is EventKind.TRIGGER_FIRED:
            return "; ".join(self._fired(int(line["reason"])))
        if kind is EventKind.RENAME:
            return str(self._market.symbols[int(line["value"])])
        return reason_of(kind, int(line["reason"]))

    def _fired(self, bits: int) -> list[str]:
        return [label for k, label in enumerate(self._labels) if bits >> k & 1]

    def since(self, row: int, now: int) -> tuple[Event, ...]:
        """Return the events after the triggers were watched in `row`, the row of the last wake, up to row `now`."""
        found: list[Event] = []
        for page in self.pages(now):
            if page.row >= row:
                found += self.events(page._replace(lines=after_watch(page.lines) if page.row == row else page.lines))
        return tuple(found)


def after_watch(lines: Records) -> Records:
    """Return what happened in a row after its triggers had fired; all of it when that was told before."""
    fired = np.flatnonzero(lines["kind"] == EventKind.TRIGGER_FIRED)
    return lines[fired[-1] + 1 :] if len(fired) else lines


def _asked(page: Page, line: Any) -> int:
    """Number of the order that an event is about, of a slice that of its parent."""
    if line["fill"] >= 0:
        fill = page.fills[int(line["fill"]) - page.first_fill]
        if fill["reason"] == FillReason.SLICED:
            return int(fill["parent_id"])
    return int(line["order_id"])


def _paid(page: Page, line: Any) -> tuple[float, float]:
    """Price, and cost of its units, of the fill that an event is about; NaN without one."""
    k = int(line["fill"]) - page.first_fill
    if line["fill"] < 0:
        return np.nan, np.nan
    fill = page.fills[k]
    cost = sum(float(fill[name]) for name in COSTS)
    whole = abs(float(fill["quantity"]))
    return float(fill["price"]), cost * abs(float(line["value"])) / whole if whole else cost
