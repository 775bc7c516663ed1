"""The returns of trials by day, kept beside the register: what correlations between trials are computed from.

One small Parquet file a trial, named by its key, about 4 bytes a day. It does not depend on the run folder, which can
be deleted. Without it (deleted, unreadable) a trial still counts, as one that correlates with no other.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.types import Floats, Ints

NS_PER_DAY = 86_400 * 10**9


@dataclass(frozen=True)
class DailyReturns:
    """Simple return of each UTC day with bars: days since 1970 `(D,)`, ascending, and returns `(D,)`."""

    days: Ints
    returns: Floats


def by_day(returns: Floats, times: Ints) -> DailyReturns:
    """Compound the returns of bars `(R,)` that end at `times` (UTC nanoseconds) within each day.

    A bar that ends at midnight belongs to the day before. A bar without a return (NaN, after a ruin) changes nothing.
    Bars of a day or longer keep their returns.
    """
    days, first = np.unique((times - 1) // NS_PER_DAY, return_index=True)
    return DailyReturns(days, np.multiply.reduceat(1.0 + np.nan_to_num(returns, nan=0.0), first) - 1.0)


def keep(folder: Path, key: str, daily: DailyReturns) -> None:
    """Write the returns of a trial, whole or not at all, rounded to seven digits; raises OSError."""
    file = folder / f"{key}.parquet"
    partial = folder / f".{key}-{os.getpid()}-{threading.get_ident()}"
    table = pa.table({"day": daily.days.astype(np.int32), "return": daily.returns.astype(np.float32)})
    encoding = {"day": "DELTA_BINARY_PACKED", "return": "BYTE_STREAM_SPLIT"}
    try:
        pq.write_table(table, partial, compression="zstd", use_dictionary=False, column_encoding=encoding)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def kept(folder: Path, key: str) -> DailyReturns | None:
    """Read the returns of a trial; None when they are not there or cannot be read."""
    try:
        with pq.ParquetFile(folder / f"{key}.parquet") as file:
            table = file.read(use_threads=False)
        days, returns = table["day"].to_numpy(), table["return"].to_numpy()
        return DailyReturns(days.astype(np.int64), returns.astype(np.float64))
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None


def side_by_side(trials: Sequence[DailyReturns | None]) -> Floats:
    """Return `(D, N)` over every day that any trial has; NaN where a trial has no such day, or nothing at all."""
    known = [each for each in trials if each is not None]
    days = np.unique(np.concatenate([each.days for each in known])) if known else np.zeros(0, np.int64)
    out = np.full((len(days), len(trials)), np.nan)
    for column, each in enumerate(trials):
        if each is not None:
            out[np.searchsorted(days, each.days), column] = each.returns
    return out
