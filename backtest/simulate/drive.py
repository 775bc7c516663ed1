"""Sleeping until something happens, and asking the strategy when it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backtest.allocate import Weights
from backtest.allocate.threads import one_thread_of_loaded
from backtest.costs import Account
from backtest.errors import AllocationError, BacktestError, RunError, StrategyError
from backtest.kernels.book import Book, Plan
from backtest.market.market import Market
from backtest.schedule import Watch
from backtest.simulate.book import copy_book, new_book
from backtest.simulate.callbacks import Callbacks
from backtest.simulate.checkpoint import Checkpoint
from backtest.simulate.chronicle import Chronicle
from backtest.simulate.engine import NO_CURVES, NO_REQUESTS, Engine, Terms, fixed
from backtest.simulate.requests import curves_of, requests_of
from backtest.simulate.result import Result, collect
from backtest.simulate.targets import fault_in
from backtest.strategy import Context, Panel, Strategy
from backtest.strategy.allocator import Allocator, Decisions
from backtest.strategy.base import as_weights
from backtest.strategy.event import Event
from backtest.strategy.loader import source_of, user_line
from backtest.strategy.orders import Order
from backtest.strategy.state import State
from backtest.types import Fault, Floats, Ints, Records, Status


@dataclass(frozen=True)
class Snapshot:
    """Everything a decision depends on, and what it was, so that it can be taken again."""

    row: int
    reasons: int
    book: Book
    state: dict[str, Any]
    answer: Floats
    state_after: dict[str, Any]
    placed: tuple[Order, ...] = ()
    cancelled: tuple[int, ...] = ()
    events: tuple[Event, ...] | None = None  # None: it did not look at them


Notes = dict[int, tuple[Weights, ...]]
"""What the allocator said, by row: one answer for each time that the strategy asked."""


@dataclass(frozen=True)
class Driven:
    """A result, with what only the driver knows: what the allocator said by row, and decisions kept for the probe."""

    result: Result
    notes: Notes
    snapshots: list[Snapshot]
    prepared: Floats | None
    n_wakes: int


@dataclass(frozen=True)
class Asked:
    """Who is asked: a strategy, what stands behind `ctx.allocate`, and the seed of its random numbers."""

    strategy: Strategy
    name: str
    allocator: Allocator = field(default_factory=Allocator)
    seed: int = 0
    labels: tuple[str, ...] = ()

    def context(self, market: Market, decisions: Decisions | None = None) -> Context:
        """Open a window on a market, with the state as declared; `decisions` of that market are shared."""
        with self.blamed("in initial_state()"):
            state = State(self.strategy.initial_state(market.symbols))
        return Context(market, self.allocator, self.labels, state, self.seed, decisions)

    def answer(self, ctx: Context, out: Floats) -> None:
        """Ask for a decision where `ctx` stands, and write it into `out` `(N,)`, NaN for none."""
        try:
            as_weights(self.strategy.decide(ctx), ctx.index, out)
        except (Exception, SystemExit) as error:  # whatever the user's decide() raises
            raise self.accused(error, f"on {ctx.time:%Y-%m-%d %H:%M}") from error

    @contextmanager
    def blamed(self, where: str) -> Iterator[None]:
        """Turn whatever user code raises into one error that names it."""
        try:
            yield
        except (Exception, SystemExit) as error:
            raise self.accused(error, where) from error

    def accused(self, error: BaseException, where: str) -> RunError:
        """Name strategy, time, file and line. What an allocation method refuses stays an AllocationError."""
        kind = type(error) if isinstance(error, AllocationError) else StrategyError
        said = str(error) if isinstance(error, BacktestError) else f"{type(error).__name__}: {error}"
        file = source_of(type(self.strategy))
        line = user_line(error, file)
        place = "" if line is None else f"{file}:{line}: "
        return kind(f"strategy {self.name!r} {where}: {place}{said}")


@dataclass
class _Journal:
    """What the driver writes down while it drives."""

    answers: dict[int, Floats] = field(default_factory=dict)
    notes: Notes = field(default_factory=dict)
    snapshots: list[Snapshot] = field(default_factory=list)
    surprise: Snapshot | None = None  # the latest decision that no calendar announced
    n_surprises: int = 0
    next_surprise: int = 1
    thorough: bool = False  # whether every surprise is kept
    tags: dict[int, str] = field(default_factory=dict)  # of explicit orders, by number

    def keep(self, snapshot: Snapshot, announced: bool) -> None:
        """Keep an announced decision; of the others the 1st, 4th, 16th and so on, and the latest."""
        if announced:
            self.snapshots.append(snapshot)
            return
        self.surprise = snapshot
        self.n_surprises += 1
        if self.thorough or self.n_surprises == self.next_surprise:
            self.snapshots.append(snapshot)
            self.next_surprise *= 4

    def kept(self) -> list[Snapshot]:
        """What the probe takes again: the announced ones that were asked for, and the last decision of all."""
        last = self.surprise
        kept = any(last is snapshot for snapshot in self.snapshots)
        if last is not None and not kept and last.row == max(self.answers):
            return [*self.snapshots, last]
        return self.snapshots


def drive(
    market: Market,
    asked: Asked,
    watch: Watch,
    terms: Terms,
    capital: float,
    keep: Collection[int] = (),
    progress: Callable[[int], None] | None = None,
    decisions: Decisions | None = None,
    callbacks: Callbacks | None = None,
    thorough: bool = False,
    checkpoint: Checkpoint | None = None,
) -> Driven:
    """Simulate a strategy from row `terms.rule["first"]` to the end of the market.

    Decisions on the rows in `keep`, the last one, and some that no calendar announced (`thorough`: all) are kept for
    the probe. `progress` hears of each wake's row. `decisions` are what another book's allocator answered on this
    market, and `callbacks` are told what happens; neither changes a bit of the result. With a `checkpoint` it goes on
    from what is saved there, and is saved on the way.
    """
    journal = _Journal(thorough=thorough)
    with one_thread_of_loaded():  # so that BLAS gives the same bits whatever else runs
        prepared = prepare(asked, market) if asked.strategy.prepares else None
        plan = _plan(market, prepared, watch, asked, terms.account)
        engine = Engine(market, new_book(market.n_assets, capital), terms, plan)
        ctx = asked.context(market, decisions)
        if terms.tells_all:
            ctx.listen(Chronicle(engine, market, watch.labels, journal.tags).since)
        if callbacks is not None:
            callbacks.listen(engine, market, watch.labels, journal.tags)
        n_wakes = 0
        if checkpoint is not None:
            n_wakes = checkpoint.restore(engine, ctx.state, journal)
            ctx.row = max(journal.answers, default=ctx.row)  # of the last wake: what happened since is news
        saving = checkpoint, ctx.state, journal
        n_wakes = _serve(
            engine, market, asked, ctx, watch, prepared, saving, keep, progress, terms.account, callbacks, n_wakes
        )
        engine.close()
    result = collect(market, engine, capital, watch.labels, journal.answers, plan, journal.tags)
    if callbacks is not None:
        callbacks.tell(market.n_rows - 1, result.unfilled)
    return Driven(result, journal.notes, journal.kept(), prepared, n_wakes)


def _serve(
    engine: Engine,
    market: Market,
    asked: Asked,
    ctx: Context,
    watch: Watch,
    prepared: Floats | None,
    saving: tuple[Checkpoint | None, State, _Journal],
    keep: Collection[int],
    progress: Callable[[int], None] | None,
    account: Account,
    callbacks: Callbacks | None,
    n_wakes: int,
) -> int:
    """Answer every wake; `n_wakes` were answered before. Return how many there were in all."""
    probing = len(keep) > 0
    answer = np.full((1, market.n_assets), np.nan)
    given = answer[0]
    journal = saving[2]
    n_rows = market.n_rows
    status = _advance(engine, n_rows, saving, n_wakes)
    while status is Status.WAKE:
        row, book = engine.row, engine.book
        n_wakes += 1
        if callbacks is not None:
            callbacks.tell(row - 1)
        if prepared is not None:
            given[:] = prepared[row]
        else:
            reasons = engine.reasons
            ctx.move_to(row, reasons, book)
            announced = probing and bool(watch.fires[row] & watch.wake_mask)
            kept = probing and (row in keep or not announced)
            before = (copy_book(book), ctx.state.snapshot()) if kept else None
            asked.answer(ctx, given)
            if before is not None:
                after = ctx.state.snapshot()
                wished = (tuple(ctx.placed), tuple(ctx.cancelled))
                journal.keep(Snapshot(row, reasons, *before, given.copy(), after, *wished, ctx.heard), announced)
            if ctx.notes:
                journal.notes[row] = tuple(ctx.notes)
        journal.answers[row] = given.copy()
        if progress is not None:
            progress(row)
        requests = _requests(ctx, market, asked, journal)
        status = _advance(engine, n_rows, saving, n_wakes, answer, requests)
    if status == Status.BAD_ANSWER:
        raise _refusal(engine, market, asked, account)
    return n_wakes


def _advance(
    engine: Engine,
    n_rows: int,
    saving: tuple[Checkpoint | None, State, _Journal],
    n_wakes: int,
    answer: Floats | None = None,
    requests: tuple[Records, Floats] = (NO_REQUESTS, NO_CURVES),
) -> Status:
    """Run until Python is needed, or to the end of the data; stop on the way wherever something is to be saved."""
    checkpoint, state, journal = saving
    if checkpoint is None:
        return engine.advance(n_rows, answer, *requests)
    while True:
        stop = checkpoint.stop_after(engine.row, n_rows)
        status = engine.advance(stop, answer, *requests)
        if status != Status.END:
            return status
        checkpoint.save(engine, state, journal, n_wakes)
        if stop == n_rows:
            return status
        answer, requests = None, (NO_REQUESTS, NO_CURVES)


def _requests(ctx: Context, market: Market, asked: Asked, journal: _Journal) -> tuple[Records, Floats]:
    """Return what the answer asks for besides weights, and the curves of sliced orders."""
    if not ctx.placed and not ctx.cancelled:
        return NO_REQUESTS, NO_CURVES
    journal.tags.update({order.number: order.tag for order in ctx.placed if order.tag})
    with asked.blamed(f"on {ctx.time:%Y-%m-%d %H:%M}"):
        return requests_of(ctx.placed, ctx.cancelled, market, ctx.row), curves_of(ctx.placed)


def _refusal(engine: Engine, market: Market, asked: Asked, account: Account) -> StrategyError:
    """Say what is wrong with the answer that the kernel refused."""
    record = engine.book.record[0]
    when = f"strategy {asked.name!r} on {market.times[engine.row]:%Y-%m-%d %H:%M}"
    if record["fault"] == Fault.NAN:
        symbol = market.symbols[record["fault_asset"]]
        return StrategyError(
            f"{when}: the weight of {symbol} is NaN; a whole answer of NaN, or None, leaves everything alone"
        )
    return StrategyError(
        f"{when}: the weights add up to {record['fault_value']:.9g} in absolute value; {account.limit}"
    )


def prepare(asked: Asked, market: Market) -> Floats:
    """Ask a strategy for all its decisions at once, `(T, N)`. The caller limits BLAS to one thread."""
    if market.stream is not None:
        raise StrategyError(
            f"strategy {asked.name!r}: prepare() sees all bars at once, and those of a streamed market are never all "
            "there; allowed: decide(), or `market: {stream: false}`"
        )
    with asked.blamed("in prepare()"):
        prepared = asked.strategy.prepare(Panel(market))
    try:
        values = np.ascontiguousarray(prepared, np.float64)
    except (TypeError, ValueError) as error:
        kind = type(prepared).__name__
        raise StrategyError(f"strategy {asked.name!r} in prepare(): answered with {kind}; expected weights") from error
    if values.shape != market.close.shape:
        raise StrategyError(
            f"strategy {asked.name!r} in prepare(): answered with shape {values.shape}; expected {market.close.shape}, "
            "a row a bar and a column a symbol"
        )
    return values


def _plan(market: Market, prepared: Floats | None, watch: Watch, asked: Asked, account: Account) -> Plan:
    """Hand over what is prepared for rows on which the strategy would be asked anyway."""
    index: Ints = np.full(market.n_rows, -1, np.int64)
    if prepared is None:
        return Plan(fixed(index, np.int64), fixed(np.empty((0, market.n_assets))))
    rows = np.flatnonzero(watch.fires & watch.wake_mask)
    fault = fault_in(market, rows, prepared[rows], account)
    if fault is not None:
        raise StrategyError(f"strategy {asked.name!r}, prepare(): {fault}")
    index[rows] = rows
    return Plan(fixed(index, np.int64), fixed(prepared))
