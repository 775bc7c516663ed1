"""Side series joined as of what was known, never by date alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backtest.errors import DataError
from backtest.market.market import Series
from backtest.market.parquet import as_ints
from backtest.types import Floats

WHOLE_MARKET = -1


def asof(series: Series, time_ns: int, n_assets: int) -> Floats:
    """Return the latest value of each asset known at `time_ns` (UTC nanoseconds), `(n_assets,)`, NaN where none is.

    Only records with ``known_at <= time_ns`` count; of those the newest `time` wins, and of one time its latest
    revision. A value of the whole market stands for each asset that has none of its own.
    """
    values = series.index.latest(np.arange(n_assets, dtype=np.int64), time_ns)
    missing = np.isnan(values)
    if missing.any():
        values[missing] = _whole(series, time_ns)
    return values


def asof_market(series: Series, time_ns: int) -> float:
    """Return the latest value of a series of the whole market known at `time_ns`, NaN before there is one."""
    if series.asset.size and not (series.asset == WHOLE_MARKET).any():
        raise DataError(f"series {series.name!r} has a value per symbol, none of the whole market; ask for all symbols")
    return _whole(series, time_ns)


def _whole(series: Series, time_ns: int) -> float:
    return float(series.index.latest(np.array([WHOLE_MARKET], np.int64), time_ns)[0])


def series_table(series: Series, symbols: Sequence[str]) -> pa.Table:
    """Return a series as it is kept in a store: time, symbol (null for the whole market), value, known_at."""
    stamp = pa.timestamp("ns", "UTC")
    names = [None if asset == WHOLE_MARKET else str(symbols[asset]) for asset in series.asset]
    return pa.table(
        {
            "time": pa.array(series.time, stamp),
            "symbol": pa.array(names, pa.string()),
            "value": series.value,
            "known_at": pa.array(series.known_at, stamp),
        }
    )


def series_from(name: str, table: pa.Table, symbols: Sequence[str]) -> Series:
    """Return a series of a store, for the symbols asked for and the whole market, sorted by `known_at`."""
    found = pc.index_in(table.column("symbol"), value_set=pa.array([str(symbol) for symbol in symbols], pa.string()))
    whole = table.column("symbol").is_null().to_numpy()
    asset = found.fill_null(WHOLE_MARKET).to_numpy().astype(np.int64)
    kept = np.flatnonzero((asset >= 0) | whole)
    time, known_at = as_ints(table.column("time"))[kept], as_ints(table.column("known_at"))[kept]
    order = np.lexsort((asset[kept], time, known_at))
    kept = kept[order]
    return Series(name, time[order], known_at[order], asset[kept], table.column("value").to_numpy()[kept])
