"""One field of a market in a Parquet file, one column a symbol, read some rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.errors import DataError
from backtest.kernels.turn import turn_eight
from backtest.market.parquet import explained
from backtest.types import Floats, Ints

LANE = 8  # doubles in a cache line


class ColumnFile:
    """The rows of a file as C-order floats, NaN where there is no number.

    Each page is compared with its checksum as it is read, where the file has such: what `read_matrix` does at once with
    the whole file would read a file larger than memory twice.
    """

    def __init__(
        self, path: Path, symbols: Sequence[str], decimals: int | None = None, *, in_store: bool = False
    ) -> None:
        """Open the file; DataError when it cannot be read or has no column of one of the symbols."""
        self.path, self._in_store = path, in_store
        self._symbols = list(symbols)
        self._decimals = decimals
        self._file = self._open()
        meta = self._file.metadata
        counts = [meta.row_group(k).num_rows for k in range(meta.num_row_groups)]
        self.bounds: Ints = np.concatenate(([0], np.cumsum(np.array(counts, np.int64))))
        missing = sorted(set(self._symbols) - set(self._file.schema_arrow.names))
        if missing:
            raise DataError(f"{path}: no column {missing[0]!r}, which other files of the market have")

    @property
    def n_rows(self) -> int:
        """Rows in the file."""
        return int(self.bounds[-1])

    def _open(self) -> pq.ParquetFile:
        with explained(self.path, self._in_store):
            return pq.ParquetFile(self.path, page_checksum_verification=True)

    def twin(self) -> ColumnFile:
        """Open the file once more, for another thread."""
        return ColumnFile(self.path, self._symbols, self._decimals, in_store=self._in_store)

    def read(self, low: int, out: Floats) -> None:
        """Write the rows from `low` on into `out` `(n, N)`."""
        high = low + len(out)
        first = int(np.searchsorted(self.bounds, low, side="right")) - 1
        last = int(np.searchsorted(self.bounds, high, side="left"))
        for group in range(first, last):
            start, stop = int(self.bounds[group]), int(self.bounds[group + 1])
            begin, end = max(low, start), min(high, stop)
            self._turn(group, slice(begin - start, end - start), out[begin - low : end - low])
        if self._decimals:
            out /= 10.0**self._decimals

    def bars_before(self, column: int, row: int) -> Ints:
        """Return the rows before `row` in which a column has a number; no other column is read."""
        symbol, found = self._symbols[column], [np.empty(0, np.int64)]
        for group in range(int(np.searchsorted(self.bounds, row, side="left"))):
            with explained(self.path, self._in_store):
                table = self._file.read_row_group(group, columns=[symbol])
            found.append(np.flatnonzero(np.isfinite(_floats(table.column(symbol)))) + self.bounds[group])
        places = np.concatenate(found)
        return places[places < row]

    def _turn(self, group: int, rows: slice, out: Floats) -> None:
        """Write some rows of a row group into `out`."""
        with explained(self.path, self._in_store):
            table = self._file.read_row_group(group, columns=list(dict.fromkeys(self._symbols)))
        columns = [_floats(table.column(symbol))[rows] for symbol in self._symbols]
        whole = len(columns) - len(columns) % LANE
        for first in range(0, whole, LANE):
            turn_eight(tuple(columns[first : first + LANE]), out, first)
        for place in range(whole, len(columns)):
            out[:, place] = columns[place]


def _floats(column: pa.ChunkedArray) -> Floats:
    """Return a column as read-only float64, a view of what was read where it is that already."""
    part = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    values = part.to_numpy(zero_copy_only=False).astype(np.float64, copy=False).view()
    values.flags.writeable = False
    return np.ascontiguousarray(values)
