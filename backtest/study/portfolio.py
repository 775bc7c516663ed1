"""What the runs held: average and last weights, and over how many assets the money was spread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from backtest.study.measure import finite
from backtest.study.record import stamps_of
from backtest.types import Floats
from backtest.workspace.reading import reading


def held(folder: Path, first: int, last: int) -> dict[str, Any]:
    """Return average and last weights by symbol, of a run between two moments (UTC nanoseconds), cash included.

    `spread` is the mean over time of 1 / Σ s², s the shares of the money that is invested: the number of equal holdings
    that would be as concentrated.
    """
    path = folder / "weights.parquet"
    with reading(path):
        table = pq.read_table(path)
        stamps = stamps_of(table)
        symbols = [name for name in table.column_names if name != "time"]
        columns = [table.column(name).to_numpy() for name in symbols]
    inside = (stamps >= first) & (stamps <= last)
    weights = np.nan_to_num(np.column_stack(columns)[inside] if columns else np.empty((inside.sum(), 0)))
    if not len(weights):
        return {"average": {}, "last": {}, "cash": None, "spread": None, "assets": 0}
    average = weights.mean(axis=0)
    used = np.flatnonzero(np.abs(weights).max(axis=0, initial=0.0) > 0.0)
    return {
        "average": {symbols[i]: float(average[i]) for i in used},
        "last": {symbols[i]: float(weights[-1, i]) for i in used if weights[-1, i] != 0.0},
        "cash": float(1.0 - average.sum()),
        "spread": finite(_spread(weights)),
        "assets": int(used.size),
    }


def _spread(weights: Floats) -> float:
    size = np.abs(weights)
    total = size.sum(axis=1)
    invested = total > 0.0
    if not invested.any():
        return float("nan")
    shares = size[invested] / total[invested, None]
    return float(np.mean(1.0 / (shares * shares).sum(axis=1)))
