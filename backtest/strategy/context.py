"""The only window a strategy has on the market and on its own book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from backtest.allocate import Forecast, Weights, answer
from backtest.allocate.moments.memory import Memory
from backtest.allocate.real import shown
from backtest.errors import AllocationError, StrategyError
from backtest.kernels.book import Book, Own, Seen
from backtest.market.adjust import Adjust, history
from backtest.market.aggregate import ROW, SHARED, Bins, aggregated, bins_of
from backtest.market.forward import forward
from backtest.market.market import Field, Market
from backtest.market.series import asof
from backtest.strategy.allocator import Allocator, Decisions
from backtest.strategy.base import not_there
from backtest.strategy.event import Event
from backtest.strategy.forecast import forecast_of, stamp
from backtest.strategy.observe import observed
from backtest.strategy.orders import Order, WorkingOrder, check_order, read_order, working_orders
from backtest.strategy.state import State
from backtest.types import Bools, Floats, Ints, Strings


class Context:
    """What is known at a wake. One object serves a whole run; the driver moves it from wake to wake.

    Everything is as of `row`, whose close is the last thing known. Prices are adjusted as of the wake by
    corporate actions effective until then, so that a split never looks like a crash.
    """

    __slots__ = (
        "_allocator",
        "_bins",
        "_book",
        "_decisions",
        "_hear",
        "_market",
        "_memory",
        "_reason_bits",
        "_rng",
        "_seed",
        "_since",
        "cancelled",
        "heard",
        "index",
        "labels",
        "notes",
        "placed",
        "row",
        "state",
        "symbols",
    )

    def __init__(
        self,
        market: Market,
        allocator: Allocator,
        labels: tuple[str, ...],
        state: State,
        seed: int,
        decisions: Decisions | None = None,
    ) -> None:
        self.symbols: Strings = market.symbols
        self.labels = labels
        self.state = state
        self.row = -1
        self.notes: list[Weights] = []  # what the allocator said at this wake, for the log of rebalances
        self.placed: list[Order] = []  # orders of this wake, and numbers of orders that it cancels: for the driver
        self.cancelled: list[int] = []
        self.heard: tuple[Event, ...] | None = None  # events, once the strategy has looked at them
        self._hear: Callable[[int, int], tuple[Event, ...]] | None = None
        self._since = -1  # row of the wake before
        self._market = market
        self.index = {str(symbol): i for i, symbol in enumerate(market.symbols)}
        self._allocator = allocator
        self._decisions = decisions if decisions is not None and decisions.market is market else None
        self._memory = Memory() if self._decisions is None else self._decisions.memory
        self._bins: dict[str, Bins] = {}
        self._seed = seed
        self._reason_bits = 0
        self._rng: np.random.Generator | None = None
        self._book: Book

    def move_to(self, row: int, reasons: int, book: Book) -> None:
        """Stand at the close of `row`. For the driver, not for strategies."""
        self._since, self.row = self.row, row
        self.heard = None
        self._reason_bits = reasons
        self._book = book
        self._rng = None
        if self.notes:
            self.notes = []
        if self.placed or self.cancelled:
            self.placed, self.cancelled = [], []

    @property
    def time(self) -> pd.Timestamp:
        """The decision time: when the latest bar of the row ended, UTC."""
        return pd.Timestamp(int(self._market.end[self.row].max()), unit="ns", tz="UTC")

    @property
    def reasons(self) -> tuple[str, ...]:
        """The triggers that fired."""
        return tuple(label for bit, label in enumerate(self.labels) if self._reason_bits >> bit & 1)

    def listen(self, hear: Callable[[int, int], tuple[Event, ...]]) -> None:
        """Ask `hear` for events between two wakes. For the driver, not for strategies."""
        self._hear = hear

    @property
    def events(self) -> tuple[Event, ...]:
        """What has happened since you were asked last, in its order; what your last answer set in motion first."""
        if self.heard is None:
            self.heard = () if self._hear is None else self._hear(self._since, self.row)
        return self.heard

    @property
    def tradable(self) -> Bools:
        """Which symbols have a real bar now, are not delisted with it and belong to the universe, `(N,)`."""
        row, gone = self.row, self._book.seen[Seen.GONE]
        bars: Bools = self._market.tradable(row) & self._market.belongs(row) & (gone == 0)
        return bars

    @property
    def rng(self) -> np.random.Generator:
        """Random numbers that depend only on the run's seed and this row."""
        if self._rng is None:
            self._rng = np.random.default_rng([self._seed, 0, self.row])
        return self._rng

    @property
    def equity(self) -> float:
        """Money: cash and positions at the last mark."""
        return float(self._book.owners["equity"][0])

    @property
    def cash(self) -> float:
        """Money that is not invested."""
        return float(self._book.owners["cash"][0])

    @property
    def quantities(self) -> Floats:
        """Units held, `(N,)`."""
        held: Floats = self._book.owned[0, Own.QUANTITY].copy()
        return held

    @property
    def weights(self) -> Floats:
        """Value of each position / equity, `(N,)`."""
        weights: Floats = self._book.owned[0, Own.QUANTITY] * self._book.mark / self.equity
        return weights

    def history(self, field: Field, n: int, adjust: Adjust = "total", every: str | None = None) -> Floats:
        """Return the last `n` bars of a field up to now, `(n, N)`, oldest first, read-only; NaN where no bar was.

        They are the rows of the market, or coarser bars made of them: of `every` ``"session"``, or a length such as
        ``"1h"`` that counts from the start of the session. Only those that are over are there.

        Where symbols have different calendars they are by default bars of ``"shared"``: each ends with a session of
        all of them, and a Monday's coin has the weekend in it. ``"row"`` are the rows, with NaN where one is closed.
        """
        if every is None and self._market.n_clocks > 1:
            every = SHARED
        if every is not None and every != ROW:
            if every not in self._bins:
                self._bins[every] = bins_of(self._market, every)
            return aggregated(self._market, self._bins[every], field, self.row, n, adjust)
        if n < 1:
            raise StrategyError(f"history({field!r}, {n}): received {n} rows; at least 1")
        if n > self.row + 1:
            raise StrategyError(
                f"history({field!r}, {n}): only {self.row + 1} bars exist up to {self.time:%Y-%m-%d}; "
                "say so in history_rows, and the first decision waits for them"
            )
        return history(self._market, field, self.row, n, adjust)

    def series(self, name: str) -> Floats:
        """Return a side series as known now, `(N,)`; NaN where nothing is known yet."""
        if name not in self._market.series:
            known = ", ".join(self._market.series) or "none"
            raise StrategyError(f"series({name!r}): the store has no such series; it has: {known}")
        return asof(self._market.series[name], int(self._market.end[self.row].max()), len(self.symbols))

    @property
    def orders(self) -> tuple[WorkingOrder, ...]:
        """Explicit orders that work in the book, by number."""
        return working_orders(self._book.orders[: self._book.record["n_working"][0]], self.symbols)

    def order(
        self,
        symbol: str,
        quantity: float,
        *,
        kind: str = "market",
        limit: float | None = None,
        stop: float | None = None,
        trail: float | None = None,
        trail_fraction: float | None = None,
        reduce_only: bool = False,
        tif: Any = "gtc",
        group: int | None = None,
        replaces: int | None = None,
        tag: str = "",
        over: Any = None,
        start: int = 1,
    ) -> int:
        """Place an order of `quantity` units, negative to sell, and return its number.

        `kind` is market, market_on_close, limit, stop, stop_limit, trailing or sliced; `limit`, `stop` and `trail` are
        money, `trail_fraction` is a part of the best price so far. `reduce_only` never opens a position. `tif` is gtc,
        day, or the last date. Orders of one `group` cancel each other, `replaces` takes the place of a working order,
        and the `tag` is written beside the fills. A sliced order is filled `over` so many rows in equal parts (TWAP),
        or in the parts that `over` lists, one a row; the first is `start` rows from now. An answer of None beside
        orders leaves the targets alone.
        """
        return self._place(
            symbol, quantity, kind=kind, limit=limit, stop=stop, trail=trail, trail_fraction=trail_fraction,
            reduce_only=reduce_only, tif=tif, group=group, replaces=replaces, tag=tag, over=over, start=start,
        )  # fmt: skip

    def bracket(
        self,
        symbol: str,
        quantity: float,
        *,
        stop_loss: float | None = None,
        target: float | None = None,
        trail: float | None = None,
        **entry: Any,
    ) -> int:
        """Place an entry as `order` does, with exits that are born of its fills and cancel each other.

        `stop_loss` and `target` are levels, `trail` a distance, in money. Return the number of the entry.
        """
        if stop_loss is None and target is None and trail is None:
            raise StrategyError(f"bracket({symbol!r}): needs stop_loss, target or trail")
        number = self.order(symbol, quantity, **entry)
        exits = (("stop", "stop", stop_loss), ("limit", "limit", target), ("trailing", "trail", trail))
        for kind, name, level in exits:
            if level is not None:
                asked = {"kind": kind, name: level, "tag": entry.get("tag", "")}
                self._place(symbol, 0.0, reduce_only=True, parent=number, **asked)
        return number

    def cancel(self, number: int) -> None:
        """Cancel a working order; one that works no more, or never did, is no error."""
        self.cancelled.append(int(number))

    def _place(self, symbol: str, quantity: Any, **asked: Any) -> int:
        market = self._market
        number = int(self._book.record["next_order"][0]) + len(self.placed)
        order = read_order(number, str(symbol), self.index, quantity, **asked)
        check_order(order, market.open is not None and market.high is not None and market.low is not None)
        self.placed.append(order)
        return number

    def allocate(
        self,
        symbols: Sequence[str] | Strings | None = None,
        *,
        mean: Any = None,
        covariance: Any = None,
        views: Any = None,
        confidences: Any = None,
    ) -> Floats:
        """Weigh `symbols` (default: all) by the configured method and constraints; `(N,)`, 0 for the others.

        Symbols that cannot be traded now are left out. `mean` `(K,)` and `covariance` `(K, K)` are a strategy's own
        forecasts, annual, in place of the method's estimates: arrays in the order of `symbols`, or a Series, mapping
        or frame by name; a symbol without a number, or not among the names, gets no weight. `views` are a list of
        {holdings, return, confidence}, or a pair of holdings `(V, K)` and returns `(V,)`, with `confidences` `(V,)`
        from 0 to 1. When the method and its fallbacks give up, AllocationError is raised; `hold` answers with NaN:
        leave everything alone.
        """
        symbols = None if symbols is None else _listed(symbols)
        chosen = self._columns(symbols)
        weights = np.zeros(len(self.symbols))
        if not len(chosen):
            self.notes.append(Weights(np.zeros(0), status="nothing can be traded", method=self._allocator.name))
            return weights
        asked = [str(symbol) for symbol in (self.symbols if symbols is None else symbols)]
        forecast, dropped = forecast_of(mean, covariance, views, confidences, asked, self.index, chosen)
        found = self._answered(chosen, forecast)
        self.notes.append(replace(found, warnings=(*dropped, *found.warnings)) if dropped else found)
        if np.isnan(found.weights).all():
            weights[:] = np.nan
        weights[chosen] = found.weights
        return weights

    def _answered(self, chosen: Ints, forecast: Forecast) -> Weights:
        """Return the allocator's answer for the columns `chosen`, from the shared decisions when it is there."""
        shared = None if self._decisions is None or self._allocator.reads_book else self._decisions.found
        key = (self.row, self._allocator.key, chosen.tobytes(), stamp(forecast)) if shared is not None else None
        if shared is not None and key in shared:
            return shared[key]
        found = self._ask(chosen, forecast)
        if shared is not None and key is not None:
            shared[key] = found
        return found

    def _ask(self, chosen: Ints, forecast: Forecast) -> Weights:
        own = self._allocator
        seen = observed(self._market, self.row, self._book, chosen, own, forecast, self._memory)
        try:
            return answer(own.method, seen, own.constraints, own.fallback, own.strict)
        except AllocationError as error:
            hint = "allocation.strict is true" if own.strict else "allocation.fallback would say what to do instead"
            raise type(error)(
                f"{error} ({hint if own.strict or not own.fallback else 'so did every fallback'})"
            ) from error

    def _columns(self, symbols: Sequence[str] | Strings | None) -> Ints:
        """Columns of the tradable ones among `symbols`, in the market's order."""
        tradable = self.tradable
        if symbols is None:
            return np.flatnonzero(tradable)
        missing = [str(symbol) for symbol in symbols if str(symbol) not in self.index]
        if missing:
            raise StrategyError(f"allocate: received {not_there(missing[0], self.index)}")
        asked = np.zeros(len(self.symbols), np.bool_)
        asked[[self.index[str(symbol)] for symbol in symbols]] = True
        return np.flatnonzero(tradable & asked)


def _listed(symbols: Any) -> list[str]:
    if isinstance(symbols, str) or not np.iterable(symbols):
        raise StrategyError(f"allocate: received {shown(symbols)}; expected a list of symbols")
    return [str(symbol) for symbol in symbols]


class Panel:
    """The whole market at once, for `Strategy.prepare`, which must answer for row *t* from rows up to *t* alone."""

    __slots__ = ("_market", "symbols")

    def __init__(self, market: Market) -> None:
        self.symbols: Strings = market.symbols
        self._market = market

    def field(self, name: Field) -> Floats:
        """Return a field, `(T, N)`, NaN where there was no bar.

        Prices are adjusted *forward*: each row carries the splits and dividends up to that row, so that ratios between
        rows are total returns and no row depends on a later one.
        """
        return forward(self._market, name)
