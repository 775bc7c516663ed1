"""The fields and masks of a streamed market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest.market.masks import listed_mask
from backtest.market.stream.column_file import ColumnFile
from backtest.market.stream.lazy import LazyRows
from backtest.market.stream.source import Reader, StoredRows, Stream
from backtest.market.transfers import ENDINGS
from backtest.market.universe import Universe
from backtest.types import Bools, Ints, Records, Strings


@dataclass(frozen=True)
class MemberReader:
    """Who belongs to a universe, as a reader of rows."""

    universe: Universe
    symbols: Sequence[str]
    session: Ints

    def read(self, low: int, out: NDArray[Any]) -> None:
        """Write the rows from `low` on."""
        out[...] = self.universe.members(self.symbols, self.session[low : low + len(out)])

    def twin(self) -> MemberReader:
        """Nothing in it ever changes."""
        return self


class ListedRows(LazyRows):
    """Who is listed, as `masks.listed_mask` says it of a whole market."""

    def __init__(self, close: LazyRows, session: Ints, listed: tuple[Ints, Ints], actions: Records) -> None:
        self.name = "listed"
        self.shape = close.shape
        self._close, self._session, self._listed = close, session, listed
        self._gone = actions[np.isin(actions["kind"], ENDINGS)]

    def block(self, low: int, high: int) -> Bools:
        """Work the rows out from the sessions, and the closes of the rows in which something left."""
        first, last = self._listed[0], self._listed[1].copy()
        before = self._gone["row"] < low
        last[self._gone["asset"][before]] = self._session[0] - 1
        inside = self._gone[~before & (self._gone["row"] < high)].copy()
        real = np.ones((high - low, self.shape[1]), np.bool_)
        for row in np.unique(inside["row"]).tolist():
            real[row - low] = np.isfinite(self._close[row])
        inside["row"] -= low
        return listed_mask(self._session[low:high], first, last, real, inside)


def stream_of(
    files: Mapping[str, ColumnFile], stop: int, symbols: Strings, look_back: int, member: MemberReader | None = None
) -> tuple[Stream, dict[str, Any]]:
    """Return the stream over the first `stop` rows of files, and the lazy fields that read from it."""
    readers: dict[str, Reader] = dict(files)
    types: dict[str, Any] = dict.fromkeys(files, np.float64)
    if member is not None:
        readers["member"], types["member"] = member, np.bool_
    inner = files["close"].bounds
    bounds = [*inner[inner < stop].tolist(), stop]
    stream = Stream(readers, types, bounds, symbols, look_back)
    return stream, {name: StoredRows(stream, name) for name in readers}
