"""The compiled loop, with its arguments made canonical once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest.kernels.book import ROW, Bars, Book, Output, Plan, Rules
from backtest.kernels.simulate import DECISIONS_A_ROW, EVENTS_A_ROW, FILLS_A_ROW, advance_full, advance_lean
from backtest.market.market import Market
from backtest.types import DECISION, EVENT, FILL, ActionKind, Floats, Ints, Records, Status


@dataclass(frozen=True)
class Terms:
    """What a simulation is told besides prices: one record of rules, lots, triggers known ahead and drift bands."""

    rule: Records  # (1,) of types.RULES
    lots: Floats  # (N,)
    fires: Ints  # (T,)
    bands: Floats  # (D,)
    band_bits: Ints  # (D,)


def fixed(values: Any, dtype: Any = np.float64) -> Any:
    """Return a C-ordered read-only view: the one form in which bars, plans and rules enter the kernel."""
    view = np.ascontiguousarray(values, dtype).view()
    view.flags.writeable = False
    return view


def bars_of(market: Market, lots: Floats) -> Bars:
    """What the loop reads of a market. Sessions become ordinals; without opens nothing ever looks at the open."""
    ordinal = np.cumsum(np.diff(market.session, prepend=market.session[:1]) != 0)
    delisted = market.actions["row"][market.actions["kind"] == ActionKind.DELISTING]
    complete = market.complete.copy()
    complete[delisted] = False
    actions = market.actions.view()
    actions.flags.writeable = False
    return Bars(
        fixed(market.close if market.open is None else market.open),
        fixed(market.close),
        fixed(complete, np.bool_),
        fixed(ordinal, np.int64),
        actions,
        fixed(np.argsort(market.symbols, kind="stable"), np.int64),
        fixed(lots),
    )


class Engine:
    """A book, the bars it lives on, and what it has done so far.

    `advance` runs until Python is needed. Output grows in place; `fills`, `decisions` and `events` are what was
    written.
    """

    def __init__(
        self, market: Market, book: Book, terms: Terms, plan: Plan | None = None, fills_expected: int = 0
    ) -> None:
        self.book = book
        self.first = int(terms.rule["first"][0])
        self._advance = advance_full if len(market.actions) else advance_lean
        self._bars = bars_of(market, terms.lots)
        self._rules = Rules(
            terms.rule, fixed(terms.fires, np.int64), fixed(terms.bands), fixed(terms.band_bits, np.int64)
        )
        self._plan = plan or Plan(fixed(np.full(market.n_rows, -1), np.int64), fixed(np.empty((0, market.n_assets))))
        self._silent = np.full((len(book.owners), market.n_assets), np.nan)
        cells = book.owned.shape[0] * book.owned.shape[2]
        self.rows: Records = np.empty(market.n_rows - self.first, ROW)
        self._output = Output(
            self.rows,
            np.empty(fills_expected + FILLS_A_ROW * cells, FILL),
            np.empty(256 + DECISIONS_A_ROW * len(book.owners), DECISION),
            np.empty(256 + EVENTS_A_ROW * (cells + 1), EVENT),
        )
        self._bind()

    def _bind(self) -> None:
        self._arguments = (*self.book, *self._bars, *self._plan, *self._rules, *self._output)

    def advance(self, stop: int, answer: Floats | None = None) -> Status:
        """Run rows up to `stop`; `answer` `(S, N)` is taken when the book waits for one."""
        given = self._silent if answer is None else answer
        while True:
            status = self._advance(*self._arguments, given, stop)
            if status != Status.BUFFER:
                return Status(status)
            self._grow()

    def replace_book(self, book: Book) -> None:
        """Go on from another book, as loaded from disk."""
        self.book = book
        self._bind()

    def _grow(self) -> None:
        """Double the output."""
        rows, *tables = self._output
        self._output = Output(rows, *(np.concatenate([table, np.empty_like(table)]) for table in tables))
        self._bind()

    @property
    def row(self) -> int:
        """The next row to process, or the one being decided."""
        return int(self.book.record["row"][0])

    @property
    def fills(self) -> Records:
        """Fills so far."""
        return self._output.fills[: int(self.book.record["n_fills"][0])]

    @property
    def decisions(self) -> Records:
        """Finished baskets so far."""
        return self._output.decisions[: int(self.book.record["n_decisions"][0])]

    @property
    def events(self) -> Records:
        """Events so far."""
        return self._output.events[: int(self.book.record["n_events"][0])]
