"""Callbacks: who listens to a run is told what has happened, after the decisions of its row, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pandas as pd

from backtest.errors import InputError
from backtest.market.market import Market
from backtest.schedule.event import KINDS, wrong_names
from backtest.simulate.chronicle import NO_EVENTS, Chronicle
from backtest.simulate.engine import Engine
from backtest.strategy.event import PERFORMANCE_UPDATE, Event
from backtest.types import Records

TOLD_ONCE = 3  # failures of one callback that are told one by one; the others are counted
HEARD = (*KINDS, PERFORMANCE_UPDATE)
"""The names that callbacks may be registered for."""

Callback = Callable[[Event], Any]


@dataclass(frozen=True)
class CallbackError:
    """A callback that raised: the name it is registered for, the event that it was told, and what it raised."""

    name: str
    event: Event
    error: Exception

    def __str__(self) -> str:
        """Say it in one line."""
        return f"callback on {self.name!r} raised {type(self.error).__name__}: {self.error} ({self.event})"


class Callbacks:
    """Functions by the name of the event that they want to hear of. One that raises is noted, and told of the next."""

    def __init__(self, on: Mapping[str, Callback], run: str = "") -> None:
        """Raise InputError when a name is none of an event, or something cannot be called; events name the `run`."""
        if wrong := wrong_names(list(on), HEARD):
            raise InputError(f"on: {wrong}")
        for name, callback in on.items():
            if not callable(callback):
                raise InputError(f"on: received {callback!r} for {name!r}; expected a function of one event")
        self._on: dict[str, list[tuple[str, Callback]]] = {}
        for name, callback in on.items():
            for each in [kind.name.lower() for kind in KINDS[name]] if name in KINDS else [name]:
                self._on.setdefault(each, []).append((name, callback))
        self.errors: list[CallbackError] = []
        self._run = run

    def listen(self, engine: Engine, market: Market, labels: tuple[str, ...], tags: Mapping[int, str]) -> None:
        """Begin with an engine that has not run yet."""
        self._engine, self._next = engine, engine.first
        self._chronicle = Chronicle(engine, market, labels, tags)
        self._ends = market.end.max(axis=1)
        self._positions: Mapping[str, float] = MappingProxyType({})

    def tell(self, end: int, more: Records = NO_EVENTS) -> None:
        """Tell everything up to row `end`, which has to be over; `more` are events of the end of the data."""
        for page in self._chronicle.pages(end, more):
            self._update(page.row)
            self._positions = page.positions
            for event in self._chronicle.events(page):
                self._call(event)
        self._update(end + 1)

    def _update(self, row: int) -> None:
        """Tell of the bars before `row` that are over and have not been told of."""
        if PERFORMANCE_UPDATE in self._on:
            for each in range(self._next, row):
                self._call(self._record(each))
        self._next = max(self._next, row)

    def _record(self, row: int) -> Event:
        equity, cash = self._engine.money(row)
        payload = MappingProxyType({"equity": equity, "cash": cash, "return": self._engine.earned(row)})
        time = pd.Timestamp(int(self._ends[row]), unit="ns", tz="UTC")
        return Event(
            PERFORMANCE_UPDATE, time, None, equity, "", None, 0, "", payload, equity, cash, self._positions
        )  # fmt: skip

    def _call(self, event: Event) -> None:
        event = replace(event, run=self._run) if self._run else event
        for name, callback in self._on.get(event.kind, ()):
            try:
                callback(event)
            except Exception as error:
                self.errors.append(CallbackError(name, event, error))

    def failures(self) -> list[str]:
        """Say which callbacks raised: the first times of each, and how often."""
        said: list[str] = []
        for name in dict.fromkeys(failed.name for failed in self.errors):
            of_name = [failed for failed in self.errors if failed.name == name]
            said += [str(failed) for failed in of_name[:TOLD_ONCE]]
            if len(of_name) > TOLD_ONCE:
                said.append(f"callback on {name!r} raised {len(of_name) - TOLD_ONCE} more times")
        return said
