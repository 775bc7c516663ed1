"""What the loop writes, in pages that are never copied while it runs."""

from __future__ import annotations

import numpy as np

from backtest.types import Records


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
        whole: Records = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return whole[there - new :]

    def count(self, written: int) -> int:
        """Number of all records."""
        return sum(len(part) for part in self._full) + written

    def all(self, written: int) -> Records:
        """Everything, of which `written` records stand on the last page."""
        last = self.page[:written]
        if not self._full:
            return last
        parts = [*self._full, last]
        whole = np.empty(sum(len(part) for part in parts), self.page.dtype)
        at = 0
        for part in parts:
            whole[at : at + len(part)] = part
            at += len(part)
        return whole
