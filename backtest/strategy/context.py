"""The only window a strategy has on the market and on its own book."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backtest.allocate import History, Method, verified
from backtest.errors import StrategyError
from backtest.kernels.book import Book, Own, Seen
from backtest.market.adjust import Adjust, history
from backtest.market.forward import forward
from backtest.market.market import Field, Market
from backtest.market.series import asof
from backtest.strategy.base import not_there
from backtest.strategy.state import State
from backtest.types import Bools, Floats, Strings


class Context:
    """What is known at a wake. One object serves a whole run; the driver moves it from wake to wake.

    Everything is as of `row`, whose close is the last thing known. Prices are adjusted as of the wake by
    corporate actions effective until then, so that a split never looks like a crash.
    """

    __slots__ = (
        "_book",
        "_market",
        "_method",
        "_reason_bits",
        "_rng",
        "_seed",
        "index",
        "labels",
        "notes",
        "row",
        "state",
        "symbols",
    )

    def __init__(self, market: Market, method: Method, labels: tuple[str, ...], state: State, seed: int) -> None:
        self.symbols: Strings = market.symbols
        self.labels = labels
        self.state = state
        self.row = -1
        self.notes: list[str] = []
        self._market = market
        self.index = {str(symbol): i for i, symbol in enumerate(market.symbols)}
        self._method = method
        self._seed = seed
        self._reason_bits = 0
        self._rng: np.random.Generator | None = None
        self._book: Book

    def move_to(self, row: int, reasons: int, book: Book) -> None:
        """Stand at the close of `row`. For the driver, not for strategies."""
        self.row = row
        self._reason_bits = reasons
        self._book = book
        self._rng = None
        if self.notes:
            self.notes = []

    @property
    def time(self) -> pd.Timestamp:
        """The decision time: when the latest bar of the row ended, UTC."""
        return pd.Timestamp(int(self._market.end[self.row].max()), unit="ns", tz="UTC")

    @property
    def reasons(self) -> tuple[str, ...]:
        """The triggers that fired."""
        return tuple(label for bit, label in enumerate(self.labels) if self._reason_bits >> bit & 1)

    @property
    def tradable(self) -> Bools:
        """Which symbols have a real bar now and are not delisted with it, `(N,)`."""
        bars: Bools = self._market.tradable(self.row) & (self._book.seen[Seen.GONE] == 0)
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

    def history(self, field: Field, n: int, adjust: Adjust = "total") -> Floats:
        """Return the last `n` rows of a field up to now, `(n, N)`, oldest first, read-only; NaN where no bar was."""
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

    def allocate(self, symbols: Sequence[str] | Strings | None = None) -> Floats:
        """Weigh `symbols` (default: all) by the configured allocation method; `(N,)`, 0 for the others.

        Symbols that cannot be traded now are left out.
        """
        chosen = self._columns(symbols)
        wanted = self._method.wants_returns
        weights = np.zeros(len(self.symbols))
        if not len(chosen):
            self.notes.append("nothing can be traded")
            return weights
        closes = self.history("close", wanted + 1)[:, chosen] if wanted else np.ones((1, len(chosen)))
        answer = self._method.weigh(History(self.symbols[chosen], closes[1:] / closes[:-1] - 1.0))
        weights[chosen] = verified(type(self._method).__name__, answer, len(chosen)).weights
        self.notes.append("; ".join((answer.status, *answer.warnings)))
        return weights

    def _columns(self, symbols: Sequence[str] | Strings | None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Columns of the tradable ones among `symbols`, in the market's order."""
        tradable = self.tradable
        if symbols is None:
            return np.flatnonzero(tradable)
        if isinstance(symbols, str):
            raise StrategyError(f"allocate: received the text {symbols!r}; expected a list of symbols")
        missing = [str(symbol) for symbol in symbols if str(symbol) not in self.index]
        if missing:
            raise StrategyError(f"allocate: received {not_there(missing[0], self.index)}")
        asked = np.zeros(len(self.symbols), np.bool_)
        asked[[self.index[str(symbol)] for symbol in symbols]] = True
        return np.flatnonzero(tradable & asked)


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
