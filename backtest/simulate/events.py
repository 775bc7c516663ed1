"""All events of a book in the order in which they happened: what the loop wrote, and what its fills tell.

The loop writes only what nothing else says. Every fill is an event too, and what it makes of the position; a first bar
is a listing. `Event.after` counts the fills that stood in the record when something happened, which puts both in line.
"""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from backtest.market.market import Market
from backtest.schedule.event import first_bars
from backtest.types import EVENT, CancelReason, EventKind, FillReason, Records

ROUNDING = 1e-12  # of a trade: a position with no more than this is none
NO_FILL = -1
TOLD = np.dtype([*((name, EVENT[name]) for name in EVENT.names or ()), ("fill", "i8")])
"""An event of a story: `fill` is the number of the fill that it is about, counted from the beginning of the book."""

ROW, ASSET, OWNER, KIND, ORDER_ID, VALUE, REASON, AFTER = range(8)  # of a line
FILLED, OPENED, CLOSED, CANCELLED, CUT, SPLIT, SPIN_OFF, RENAME, BANKRUPT = (
    int(kind)  # comparing members of an enum takes ten times as long
    for kind in (
        *(EventKind.ORDER_FILLED, EventKind.POSITION_OPENED, EventKind.POSITION_CLOSED, EventKind.ORDER_CANCELLED),
        *(EventKind.SCALED, EventKind.SPLIT, EventKind.SPIN_OFF, EventKind.RENAME, EventKind.BANKRUPT),
    )
)
TARGET, DELISTING = int(FillReason.TARGET), int(FillReason.DELISTING)

FILL_REASONS = frozenset(
    (EventKind.ORDER_PLACED, EventKind.ORDER_FILLED, EventKind.POSITION_OPENED, EventKind.POSITION_CLOSED)
)
"""Kinds of events whose reason is that of a fill."""

LACKING = frozenset((EventKind.ORDER_CANCELLED, EventKind.CASH_FLOW))
"""Kinds of events whose reason says why something was not done, or not all of it."""

Line = tuple[Any, ...]
"""One event, its fields those of `TOLD`."""

Held = dict[tuple[int, int], float]
"""Quantities by owner and column."""


class Trade(NamedTuple):
    """What a fill says here."""

    row: int
    asset: int
    owner: int
    order_id: int
    reason: int
    quantity: float
    number: int  # counted from the beginning of the book


OF_FILL = Trade._fields[:-1]


def reason_of(kind: int, reason: int) -> str:
    """Return the word for the reason of an event, empty when it has none."""
    if kind in FILL_REASONS:
        return FillReason(reason).name.lower()
    return CancelReason(reason).name.lower() if reason and kind in LACKING else ""


def listings(market: Market, first: int) -> list[Line]:
    """Return an event for each first bar from row `first` on, by row and column."""
    at = first_bars(market)
    assets = np.flatnonzero(at >= first)
    assets = assets[np.argsort(at[assets], kind="stable")]
    kind = int(EventKind.LISTING)
    return [(int(at[i]), int(i), 0, kind, -1, float(market.close[at[i], i]), 0, 0, NO_FILL) for i in assets.tolist()]


class Story:
    """The events of one book, told piece by piece: `tell` goes on where it stopped."""

    def __init__(self, market: Market, first: int, held: Held | None = None, n_fills: int = 0) -> None:
        """Begin at row `first`, with what is `held` by then after `n_fills` fills."""
        self.held: Held = dict(held or {})
        self._listings = deque(listings(market, first))
        self.n_fills = n_fills  # of the book that were told
        self._dones: dict[int, deque[float]] = {}  # by fill: what of it was done before each further part
        self._parted: dict[int, tuple[Trade, deque[float]]] = {}  # by order: its last fill of several parts
        self._waiting: deque[tuple[Trade, float]] = (
            deque()
        )  # fills of a basket whose second half opens, and their first
        self._rest: deque[Line] = deque()  # events that are still to be told
        self._lines: list[Line] = []

    def tell(self, fills: Records, events: Records, end: int) -> Records:
        """Return the events up to row `end`; `fills` and `events` are what was written since the last call."""
        trades = list(map(Trade, *(fills[name].tolist() for name in OF_FILL), count(self.n_fills)))
        self._lines = []
        self._rest = deque(
            zip(*(events[name].tolist() for name in EVENT.names or ()), [NO_FILL] * len(events), strict=True)
        )
        self._find_parts(trades)
        for trade in trades:
            self._pass_events()
            self._list_until(trade.row)
            self.n_fills += 1
            self._tell_trade(trade)
        self._pass_events()
        self._open_waiting()
        self._list_until(end)
        return np.array(self._lines, TOLD)

    def listing_rows(self, end: int) -> list[int]:
        """Return the rows up to `end` whose listings are still to be told."""
        return [line[ROW] for line in self._listings if line[ROW] <= end]

    def _find_parts(self, trades: list[Trade]) -> None:
        """Note which fills were made in more than one part."""
        latest: dict[int, int] = {}
        self._dones, k = {}, 0
        for event in self._rest:
            if event[KIND] == FILLED:
                while self.n_fills + k < event[AFTER]:
                    k += 1
                    latest[trades[k - 1].order_id] = self.n_fills + k
                self._dones.setdefault(latest[event[ORDER_ID]], deque()).append(event[VALUE])

    def _list_until(self, row: int) -> None:
        """Tell the listings up to a row: they are the first events of theirs."""
        while self._listings and self._listings[0][ROW] <= row:
            self._open_waiting()
            self._lines.append(self._listings.popleft())

    def _pass_events(self) -> None:
        """Tell what happened before the next fill."""
        while self._rest and self._rest[0][AFTER] <= self.n_fills:
            event = self._rest.popleft()
            self._list_until(event[ROW])
            if event[KIND] == FILLED:
                self._tell_further_part(event)
            else:
                if event[KIND] != CUT:
                    self._open_waiting()
                self._lines.append(event)
                if event[KIND] == BANKRUPT:
                    self._listings.clear()  # nothing happens to an account that has ended
                self._move(event)

    def _move(self, event: Line) -> None:
        """Let a corporate action change what is held."""
        owner, asset, value = event[OWNER], event[ASSET], event[VALUE]
        if event[KIND] == SPLIT:
            self.held[owner, asset] *= value
        elif event[KIND] == SPIN_OFF:
            self.held[owner, asset] = self.held.get((owner, asset), 0.0) + value
        elif event[KIND] == RENAME:
            self.held[owner, int(value)] = self.held.pop((owner, asset))

    def _tell_trade(self, trade: Trade) -> None:
        """Tell a fill, or the first part of one."""
        old = self.held.get((trade.owner, trade.asset), 0.0)
        is_basket = trade.reason == TARGET
        if self._waiting and (not is_basket or self._waiting[0][0].row != trade.row):
            self._open_waiting()
        elif self._waiting and old * trade.quantity >= 0.0:
            self._open_waiting(trade.order_id)
        if trade.reason == DELISTING:
            self._change(trade, CLOSED, old)
            self.held[trade.owner, trade.asset] = 0.0
        elif self.n_fills in self._dones:
            dones = self._dones[self.n_fills]
            self._parted[trade.order_id] = trade, dones
            self._tell_part(trade, dones[0])
        elif is_basket and old * (old + trade.quantity) < 0.0:
            self._waiting.append((trade, -old))
            self._tell_part(trade, -old)
        else:
            self._tell_part(trade, trade.quantity)

    def _tell_further_part(self, event: Line) -> None:
        trade, dones = self._parted[event[ORDER_ID]]
        done = dones.popleft()
        self._tell_part(trade, (dones[0] if dones else trade.quantity) - done)

    def _open_waiting(self, before: float = np.inf) -> None:
        """Tell the second halves of a basket's orders with numbers below `before`."""
        while self._waiting and self._waiting[0][0].order_id < before:
            trade, done = self._waiting.popleft()
            self._tell_part(trade, trade.quantity - done)

    def _tell_part(self, trade: Trade, quantity: float) -> None:
        """Tell a part of a fill, and what it makes of the position."""
        old = self.held.get((trade.owner, trade.asset), 0.0)
        new = old + quantity
        if trade.reason != TARGET and abs(new) <= ROUNDING * abs(quantity):
            new = 0.0
        self.held[trade.owner, trade.asset] = new
        self._change(trade, FILLED, quantity)
        turned = old * new <= 0.0
        if old != 0.0 and turned:
            self._pass_vanished()
            self._change(trade, CLOSED, old)
        if new != 0.0 and turned:
            self._change(trade, OPENED, new)

    def _pass_vanished(self) -> None:
        """Tell which orders went with the position that a fill has just ended, and their children."""
        allowed: tuple[int, ...] = (CancelReason.POSITION_CLOSED,)
        while self._rest and self._rest[0][AFTER] <= self.n_fills and self._rest[0][REASON] in allowed:
            if self._rest[0][KIND] != CANCELLED:
                return
            self._lines.append(self._rest.popleft())
            allowed = (CancelReason.POSITION_CLOSED, CancelReason.PARENT)

    def _change(self, trade: Trade, kind: int, value: float) -> None:
        of = trade.row, trade.asset, trade.owner, kind, trade.order_id, value, trade.reason
        self._lines.append((*of, self.n_fills, trade.number))
