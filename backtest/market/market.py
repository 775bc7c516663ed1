"""The market in memory: aligned bars, and everything that is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from backtest.market.carried import mark_before, prices_given
from backtest.market.factors import ActionFactors, action_factors
from backtest.market.known import KnownIndex, known_index
from backtest.market.labels import labels_of
from backtest.types import ACTION, Bools, Floats, Ints, Records, Strings

if TYPE_CHECKING:
    from backtest.market.stream.source import (
        Stream,
    )  # it compiles; whoever only measures returns need not wait for that

PriceKind = Literal["raw", "split_adjusted", "total_return"]
Field = Literal["open", "high", "low", "close", "volume"]
FIELDS: tuple[Field, ...] = ("open", "high", "low", "close", "volume")

NO_ACTIONS: Records = np.empty(0, ACTION)
NO_ACTIONS.flags.writeable = False


@dataclass(frozen=True)
class Series:
    """A side series: what was believed about one thing, and when it became known.

    Sorted by `known_at`; `asset` is the column it speaks of, -1 for the whole market. Joined as of `known_at ≤ t`.
    """

    name: str
    time: Ints
    known_at: Ints
    asset: Ints
    value: Floats

    @cached_property
    def index(self) -> KnownIndex:
        """What answers "known at t" quickly; built when first asked for."""
        return known_index(self.time, self.known_at, self.asset, self.value)


@dataclass(frozen=True)
class Market:
    """Aligned bars of `N` assets over `T` rows, read-only.

    Prices and volume are `(T, N)`, float64, C-order. NaN means *no bar*: not listed, halted or missing; a row has a
    real bar of an asset when every price field that the market has is finite and positive there. `open`, `high`,
    `low` and `volume` are None when the data has none.

    `start` and `end` are `(T, K)` UTC nanoseconds, one column per group of assets that share a clock; `group` `(N,)`
    names the column of each asset. A group that has no session in a row begins after its end there
    (`types.NEVER_OPEN`, `types.CLOSED`). `session` labels the session a row
    belongs to (`(T,)`, days since 1970), `session_end` marks the last row of each session. `complete` marks the rows in
    which every asset has a real bar, so that a dense row can skip the masks. `listed` is `(T, N)`.

    `actions` are records of `types.ACTION` in the order in which they apply (`actions.in_order`); adjusted prices have
    none.

    Of a market with a `stream` the `(T, N)` fields and masks are `LazyRows`: read by rows, and never whole; `complete`
    is known for the rows that were read.
    """

    symbols: Strings
    start: Ints
    end: Ints
    close: Floats
    open: Floats | None = None
    high: Floats | None = None
    low: Floats | None = None
    volume: Floats | None = None
    listed: Bools | None = None
    member: Bools | None = None  # `(T, N)` who belongs to the universe; None: everybody, always
    complete: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    session: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    session_end: Bools = field(default_factory=lambda: np.empty(0, np.bool_))
    actions: Records = field(default_factory=lambda: NO_ACTIONS)
    series: Mapping[str, Series] = field(default_factory=dict)
    properties: pd.DataFrame | None = None  # one row a symbol: sector, lot, tick, currency, listed_from, listed_to
    price_kind: PriceKind = "total_return"
    calendar: str = "data"
    timezone: str = "UTC"
    currency: str = "USD"
    name: str = "arrays"
    content_hash: str = ""
    group: Ints = field(default_factory=lambda: np.empty(0, np.int64))  # empty: everybody has the first clock
    calendars: tuple[str, ...] = ()  # of each group; empty: `calendar`
    sessions_after: Ints = field(default_factory=lambda: np.empty(0, np.int64))  # sessions known beyond the last row
    own_sessions_after: tuple[Ints, ...] = ()  # of each group; empty: those
    stream: Stream | None = None  # None: everything is in memory

    @property
    def n_rows(self) -> int:
        """Number of rows, T."""
        return int(self.close.shape[0])

    @property
    def n_assets(self) -> int:
        """Number of assets, N."""
        return int(self.close.shape[1])

    @property
    def n_clocks(self) -> int:
        """Number of groups that have clocks of their own, K."""
        return int(self.start.shape[1])

    @cached_property
    def opens(self) -> Bools:
        """In which rows each group has a session, `(T, K)`."""
        opens: Bools = self.start <= self.end
        opens.flags.writeable = False
        return opens

    @cached_property
    def shared(self) -> Ints:
        """The rows in which every group has a session, those that have had none yet left aside: all with one clock.

        Returns of different assets are compared between these rows: no other one has them all.
        """
        begun = np.logical_or.accumulate(self.opens, axis=0)
        rows = np.flatnonzero((self.opens | ~begun).all(axis=1))
        rows.flags.writeable = False
        return rows

    def n_shared(self, row: int) -> int:
        """How many shared rows there are up to and including a row."""
        return row + 1 if self.n_clocks == 1 else int(np.searchsorted(self.shared, row, side="right"))

    def row_with(self, n: int) -> int:
        """Return the row by which there are `n` shared rows, T where there never are."""
        if self.n_clocks == 1 or n < 1:
            return n - 1
        return int(self.shared[n - 1]) if n <= len(self.shared) else self.n_rows

    @cached_property
    def last_open(self) -> Ints:
        """The last row up to each one in which each group has a session, `(T, K)`, -1 before its first."""
        rows = np.where(self.opens, np.arange(self.n_rows)[:, None], -1)
        return np.maximum.accumulate(rows, axis=0)

    @cached_property
    def times(self) -> pd.DatetimeIndex:
        """The decision time of each row: its latest end, in UTC."""
        return pd.DatetimeIndex(self.end.max(axis=1).astype("datetime64[ns]")).tz_localize("UTC")

    @cached_property
    def labels(self) -> dict[str, Strings]:
        """The properties of the symbols that are labels (sector, currency, …), `(N,)` each, empty where unknown."""
        return {} if self.properties is None else labels_of(self.properties)

    @cached_property
    def real(self) -> Bools:
        """Which bars are real, `(T, N)`: a market holds every price field of a bar, or none."""
        real: Bools = np.isfinite(self.close)
        real.flags.writeable = False
        return real

    def tradable(self, row: int) -> Bools:
        """Which assets could trade in a row, `(N,)`: listed, with a real bar when their clock last had a session."""
        bars: Bools = ~np.isnan(self.last_closes(row))
        return bars if self.listed is None else bars & self.listed[row]

    def last_closes(self, row: int) -> Floats:
        """The closes of each asset's last session up to a row, `(N,)`, NaN where it had no bar in that; as traded."""
        if self.n_clocks == 1:
            closes: Floats = self.close[row]
            return closes
        rows = self.last_open[row, self.group]
        return np.where(rows >= 0, self.close[rows, np.arange(self.n_assets)], np.nan)

    def belongs(self, row: int) -> Bools:
        """Who belongs to the universe in a row, `(N,)`."""
        return np.ones(self.n_assets, np.bool_) if self.member is None else self.member[row]

    def first_bar(self, column: int, low: int, high: int) -> int | None:
        """Return the first row of ``low .. high - 1`` in which an asset has a bar, None when there is none."""
        step = max(1, high - low) if self.stream is None else self.stream.most_rows
        for first in range(low, high, step):
            found = np.flatnonzero(~np.isnan(self.close[first : min(high, first + step), column]))
            if len(found):
                return first + int(found[0])
        return None

    def first_bars(self) -> Ints:
        """Return the first row in which each asset has a bar, `(N,)`, -1 where none has; rows are read once."""
        found = np.full(self.n_assets, -1, np.int64)
        step = self.n_rows if self.stream is None else self.stream.most_rows
        for low in range(0, self.n_rows, step):
            real = ~np.isnan(self.close[low : low + step])
            new = (found < 0) & real.any(axis=0)
            found[new] = low + real.argmax(axis=0)[new]
            if (found >= 0).all():
                break
        return found

    @property
    def first_prices(self) -> Floats:
        """The first price of each bar, `(T, N)`: the open, or the close of data without opens."""
        return self.close if self.open is None else self.open

    @cached_property
    def prices_given(self) -> Floats:
        """The price of what each spin-off gives away, one for each of `actions`; 0 where nobody knows it."""
        return prices_given(self.close, self.first_prices, self.actions)

    def share_given(self, k: int) -> float:
        """The part of its parent's mark that the spin-off `actions[k]` gives away; 0 where nobody knows a price."""
        given, action = self.prices_given, self.actions[k]
        mark = mark_before(self.close, self.actions, given, k, int(action["asset"]))
        return float(action["value"] * given[k] / mark) if mark > 0.0 else 0.0

    @cached_property
    def action_factors(self) -> ActionFactors:
        """What splits, dividends and spin-offs do to the history before them."""
        return action_factors(self.close, self.actions, self.prices_given)

    def day(self, row: int) -> str:
        """Return the session of a row as an ISO date."""
        return str(self.session[row].astype("datetime64[D]"))

    def get(self, name: Field) -> Floats | None:
        """Return a field by name, None when the data has none."""
        values: Floats | None = getattr(self, name)
        return values
