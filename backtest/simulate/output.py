"""What the loop writes, in pages that are never copied while it runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.kernels.book import Row, Told
from backtest.types import Floats, Ints, Records

RECORD = np.dtype([(name.lower(), "f8") for name in Row._fields] + [(name.lower(), "i8") for name in Told._fields])
"""A row as one record, for those who keep or compare whole rows."""


class Rows:
    """What the loop says of each simulated row, column by column; a column that is not written takes no memory.

    Rows of one record each were 88 bytes a row, mostly of what nobody had asked for: of a million minutes over ten
    assets they took 60 of 300 ms, to be written and to be copied into columns.
    """

    def __init__(self, n_rows: int, is_watched: bool = True, is_financed: bool = True) -> None:
        """Begin with nothing said; drift is known at most where bands watch it, and what carry is where it is paid."""
        self.rows: Floats = np.zeros((len(Row), n_rows))
        self.told: Ints = np.zeros((len(Told), n_rows), np.int64)
        self._is_watched, self._is_financed = is_watched, is_financed
        if is_watched:
            self.rows[Row.DRIFT] = np.nan
            self.told[Told.DRIFT_ASSET] = -1

    def __len__(self) -> int:
        """Return the number of simulated rows."""
        return len(self.rows[Row.EQUITY])

    @property
    def drift(self) -> Floats:
        """Largest drift of each row, NaN while silent."""
        return self.rows[Row.DRIFT] if self._is_watched else np.broadcast_to(np.nan, len(self))

    @property
    def drift_asset(self) -> Ints:
        """Whose drift that is, -1: nobody's."""
        return self.told[Told.DRIFT_ASSET] if self._is_watched else np.broadcast_to(np.int64(-1), len(self))

    @property
    def carry(self) -> Floats:
        """What holding earned, `(R, 5)`."""
        carried = self.rows[Row.INTEREST : Row.FUNDING + 1].T
        return np.ascontiguousarray(carried) if self._is_financed else np.zeros(carried.shape)

    def between(self, low: int, high: int) -> Records:
        """Return some rows as records."""
        records: Records = np.zeros(high - low, RECORD)
        for name in RECORD.names or ():
            records[name] = self._column(name)[low:high]
        return records

    def restore(self, low: int, records: Records) -> None:
        """Write what `between` gave, from row `low` on."""
        for name in RECORD.names or ():
            if self._is_watched or not name.startswith("drift"):
                self._column(name)[low : low + len(records)] = records[name]

    def _column(self, name: str) -> Floats | Ints:
        if name.startswith("drift"):
            return self.drift if name == "drift" else self.drift_asset
        place = name.upper()
        floats: Floats = self.rows[Row._fields.index(place)] if place in Row._fields else self.told[Told.REASONS]
        return floats


class Pages:
    """A table of records that grows by whole pages: the kernel fills one, and gets the next when it may not suffice.

    Doubling one array instead would copy everything again and again: 20 µs a wake on a strategy that trades ten assets
    every bar. A page is memory that costs nothing until it is written.
    """

    def __init__(self, dtype: np.dtype[np.void], room: int, expected: int) -> None:
        """Start with a page for `expected` records, beside the `room` that the worst row may take."""
        self.room = room
        self.page: Records = np.empty(expected + room, dtype)
        self._full: list[Records] = []

    def is_short(self, written: int, more: int = 0) -> bool:
        """Whether the worst row, and `more` records for orders, may not fit behind what is `written` on the page."""
        return written + self.room + more > len(self.page)

    def turn(self, written: int, more: int = 0) -> None:
        """Put the page away and take one of twice the size, or more."""
        self._full.append(self.page[:written])
        self.page = np.empty(max(2 * len(self.page), self.room + more), self.page.dtype)

    def close(self, written: int) -> None:
        """Put away what is written, and go on with the rest of the page."""
        self._full.append(self.page[:written])
        rest = self.page[written:]
        self.page = rest if len(rest) >= self.room else np.empty_like(self.page)

    def put(self, records: Records) -> None:
        """Put away what was written before there was a page."""
        self._full.append(records)

    def since(self, start: int, written: int) -> Records:
        """Everything but the first `start` records; copies little when few are new."""
        new = self.count(written) - start
        parts, there = [self.page[:written]], written
        for part in reversed(self._full):
            if there >= new:
                break
            parts.insert(0, part)
            there += len(part)
        whole = parts[0] if len(parts) == 1 else joined(parts)
        return whole[there - new :]

    def count(self, written: int) -> int:
        """Number of all records."""
        return sum(len(part) for part in self._full) + written

    def all(self, written: int) -> Records:
        """Everything, of which `written` records stand on the last page."""
        last = self.page[:written]
        if not self._full:
            return last
        return joined([*self._full, last])


def joined(parts: Sequence[Records]) -> Records:
    """Return tables of one kind behind one another, copied as bytes: field by field it takes five times as long."""
    whole: Records = np.empty(sum(len(part) for part in parts), parts[0].dtype)
    raw, at = whole.view(np.uint8), 0
    for part in parts:
        raw[at : at + part.nbytes] = np.ascontiguousarray(part).view(np.uint8)
        at += part.nbytes
    return whole
