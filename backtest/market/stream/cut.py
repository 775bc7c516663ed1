"""A streamed market with another future, for the look-ahead probe: nothing is copied before somebody looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backtest.market.stream.lazy import LazyRows

if TYPE_CHECKING:
    from backtest.market.market import Market, Series

FIELDS = ("open", "high", "low", "close", "volume")
STRIDE = 64  # rows of noise that are drawn together
SERIES = len(FIELDS)  # after the fields come the side series, each with noise of its own


class EndedRows(LazyRows):
    """The first rows of a field, as if there were no more."""

    def __init__(self, rows: LazyRows, stop: int) -> None:
        self._rows, self.name = rows, rows.name
        self.shape = (stop, rows.shape[1])

    def block(self, low: int, high: int) -> NDArray[Any]:
        """Read the rows."""
        return self._rows.block(low, high)


class ScrambledRows(LazyRows):
    """A field whose rows after `row` are nonsense: each number times one of its own, the gaps stay."""

    def __init__(self, rows: LazyRows, row: int, seed: int) -> None:
        self._rows, self.name = rows, rows.name
        self.shape = rows.shape
        self._row, self._seed = row, seed

    def block(self, low: int, high: int) -> NDArray[Any]:
        """Read the rows; the noise of a row depends on its number alone."""
        values = self._rows.block(low, high)
        for first in range(low - low % STRIDE, high, STRIDE):
            begin, end = max(first, low, self._row + 1), min(first + STRIDE, high)
            if begin < end:
                seed = [self._seed, FIELDS.index(self.name), first]
                noise = np.random.default_rng(seed).uniform(0.5, 2.0, (STRIDE, self.shape[1]))
                values[begin - low : end - low] *= noise[begin - first : end - first]
        return values


def until(values: Any, stop: int) -> Any:
    """Return the first rows of an array, or of a field of a stream."""
    return EndedRows(values, stop) if isinstance(values, LazyRows) else values[:stop]


class ScrambledStream:
    """What `cut.Scrambled` is for a market in memory."""

    def __init__(self, market: Market, seed: int, only: str | None = None) -> None:
        self._real, self._seed, self._only = market, seed, only

    def after(self, row: int) -> Market:
        """Return the market with everything after `row` scrambled."""
        fields: Any = {
            name: ScrambledRows(rows, row, self._seed)
            for name in FIELDS
            if self._only in (None, name) and isinstance(rows := getattr(self._real, name), LazyRows)
        }
        known = int(self._real.end[row].max())
        series = {
            name: each if self._only not in (None, name) else self._noisy(each, known, SERIES + k)
            for k, (name, each) in enumerate(self._real.series.items())
        }
        return replace(self._real, series=series, **fields)

    def _noisy(self, series: Series, known: int, number: int) -> Series:
        noise = np.random.default_rng([self._seed, number]).uniform(0.2, 5.0, len(series.value))
        return replace(series, value=np.where(series.known_at <= known, series.value, series.value * noise))
