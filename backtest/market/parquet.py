"""How the files of a store are written and read: one place for encodings, checksums and what a broken file says."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.errors import DataError
from backtest.types import Floats, Ints

ROWS_PER_GROUP = 20_000
AT_ONCE = 2**22  # bytes that a checksum reads
HOW: dict[str, Any] = {
    "compression": "zstd",
    "use_dictionary": False,
    "write_page_checksum": True,
    "write_statistics": False,  # 500 columns of them outweigh a small store, and nothing here filters by value
}
MOST_DECIMALS = 4  # more are the noise of an adjustment, not quotes
_EXACT = 2**53  # beyond it a float64 no longer tells whole numbers apart


def write_matrix(path: Path, symbols: Sequence[str], values: Floats) -> int | None:
    """Write `(T, N)` values as one column a symbol; return the decimals when they are kept as whole numbers.

    Quotes have few decimals: as differences of whole numbers they take a third of the bytes of floats, and the
    division on reading gives back the same bits (checked here, else floats are kept).
    """
    decimals = _decimals(values)
    if decimals is None:
        _write(path, pa.table([pa.array(column) for column in values.T], names=list(symbols)), split=True)
        return None
    whole = np.rint(np.nan_to_num(values) * 10.0**decimals).astype(np.int64)
    columns = [pa.array(column, mask=np.isnan(floats)) for column, floats in zip(whole.T, values.T, strict=True)]
    _write(path, pa.table(columns, names=list(symbols)))
    return decimals


def read_matrix(
    path: Path, symbols: Sequence[str], decimals: int | None, first: int, stop: int, checksum: int | None
) -> Floats:
    """Read rows ``first .. stop - 1`` of some symbols as C-order float64 `(stop - first, N)`, read-only."""
    with explained(path):
        file = pq.ParquetFile(_checked(path, checksum))
        groups, skipped = _groups(file, first, stop)
        table = file.read_row_groups(groups, columns=list(dict.fromkeys(symbols)))
        part = table.slice(first - skipped, stop - first)
        # Filled by symbol, then turned once: writing columns into a (T, N) array directly took twice the time.
        by_symbol = np.empty((len(symbols), stop - first))
        for row, symbol in enumerate(symbols):
            by_symbol[row] = part.column(symbol).to_numpy()
    values = np.ascontiguousarray(by_symbol.T)
    if decimals:
        values /= 10.0**decimals
    values.flags.writeable = False
    return values


def write_table(path: Path, columns: Mapping[str, object]) -> None:
    """Write a table of named columns."""
    _write(path, pa.table(dict(columns)))


def read_table(path: Path, checksum: int | None) -> pa.Table:
    """Read a whole table."""
    with explained(path):
        return pq.read_table(_checked(path, checksum))


def as_ints(column: pa.ChunkedArray) -> Ints:
    """Return a column of whole numbers, dates or timestamps as int64."""
    target = pa.int32() if pa.types.is_date32(column.type) else pa.int64()
    return np.array(column.cast(target).to_numpy(), np.int64)


def checksum(path: Path) -> int:
    """CRC-32 of a file; 10 MB take about 2 ms."""
    found = 0
    with path.open("rb") as file:
        while part := file.read(AT_ONCE):
            found = zlib.crc32(part, found)
    return found


class MatrixWriter:
    """Writes `(T, N)` floats some rows at a time, as `write_matrix` does all of them."""

    def __init__(self, path: Path, symbols: Sequence[str]) -> None:
        self._symbols = list(symbols)
        schema = pa.schema([pa.field(symbol, pa.float64()) for symbol in self._symbols])
        self._writer = pq.ParquetWriter(path, schema, use_byte_stream_split=True, **HOW)

    def __enter__(self) -> MatrixWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()

    def write(self, values: Floats) -> None:
        """Write rows as row groups of their own."""
        columns = [pa.array(column) for column in np.ascontiguousarray(values.T)]
        self._writer.write_table(pa.Table.from_arrays(columns, self._symbols), row_group_size=ROWS_PER_GROUP)


def _write(path: Path, table: pa.Table, *, split: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    delta = {field.name: "DELTA_BINARY_PACKED" for field in table.schema if _is_whole(field.type)}
    encoding = {"use_byte_stream_split": split, "column_encoding": delta or None}
    pq.write_table(table, path, row_group_size=ROWS_PER_GROUP, **encoding, **HOW)


def _is_whole(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_timestamp(kind) or pa.types.is_date32(kind))


def _decimals(values: Floats) -> int | None:
    """Return the fewest decimals with which every value comes back exactly, None when there is no such number."""
    decimals = 0
    for column in values.T:
        finite = column[np.isfinite(column)]
        while not _exact(finite, decimals):
            decimals += 1
            if decimals > MOST_DECIMALS:
                return None
    return decimals


def _exact(finite: Floats, decimals: int) -> bool:
    whole = np.rint(finite * 10.0**decimals)
    return bool(np.abs(whole).max(initial=0.0) < _EXACT and np.array_equal(whole / 10.0**decimals, finite))


def _groups(file: pq.ParquetFile, first: int, stop: int) -> tuple[list[int], int]:
    """Return the row groups that hold the rows asked for, and how many rows come before them."""
    meta = file.metadata
    bounds = np.cumsum([0] + [meta.row_group(k).num_rows for k in range(meta.num_row_groups)])
    if stop > bounds[-1]:
        raise pa.ArrowInvalid(f"{bounds[-1]} rows, where the clock has at least {stop}")
    low = int(np.searchsorted(bounds, first, side="right")) - 1
    high = int(np.searchsorted(bounds, stop, side="left"))
    return list(range(low, high)), int(bounds[low])


def _checked(path: Path, expected: int | None) -> pa.BufferReader:
    """Return the bytes of a file after comparing their checksum: one changed bit is found before anything is used."""
    content = pa.memory_map(str(path)).read_buffer()
    if expected is None or zlib.crc32(content) != expected:
        raise pa.ArrowInvalid("its checksum is not the one in the manifest")
    return pa.BufferReader(content)


@contextmanager
def explained(path: Path, in_store: bool = True) -> Iterator[None]:
    """Turn whatever a broken or missing file raises into one DataError that names it."""
    try:
        yield
    except (pa.ArrowException, OSError, KeyError) as error:
        text = str(error).splitlines()[0] if str(error) else type(error).__name__
        said = f"the store is damaged: {text}; import the data again" if in_store else f"cannot be read: {text}"
        raise DataError(f"{path}: {said}") from None
