"""Event: something has happened to the book, or a new bar is there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from backtest.errors import unknown
from backtest.market.market import Market
from backtest.market.transfers import renames_of
from backtest.schedule.base import Trigger
from backtest.types import ActionKind, Bools, EventKind, Ints

BAR = "bar"
"""The name of every bar."""

GROUPS: dict[str, tuple[EventKind, ...]] = {
    "corporate_action": (
        EventKind.SPLIT,
        EventKind.DIVIDEND,
        EventKind.DELISTING,
        EventKind.SPIN_OFF,
        EventKind.RENAME,
    ),
}
"""Names that stand for several kinds."""

AHEAD = (BAR, EventKind.LISTING.name.lower())
"""Names whose rows are known before anything is simulated."""

KINDS = {**{kind.name.lower(): (kind,) for kind in EventKind}, **GROUPS}
"""The kinds behind each name."""

NOT_WAKING = {
    "bankrupt": "nobody is asked after the end of the account",
    "unfilled_at_end": "nobody is asked after the last bar",
    "trigger_fired": f"being asked is a trigger that fires, so that it would never end; every bar is {BAR!r}",
    "performance_update": f"it is the record of every bar, which is {BAR!r}",
}

WAKING = (BAR, *(name for name in KINDS if name not in NOT_WAKING))
"""The names on which a strategy may be asked."""

NOT_YET = {"risk_limit_exceeded": "nothing raises it: there are no risk limits yet"}
"""Names that are kept for what will raise them."""

if TYPE_CHECKING:
    EventName = str
else:
    EventName = Literal[WAKING]


def wrong_names(names: Any, allowed: Iterable[str]) -> str:
    """Say what is wrong with names of events, empty when they all are among `allowed`."""
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        return f'received {names!r}; expected names of events, such as ("order_filled",)'
    for name in names:
        if name in NOT_YET:
            return f"{name!r} is kept for later: {NOT_YET[name]}"
        if name not in allowed:
            return (
                f"{name!r} wakes nobody: {NOT_WAKING[name]}" if name in NOT_WAKING else unknown("event", name, allowed)
            )
    return ""


def first_bars(market: Market) -> Ints:
    """Return the row of each asset's first bar, `(N,)`, −1 where there is none before it has left the market."""
    at: Ints = market.first_bars()
    gone = market.actions[market.actions["kind"] == ActionKind.DELISTING]
    for action in gone[gone["row"] < at[gone["asset"]]]:
        at[action["asset"]] = -1
    begun = at >= 0
    for action in renames_of(market.actions):
        if begun[action["asset"]]:
            at[action["other"]] = -1  # a new name is no new company
            begun[action["other"]] = True
    return at


class OnEvent(Trigger):
    """Act when something has happened since the triggers were last looked at, at the close of the bar.

    `bar` is every bar. What comes after that look in a row (orders that an answer places, fills at the same close) is
    seen at the close of the next one, and so is a margin call, which takes the place of the row's own decision.
    """

    event: EventName
    """What has to happen: `bar`, or the name of an event as in `events.parquet`."""

    then: Literal["decide", "reapply"] = "decide"
    """What to do: ask the strategy for new targets, or send the last ones again (no wake)."""

    @property
    def label(self) -> str:
        """``position_closed``; with ``reapply`` behind it when nobody is asked."""
        return self.event + ("" if self.wakes else " reapply")

    @property
    def wakes(self) -> bool:
        """Unless told to send the last targets again."""
        return self.then == "decide"

    @property
    def begins(self) -> bool:
        """Only a bar and a listing come before the first decision."""
        return self.event in AHEAD

    @property
    def kinds(self) -> tuple[EventKind, ...]:
        """Events that the loop has to listen for."""
        return () if self.event in AHEAD else KINDS[self.event]

    def rows(self, market: Market) -> Bools:
        """Return every row for `bar`, those of first bars for `listing`; else none are known."""
        fires = np.full(market.n_rows, self.event == BAR)
        if self.event in AHEAD and self.event != BAR:
            at = first_bars(market)
            fires[at[at >= 0]] = True
        return fires
