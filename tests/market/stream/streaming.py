"""Any market in memory as a stream, without a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest.market.market import FIELDS, Market
from backtest.market.stream.source import StoredRows, Stream


@dataclass(frozen=True)
class ArrayReader:
    """Rows of an array."""

    values: NDArray[Any]

    def read(self, low: int, out: NDArray[Any]) -> None:
        out[...] = self.values[low : low + len(out)]

    def twin(self) -> ArrayReader:
        return self


def streamed(market: Market, inner: Sequence[int] = (), look_back: int = 0) -> Market:
    """Cut a market before the rows `inner` into blocks of a stream."""
    fields = {name: values for name in (*FIELDS, "member") if (values := getattr(market, name)) is not None}
    readers = {name: ArrayReader(values) for name, values in fields.items()}
    types = {name: values.dtype for name, values in fields.items()}
    bounds = sorted({0, *(row for row in inner if 0 < row < market.n_rows), market.n_rows})
    stream = Stream(readers, types, bounds, market.symbols, look_back)
    lazy: Any = {name: StoredRows(stream, name) for name in fields}
    return replace(market, complete=stream.complete, stream=stream, **lazy)


def random_cuts(market: Market, seed: int) -> list[int]:
    """Choose rows at which blocks begin: none, a few, or every one."""
    rng = np.random.default_rng(seed)
    return rng.integers(1, market.n_rows, (0, 3, market.n_rows)[seed % 3]).tolist()
