"""Tables of costs and rates that are worked out some rows at a time: of a streamed market none is ever whole."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import numpy as np

from backtest.market.market import Market, Series
from backtest.market.series import asof
from backtest.market.stream.lazy import LazyRows
from backtest.types import Floats, Ints


class KnownRows(LazyRows):
    """The values of a series known at each of some instants (UTC nanoseconds), as `of` makes numbers of them."""

    def __init__(self, series: Series, instants: Ints, n_assets: int, of: Callable[[Floats], Floats]) -> None:
        self.name, self.shape = series.name, (len(instants), n_assets)
        self._series, self._instants, self._of = series, instants, of

    def block(self, low: int, high: int) -> Floats:
        """Look the rows up."""
        known = np.empty((high - low, self.shape[1]))
        for k, instant in enumerate(self._instants[low:high].tolist()):
            known[k] = asof(self._series, instant, self.shape[1])
        return self._of(known)


class RunningRows(LazyRows):
    """Rows each of which goes on from the one before; asking for rising rows works each of them out once."""

    def __init__(self, name: str, market: Market) -> None:
        self.name, self.shape = name, (market.n_rows, market.n_assets)
        self._step = market.n_rows if market.stream is None else market.stream.most_rows
        self._row = -1  # what happened before it is known; -1: nothing is

    @abstractmethod
    def begin(self) -> None:
        """Stand before the first row."""

    @abstractmethod
    def next(self, low: int, high: int) -> Floats:
        """Return the rows from where this stands, `low`, up to `high`, and stand there."""

    def block(self, low: int, high: int) -> Floats:
        """Work the rows out."""
        if low == high:
            return np.empty((0, self.shape[1]))
        if not 0 <= self._row <= low:
            self.begin()
            self._row = 0
        while self._row < low:
            stop = min(low, self._row + self._step)
            self.next(self._row, stop)
            self._row = stop
        found = self.next(low, high)
        self._row = high
        return found
