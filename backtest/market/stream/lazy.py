"""Matrices of which only the rows that are asked for exist."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest.errors import DataError

MOST_CELLS = 25_000_000
"""Cells that one look may ask for: 200 MB."""


class LazyRows(ABC):
    """A `(T, N)` matrix that is read like a numpy array, row by row or some rows together, and never whole.

    What is returned is a copy of its own, so that it stays what it is when the window moves on.
    """

    shape: tuple[int, int]
    ndim = 2
    name: str

    @abstractmethod
    def block(self, low: int, high: int) -> NDArray[Any]:
        """Return rows ``low .. high - 1`` as an array of its own."""

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> NDArray[Any]:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(rows, slice):
            low, high, step = rows.indices(self.shape[0])
            found = self._some(low, max(low, high))[::step, columns]
        elif np.ndim(rows) == 0:
            found = self._some(self._place(int(rows)), self._place(int(rows)) + 1)[0, columns]
        else:
            found = self._picked(np.asarray(rows), columns)
        if isinstance(found, np.ndarray):
            found.flags.writeable = False
        return found

    def _place(self, row: int) -> int:
        place = row + self.shape[0] if row < 0 else row
        if not 0 <= place < self.shape[0]:
            raise IndexError(f"{self.name}: row {row} of {self.shape[0]}")
        return place

    def _some(self, low: int, high: int) -> NDArray[Any]:
        if (high - low) * self.shape[1] > MOST_CELLS:
            raise self._too_large(f"rows {low} to {high - 1}")
        return self.block(low, high)

    def _picked(self, rows: NDArray[Any], columns: Any) -> NDArray[Any]:
        """Return some rows, or some cells where `columns` is as long as `rows`; near ones are read together."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else np.where(rows < 0, rows + self.shape[0], rows)
        order = np.argsort(places, kind="stable")
        most = max(1, MOST_CELLS // (8 * self.shape[1]))
        if isinstance(columns, slice):
            found = [self._near(places[part]) for part in _parts(places, order, most)]
            whole = np.concatenate(found)[np.argsort(order)] if found else self.block(0, 0)
            return whole[:, columns]
        cells = np.empty(len(places), self.block(0, 0).dtype)
        for part in _parts(places, order, most):
            cells[part] = self._near(places[part], np.asarray(columns)[part])
        return cells

    def _near(self, rows: NDArray[Any], columns: Any = slice(None)) -> NDArray[Any]:
        low, high = self._place(int(rows[0])), self._place(int(rows[-1])) + 1
        near: NDArray[Any] = self._some(low, high)[rows - low, columns]
        return near

    def __array__(self, *_: Any, **__: Any) -> NDArray[Any]:
        raise self._too_large("all of it")

    def _too_large(self, asked: str) -> DataError:
        rows, assets = self.shape
        return DataError(
            f"{self.name} of a streamed market: {asked} of {rows} rows × {assets} symbols does not fit into the memory "
            f"that a stream may take; allowed: at most {MOST_CELLS // assets} rows at once, or `market: {{stream: "
            "false}}`"
        )


def _parts(rows: NDArray[Any], order: NDArray[Any], most: int) -> Iterator[NDArray[Any]]:
    """Cut `order`, in which rows rise, into parts whose rows span at most `most`."""
    rising, start = rows[order], 0
    while start < len(rows):
        stop = int(np.searchsorted(rising, rising[start] + most))
        yield order[start:stop]
        start = stop
