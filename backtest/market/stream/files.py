"""A streamed market straight from Parquet files, one a field, one column a symbol."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.errors import DataError, nearest
from backtest.market.build import clock_of
from backtest.market.fields import fixed
from backtest.market.market import FIELDS, Market, PriceKind
from backtest.market.masks import session_ends
from backtest.market.parquet import explained
from backtest.market.stream.column_file import ColumnFile
from backtest.market.stream.fields import stream_of
from backtest.market.stream.memory import refuse_too_large

File = Path | str


def stream_market(
    *,
    close: File,
    open: File | None = None,
    high: File | None = None,
    low: File | None = None,
    volume: File | None = None,
    symbols: Sequence[str] | None = None,
    time: str | None = None,
    price_kind: PriceKind = "total_return",
    look_back: int = 0,
) -> Market:
    """Open a market that is larger than memory, in Parquet files of one column a symbol; `simulate` runs over it.

    Rows are read while a simulation passes over them, a row group at a time: files are best written with row groups of
    at most 20,000 rows. `symbols` are the columns to trade, by default all but that of the times. `time` names the
    column of times, by default the one that holds such; without any, each row is a calendar day from 2000-01-01. All
    files have the same rows. `look_back` rows before each row group stay in memory; a look further back reads them
    again. Prices are looked over as they are read, as `make_market` does.
    """
    given = {"open": open, "high": high, "low": low, "close": close, "volume": volume}
    paths = {name: Path(path) for name in FIELDS if (path := given[name]) is not None}
    stamps, names = _columns(paths["close"], symbols, time)
    files: dict[str, ColumnFile] = {name: ColumnFile(path, names) for name, path in paths.items()}
    _refuse_lengths(files)
    n_rows = files["close"].n_rows
    start, end, session = clock_of(None if stamps is None else _times(paths["close"], stamps), n_rows)
    stream, fields = stream_of(files, n_rows, np.array(names, np.str_), look_back)
    refuse_too_large(stream)
    return Market(
        symbols=stream.symbols,
        start=fixed(start[:, None]),
        end=fixed(end[:, None]),
        complete=stream.complete,
        session=fixed(session),
        session_end=fixed(session_ends(session)),
        price_kind=price_kind,
        name=paths["close"].name,
        stream=stream,
        **fields,
    )


def _columns(path: Path, symbols: Sequence[str] | None, time: str | None) -> tuple[str | None, list[str]]:
    """Return the column of times, None where there is none, and those of the symbols."""
    with explained(path, in_store=False):
        schema = pq.read_schema(path)
    stamps = time or next((field.name for field in schema if pa.types.is_temporal(field.type)), None)
    known = [name for name in schema.names if name != stamps]
    names = known if symbols is None else [str(symbol) for symbol in symbols]
    for name in [*names, *([] if time is None else [time])]:
        if name not in schema.names:
            close = nearest(name, schema.names)
            hint = f"; did you mean {close!r}?" if close else ""
            raise DataError(f"{path}: no column {name!r}; it has {len(schema.names)}{hint}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if not names or twice:
        said = f"{twice[0]!r} is asked for more than once" if twice else "no column is a symbol"
        raise DataError(f"{path}: {said}; allowed: at least one symbol, each once")
    return stamps, names


def _times(path: Path, column: str) -> pd.DatetimeIndex:
    """Read the times of all rows: eight bytes each."""
    with explained(path, in_store=False):
        times = pd.DatetimeIndex(pq.read_table(path, columns=[column]).column(column).to_pandas())
    backwards = np.flatnonzero(times.asi8[1:] <= times.asi8[:-1])
    if len(backwards):
        row = int(backwards[0]) + 1
        raise DataError(f"{path}: {column}: row {row}: {times[row]} does not come after {times[row - 1]}")
    return times


def _refuse_lengths(files: dict[str, ColumnFile]) -> None:
    rows = files["close"].n_rows
    for file in files.values():
        if file.n_rows != rows or not rows:
            raise DataError(f"{file.path}: {file.n_rows} rows; expected as many as the closes have, {rows}, and not 0")
