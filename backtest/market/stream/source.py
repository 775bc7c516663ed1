"""Where the rows of a streamed market come from, and the window through which they pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from backtest.errors import DataError
from backtest.market.fields import look_over_block
from backtest.market.stream.lazy import LazyRows
from backtest.types import Bools, Strings

KEPT = 2
"""Blocks of each field, other than those in the window, that are kept for whoever looks back further."""


class Reader(Protocol):
    """What writes rows of a field into an array."""

    def read(self, low: int, out: NDArray[Any]) -> None:
        """Write the rows from `low` on into `out` `(n, N)`."""

    def twin(self) -> Reader:
        """Return one that another thread may use at the same time."""


class Stream:
    """The rows of a market in files, as blocks; `bounds` says where they begin and end, `(B + 1,)`.

    `look_back` is how many rows before a block stay in the window; a look further back reads the file again. `complete`
    `(T,)` says in which rows every asset has a bar, known for the rows that have been read once.
    """

    def __init__(
        self,
        readers: Mapping[str, Reader],
        types: Mapping[str, Any],
        bounds: list[int],
        symbols: Strings,
        look_back: int,
    ) -> None:
        self.readers, self.types = dict(readers), dict(types)
        self.bounds, self.symbols = bounds, symbols
        self.look_back = look_back
        self.complete: Bools = np.zeros(bounds[-1], np.bool_)
        self._kept: dict[tuple[str, int], NDArray[Any]] = {}
        self.window: Window | None = None

    @property
    def n_rows(self) -> int:
        """Rows of the market, T."""
        return self.bounds[-1]

    @property
    def n_assets(self) -> int:
        """Number of assets, N."""
        return len(self.symbols)

    @property
    def most_rows(self) -> int:
        """Rows of the largest block."""
        return max(high - low for low, high in pairwise(self.bounds))

    @property
    def memory_bytes(self) -> int:
        """What a window on all fields takes: two blocks, each with the rows before it, and one on its way."""
        a_row: int = sum(np.dtype(kind).itemsize for kind in self.types.values()) * self.n_assets
        return (2 * (self.look_back + self.most_rows) + self.most_rows) * a_row

    def open(self, names: Iterable[str] = ("close",), row: int = 0) -> Window:
        """Open a window on some fields, at the block of `row`; the one before is closed."""
        if self.window is not None:
            self.window.close()
        self._kept.clear()
        self.window = Window(self, {"close", *names}, self._blocks(row, row + 1)[0])
        self.window.slide()
        return self.window

    def rows(self, name: str, low: int, high: int) -> NDArray[Any]:
        """Return rows of a field as an array of its own, from the window where it has them all."""
        if self.window is not None and self.window.holds(name, low, high):
            return self.window.part(name, low, high).copy()
        out = np.empty((high - low, self.n_assets), self.types[name])
        for number in range(*self._blocks(low, high)):
            start, stop = self.bounds[number], self.bounds[number + 1]
            begin, end = max(low, start), min(high, stop)
            out[begin - low : end - low] = self._block(name, number)[begin - start : end - start]
        return out

    def _blocks(self, low: int, high: int) -> tuple[int, int]:
        first = int(np.searchsorted(self.bounds, low, side="right")) - 1
        return first, int(np.searchsorted(self.bounds, high, side="left"))

    def _block(self, name: str, number: int) -> NDArray[Any]:
        """Return a block, kept from the last look or read."""
        found = self._kept.pop((name, number), None)
        if found is None:
            own = [key for key in self._kept if key[0] == name]
            for key in own[: len(own) + 1 - KEPT]:
                del self._kept[key]
            low, high = self.bounds[number], self.bounds[number + 1]
            found = np.empty((high - low, self.n_assets), self.types[name])
            self.readers[name].read(low, found)
        self._kept[name, number] = found  # the latest stands last
        return found

    def fill(self, number: int, readers: Mapping[str, Reader], out: Mapping[str, NDArray[Any]]) -> None:
        """Read a block of every field, look it over, and note which of its rows are complete."""
        low, high = self.bounds[number], self.bounds[number + 1]
        complete = self.complete[low:high]
        for name in sorted(out, key=lambda name: name != "close"):
            readers[name].read(low, out[name])
            if name != "member":
                look_over_block(name, out[name], out["close"], complete, self.symbols, low)


class StoredRows(LazyRows):
    """A field of a streamed market."""

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream, self.name = stream, name
        self.shape = (stream.n_rows, stream.n_assets)

    def block(self, low: int, high: int) -> NDArray[Any]:
        """Read the rows."""
        return self._stream.rows(self.name, low, high)


class Window:
    """The rows ``low .. high - 1`` of every field in memory: a block, and those before it that are looked back at.

    Two buffers take turns: while a simulation runs over one, a thread reads the next block into the other.
    """

    def __init__(self, stream: Stream, names: Iterable[str], first: int) -> None:
        """Begin to read block `first`; nothing can be seen before the window slides to it."""
        self._stream = stream
        shape, names = (stream.look_back + stream.most_rows, stream.n_assets), sorted(names)
        self._buffers = [{name: np.empty(shape, stream.types[name]) for name in names} for _ in range(2)]
        self._readers = {name: stream.readers[name].twin() for name in names}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="barwake-stream")
        self._number = first - 1
        self.low = self.high = 0
        self._next: Future[None] | None = self._ahead(first)

    @property
    def first(self) -> int:
        """The first row of the block; those before it are looked back at."""
        return self._stream.bounds[self._number]

    def _ahead(self, number: int) -> Future[None] | None:
        """Begin to read a block into the buffer whose turn is next."""
        if number >= len(self._stream.bounds) - 1:
            return None
        return self._pool.submit(self._read, number)

    def _read(self, number: int) -> None:
        stream, start = self._stream, self._stream.look_back
        rows = stream.bounds[number + 1] - stream.bounds[number]
        buffers = self._buffers[number % 2]
        stream.fill(number, self._readers, {name: each[start : start + rows] for name, each in buffers.items()})

    def slide(self) -> None:
        """Go on to the next block; the rows before it that `look_back` asks for come along."""
        if self._next is None:
            raise DataError("a stream serves one simulation at a time, and another one has begun; open it once more")
        self._next.result()
        number, stream = self._number + 1, self._stream
        kept = min(stream.look_back, self.high)
        for name, buffer in self._buffers[number % 2].items():
            if kept:
                buffer[stream.look_back - kept : stream.look_back] = self.part(name, self.high - kept, self.high)
        self._number = number
        self.low, self.high = stream.bounds[number] - kept, stream.bounds[number + 1]
        self._next = self._ahead(number + 1)

    @property
    def n_rows(self) -> int:
        """Rows of the market, T."""
        return self._stream.n_rows

    def holds(self, name: str, low: int, high: int) -> bool:
        """Whether rows of a field are in memory."""
        return name in self._buffers[0] and self.low <= low and high <= self.high

    def part(self, name: str, low: int, high: int) -> NDArray[Any]:
        """Return rows that are in the window, as a view that lives as long as they do."""
        return self._buffers[self._number % 2][name][self._place(low) : self._place(high)]

    def _place(self, row: int) -> int:
        """Where a row of the market stands in the buffer."""
        return row - self._stream.bounds[self._number] + self._stream.look_back

    def far(self, name: str) -> NDArray[Any]:
        """Return the field as `(T, N)`, of which only the rows from `low` on and below `high` are memory.

        So the loop counts rows as ever. Whoever reads another row reads what belongs to nobody: only the loop gets
        this, and it reads no row but those that it is told to play.
        """
        return far_view(self._buffers[self._number % 2][name], self._place(0), self._stream.n_rows)

    def close(self) -> None:
        """Give the memory back."""
        self.low = self.high = 0
        if self._next is not None:
            self._next.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._buffers, self._next = [{}, {}], None
        if self._stream.window is self:
            self._stream.window = None


class _Far:
    """An array interface over the memory of another array, which lives as long as it does."""

    def __init__(self, owner: NDArray[Any], address: int, n_rows: int) -> None:
        self.owner = owner
        self.__array_interface__ = {
            "version": 3,
            "shape": (n_rows, owner.shape[1]),
            "typestr": owner.dtype.str,
            "data": (address, True),
        }


def far_view(buffer: NDArray[Any], place: int, n_rows: int) -> NDArray[Any]:
    """Return a read-only view of `n_rows` rows in which row 0 lies `-place` rows before the buffer's first."""
    address = buffer.ctypes.data + place * buffer.strides[0]
    if address <= 0:
        raise DataError(f"a market of {n_rows} rows × {buffer.shape[1]} symbols is too large for the address space")
    view: NDArray[Any] = np.asarray(_Far(buffer, address, n_rows))
    return view
