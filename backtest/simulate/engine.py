"""The compiled loop, with its arguments made canonical once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backtest.costs import CASH, Account
from backtest.kernels._blocks import hand_over
from backtest.kernels.book import Bars, Book, Fees, Output, Plan, Rates, Row, Rules, Stamp, Work
from backtest.kernels.simulate import (
    DECISIONS_A_ROW,
    EVENTS_A_ROW,
    EVENTS_AN_ORDER,
    FILLS_A_ROW,
    FILLS_AN_ORDER,
    advance_full,
    advance_lean,
)
from backtest.market.market import Market
from backtest.market.stream.lazy import LazyRows
from backtest.simulate.book import with_curves, with_lag, with_room, with_slots
from backtest.simulate.feed import TO_COME, Feed
from backtest.simulate.output import Pages, Rows
from backtest.simulate.unknown_cost import RATES_OF, unknown_cost, unknown_rate
from backtest.types import (
    CLOSED,
    DECISION,
    EVENT,
    FILL,
    REQUEST,
    ActionKind,
    Bools,
    CostShape,
    Fault,
    Fill,
    Floats,
    Ints,
    Records,
    Status,
)

FEW_DECISIONS, FEW_EVENTS = 1_024, 1_024  # what a first page holds
MOST_FILLS = 2_000_000  # a first page for more would ask for more than 200 MB that may never be written
YEAR_NS = 365 * 86_400 * 10**9
STATUS: tuple[Status, ...] = tuple(Status)  # an enum's constructor takes a microsecond


NOTHING: Floats = np.empty((3, 0))
NOBODY: Bools = np.empty(0, np.bool_)
NO_FLOWS: Floats = np.empty((0, 2))
NO_REQUESTS: Records = np.empty(0, REQUEST)
NO_CURVES: Floats = np.empty((0, 0))


@dataclass(frozen=True)
class Terms:
    """What a simulation is told besides prices: one record of rules, lots, triggers known ahead, bands, the account."""

    rule: Records  # (1,) of types.RULES
    lots: Floats  # (N,)
    fires: Ints  # (T,)
    bands: Floats  # (D,)
    band_bits: Ints  # (D,)
    account: Account = CASH
    fees: Fees | None = None  # None: `rule` says it all
    exits: Floats = field(default_factory=lambda: NOTHING)  # (3, N) stops, targets, trails: parts of the entry price
    ticks: Floats = field(default_factory=lambda: NOTHING[0])  # (N,) money per tick of levels; empty: not rounded
    rates: Rates | None = None  # None: holding earns and costs nothing
    flows: Floats = field(default_factory=lambda: NO_FLOWS)  # (T, 2) money that comes or goes, and parts of the equity

    @property
    def tells_all(self) -> bool:
        """Whether every event can be told."""
        return bool(self.rule["all_events"][0])


def fixed(values: Any, dtype: Any = np.float64) -> Any:
    """Return a C-ordered read-only view: the one form in which bars, plans and rules enter the kernel."""
    view = np.ascontiguousarray(values, dtype).view()
    view.flags.writeable = False
    return view


def rows_of(values: Any, dtype: Any = np.float64) -> Any:
    """Return a field as the kernel takes it; of a streamed one a place for the rows that are still to come."""
    return fixed(np.empty(TO_COME) if isinstance(values, LazyRows) else values, dtype)


def complete_rows(market: Market) -> Any:
    """Say in which rows every asset has a bar and none is delisted, `(T,)`; of a stream, as far as it was read."""
    complete = market.complete.copy()
    complete[market.actions["row"][market.actions["kind"] == ActionKind.DELISTING]] = False
    return fixed(complete, np.bool_)


def bars_of(market: Market, terms: Terms) -> Bars:
    """What the loop reads of a market. Sessions become ordinals; without opens closes are the first prices of a row."""
    ordinal = np.arange(market.n_rows)
    begins = market.session[1:] != market.session[:-1]
    if not begins.all():  # a sum of a million truth values takes four times as long
        np.cumsum(begins, out=ordinal[1:])
    actions = market.actions.view()
    actions.flags.writeable = False
    whole = terms.rule["whole"][0] == 1
    ranges = (market.high, market.low, market.volume)
    high, low, volume = (rows_of(NOTHING if prices is None or not whole else prices) for prices in ranges)
    return Bars(
        rows_of(market.close if market.open is None else market.open),
        rows_of(market.close),
        complete_rows(market),
        fixed(ordinal, np.int64),
        actions,
        fixed(np.argsort(market.symbols, kind="stable"), np.int64),
        fixed(terms.lots),
        fixed(years_between(market) if terms.rule["financed"][0] else np.empty(0)),
        high,
        low,
        volume,
        fixed(terms.exits),
        fixed(terms.ticks if len(terms.ticks) or not whole else np.zeros(market.n_assets)),
        rows_of(np.empty((0, 0)) if market.member is None else market.member, np.bool_),
        fixed(NOTHING if terms.rates is None else terms.rates.money),
        rows_of(NOTHING if terms.rates is None else terms.rates.borrow),
        rows_of(NOTHING if terms.rates is None else terms.rates.funding),
        fixed(NOBODY if terms.rates is None else terms.rates.perpetual, np.bool_),
    )


def clocks_of(market: Market, work: Floats) -> dict[str, Any]:
    """Return whose clock each asset has, what each row is to each clock, and the scratch block to be read.

    Empty where there is one clock.
    """
    if market.n_clocks == 1:
        none = fixed(np.empty((0, 0, 0)), np.int64)
        return {"group": fixed(np.empty(0), np.int64), "stamps": none, "quotes": fixed(np.empty((0, 0)))}
    stamps = np.empty((len(Stamp), *market.start.shape), np.int64)
    stamps[Stamp.START] = np.where(market.opens, market.start, CLOSED)
    stamps[Stamp.END] = np.where(market.opens, market.end, CLOSED)
    stamps[Stamp.SESSION] = np.stack([own_sessions(market, k) for k in range(market.n_clocks)], axis=1)
    stamps[Stamp.LAST] = market.last_open
    return {"group": fixed(market.group, np.int64), "stamps": fixed(stamps, np.int64), "quotes": fixed(work)}


def own_sessions(market: Market, clock: int) -> Ints:
    """Ordinal of the session of a clock in each row, `(T,)`; between two sessions that of the last one."""
    rows = np.flatnonzero(market.opens[:, clock])
    labels = market.session[rows]
    ordinal = np.zeros(market.n_rows, np.int64)
    ordinal[rows[1:][labels[1:] != labels[:-1]]] = 1
    counted: Ints = np.cumsum(ordinal)
    return counted


def several_clocks(terms: Terms) -> Terms:
    """Return terms under which baskets may wait for their groups: that needs the whole bar."""
    rule = terms.rule.copy()
    rule["whole"] = 1
    return replace(terms, rule=rule)


def years_between(market: Market) -> Floats:
    """Years of 365 days from the end of the row before to the end of each row, `(T,)`; 0 for the first."""
    end = market.end.max(axis=1)
    years: Floats = np.diff(end, prepend=end[:1]) / YEAR_NS
    return years


def flat_fees(rule: Records, n_assets: int) -> Fees:
    """Return the tables of costs that are the same for all assets and rows."""
    none = fixed(np.zeros((1, n_assets)))
    spread = fixed(np.full((1, n_assets), rule["half_spread"][0]))
    return Fees(spread, none, none, fixed(np.empty((0, 2))), fixed(np.empty(0), np.int64))


class Engine:
    """A book, the bars it lives on, and what it has done so far.

    `advance` runs until Python is needed; `fills`, `decisions` and `events` are what was written since the engine was
    made.
    """

    def __init__(
        self, market: Market, book: Book, terms: Terms, plan: Plan | None = None, fills_expected: int | None = None
    ) -> None:
        """Begin before the first row. `fills_expected` is, when not given, every asset on every bar."""
        terms = several_clocks(terms) if market.n_clocks > 1 else terms
        self.first = int(terms.rule["first"][0])
        self.capital = float(book.record["equity"][0])  # when the engine begins
        self.said = Rows(market.n_rows - self.first, len(terms.bands) > 0, bool(terms.rule["financed"][0]))
        plain = (
            not len(market.actions)
            and not terms.rule["margin"][0]
            and not terms.rule["financed"][0]
            and not terms.rule["whole"][0]
            and not terms.rule["flowing"][0]
            and terms.rule["cost_shape"][0] == CostShape.FLAT
            and market.n_clocks == 1
        )
        self._advance = advance_lean if plain else advance_full
        self._market, self._terms = market, terms
        self._bars = bars_of(market, terms)
        self._fees = flat_fees(terms.rule, market.n_assets) if terms.fees is None else terms.fees
        self._feed = self._fed(terms.rule)
        self._rules = (terms.rule, fixed(terms.fires, np.int64), fixed(terms.bands), fixed(terms.band_bits, np.int64))
        self._flows = fixed(terms.flows)
        self._plan = plan or Plan(fixed(np.full(market.n_rows, -1), np.int64), fixed(np.empty((0, market.n_assets))))
        owners, cells = len(book.owners), book.owned.shape[0] * book.owned.shape[2]
        self._work = np.empty((len(Work), market.n_assets))
        self._clocks = clocks_of(market, self._work)
        self._silent = np.full((owners, market.n_assets), np.nan)
        expected = len(self.said) * cells if fills_expected is None else fills_expected
        self._pages = {
            "n_fills": Pages(FILL, FILLS_A_ROW * cells, min(expected, MOST_FILLS)),
            "n_decisions": Pages(DECISION, DECISIONS_A_ROW * owners, max(FEW_DECISIONS, len(self._plan.weights))),
            "n_events": Pages(EVENT, EVENTS_A_ROW * (cells + 1), FEW_EVENTS),
        }
        self._forced = 0 if market.member is None else cells  # orders that the universe may place by itself
        book = with_lag(book, int(terms.rule["settlement"][0]) * market.n_clocks)
        self.book = with_room(with_slots(book), self._forced) if terms.rule["whole"][0] else book
        self._empty(book)
        self._bind()

    def replace_book(self, book: Book) -> None:
        """Go on from another book: what was written before stays, pages start anew."""
        for count, pages in self._pages.items():
            pages.close(int(self.book.record[count][0]))
        self._empty(book)
        self.book = book
        self._bind()

    def n_written(self) -> dict[str, int]:
        """Return how many records each table has."""
        return {name: pages.count(int(self.book.record[name][0])) for name, pages in self._pages.items()}

    def written_after(self, counts: Mapping[str, int]) -> dict[str, Records]:
        """Return what each table has behind so many records."""
        return {
            name: pages.since(counts.get(name, 0), int(self.book.record[name][0])).copy()
            for name, pages in self._pages.items()
        }

    def restore(
        self, book: Book, rows: Sequence[Records], records: Sequence[Mapping[str, Records]], reached: int
    ) -> None:
        """Go on from a saved book that stands before row `reached`, with what it had written, piece by piece."""
        played = 0
        for part in rows:
            self.said.restore(played, part)
            played += len(part)
        for name, pages in self._pages.items():
            for each in records:
                pages.put(each[name])
        self._empty(book)
        self.book = book
        if book.slots.shape[2] and not self._rules[0]["whole"][0]:
            self._take_orders(NO_REQUESTS, NO_CURVES)  # orders had come before it was saved
        elif self._feed is not None:
            self._bars = bars_of(self._market, replace(self._terms, rule=self._rules[0]))
            self._feed = self._fed(self._rules[0], min(reached, self._market.n_rows - 1))
        self._bind()

    def _empty(self, book: Book) -> None:
        """Let a book begin on empty pages; its fills are counted on."""
        book.record["fills_before"] += book.record["n_fills"]
        for count in self._pages:
            book.record[count] = 0

    def _fed(self, rule: Records, row: int = 0) -> Feed | None:
        """Open the window of a streamed market on what rules ask for."""
        if self._market.stream is None:
            return None
        needs_open = self._advance is advance_full or rule["fill"][0] == Fill.NEXT_OPEN  # margin calls fill there too
        return Feed(self._market.stream, self._bars, needs_open, row, self._beside())

    def _beside(self) -> dict[str, LazyRows]:
        """Return the tables of costs and rates, by their names, that come with the rows of a stream."""
        tables = {**self._fees._asdict(), **({} if self._terms.rates is None else self._terms.rates._asdict())}
        return {name: table for name, table in tables.items() if isinstance(table, LazyRows)}

    def _bind(self) -> None:
        fees = self._fees
        if self._feed is not None:
            self._bars = self._feed.bars(self._bars)._replace(complete=complete_rows(self._market))
            fees = self._feed.fees(fees)
        known = (None, None) if self._advance is advance_lean else (fees, self._flows)
        rules = Rules(*self._rules, *known)
        bars = self._bars._replace(**self._clocks)
        self._handed = [hand_over(block) for block in (self.book, bars, self._plan, rules, self._output())]
        self._row, self._reasons = (self.book.record[name] for name in ("row", "reasons"))  # read on every wake

    def _output(self) -> Output:
        return Output(self.said.rows, self.said.told, *(pages.page for pages in self._pages.values()))

    def advance(
        self, stop: int, answer: Floats | None = None, requests: Records = NO_REQUESTS, curves: Floats = NO_CURVES
    ) -> Status:
        """Run rows up to `stop`; `answer` `(S, N)` and `requests` are taken when the book waits for an answer.

        `curves` `(K, L)` are those that requests for sliced orders point at.
        DataError when something is traded, or held, whose cost nobody knows; the book is of no use any more then.
        """
        given = self._silent if answer is None else answer
        if len(requests):
            requests = self._take_orders(requests, curves)
        while True:
            here = stop if self._feed is None else min(stop, self._feed.high)
            status: Status = STATUS[self._advance(*self._handed, self._work, given, requests, here)]
            if status is Status.WAKE:
                return status
            if status is Status.NO_COST:
                fault, asset = (int(self.book.record[name][0]) for name in ("fault", "fault_asset"))
                if fault in RATES_OF:
                    raise unknown_rate(self._market, Fault(fault), self.row, asset)
                raise unknown_cost(self._market, self._fees, self.row, asset)
            if status is Status.END and here < stop and self._feed is not None:
                self._feed.slide()
                self._bind()
                given, requests = self._silent, NO_REQUESTS
                continue
            if status is not Status.BUFFER:
                return status
            self._turn_pages(int(self.book.record["n_working"][0]) + len(requests))

    def close(self) -> None:
        """Give back the window of a stream; nothing more can be played then."""
        if self._feed is not None:
            self._feed.close()
            self._feed, self._bars, self._handed = None, bars_of(self._market, self._terms), []

    def _take_orders(self, requests: Records, curves: Floats) -> Records:
        """Make room for orders; with the first ones begins the whole bar, in which orders can wait."""
        if not self._rules[0]["whole"][0]:
            rule = self._rules[0].copy()
            rule["whole"] = 1
            self._rules = (rule, *self._rules[1:])
            self._advance = advance_full
            self._bars = bars_of(self._market, replace(self._terms, rule=rule))
            self._feed = self._fed(rule, min(self.row, self._market.n_rows - 1))
            self._bind()
        book, pointed = with_curves(self.book, requests, curves)
        book = with_room(with_slots(book), len(requests) + self._forced)
        if book is not self.book:
            self.book, self._handed[0] = book, hand_over(book)
        return pointed

    def _turn_pages(self, n_orders: int) -> None:
        """Give the kernel an empty page of each table on which the next row may not fit."""
        more = {"n_fills": FILLS_AN_ORDER * n_orders, "n_events": EVENTS_AN_ORDER * n_orders}
        for count, pages in self._pages.items():
            written = int(self.book.record[count][0])
            if pages.is_short(written, more.get(count, 0)):
                pages.turn(written, more.get(count, 0))
                if count == "n_fills":
                    self.book.record["fills_before"] += written
                self.book.record[count] = 0
        self._handed[-1] = hand_over(self._output())

    def _written(self, count: str) -> Records:
        return self._pages[count].all(int(self.book.record[count][0]))

    @property
    def written(self) -> tuple[int, int]:
        """Number of fills and of events so far."""
        fills, events = (self._pages[each].count(int(self.book.record[each][0])) for each in ("n_fills", "n_events"))
        return fills, events

    def written_since(self, before: tuple[int, int]) -> tuple[Records, Records]:
        """Fills and events since so many of them were there."""
        fills, events = (
            self._pages[each].since(start, int(self.book.record[each][0]))
            for each, start in zip(("n_fills", "n_events"), before, strict=True)
        )
        return fills, events

    def money(self, row: int) -> tuple[float, float]:
        """Equity and cash at the close of a row."""
        equity, cash = self.said.rows[: Row.CASH + 1, row - self.first].tolist()
        return equity, cash

    def earned(self, row: int) -> float:
        """Return of a row, time-weighted where money moves from outside; NaN where nothing was left before."""
        k, equity = row - self.first, self.said.rows[Row.EQUITY]
        before = equity[k - 1] if k > 0 else self.capital
        if before <= 0.0:
            return float("nan")
        return float(self.said.rows[Row.GROWTH, k] if len(self._flows) else equity[k] / before - 1.0)

    @property
    def rows(self) -> Records:
        """What the loop said of each simulated row, as records."""
        return self.said.between(0, len(self.said))

    @property
    def tells_all(self) -> bool:
        """Whether every event can be told."""
        return self._terms.tells_all

    @property
    def row(self) -> int:
        """The next row to process, or the one being decided."""
        row: int = self._row.item()
        return row

    @property
    def reasons(self) -> int:
        """The trigger bits that fired in the row being decided."""
        bits: int = self._reasons.item()
        return bits

    @property
    def by_name(self) -> Ints:
        """Columns in the order of their symbols, `(N,)`."""
        return self._bars.by_name

    @property
    def fills(self) -> Records:
        """Fills so far."""
        return self._written("n_fills")

    @property
    def decisions(self) -> Records:
        """Finished baskets so far."""
        return self._written("n_decisions")

    @property
    def events(self) -> Records:
        """Events so far."""
        return self._written("n_events")
