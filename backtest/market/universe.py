"""Who belonged to the universe when: dates of entry and exit from a file, so that the dead are in it."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from backtest.market.lines import read_lines, refuse
from backtest.market.symbols import FAR_FUTURE
from backtest.types import Bools, Ints

COLUMNS = ("symbol", "from", "to")
EPOCH = date(1970, 1, 1)
NO_BEGINNING = -FAR_FUTURE


@dataclass(frozen=True)
class Universe:
    """Stays in a universe: symbol *k* belonged to it from session `first[k]` to `last[k]`, both included.

    Days since 1970. A symbol may have several stays. `source` is the file, for messages.
    """

    symbol: tuple[str, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    source: str

    @property
    def symbols(self) -> tuple[str, ...]:
        """Every symbol once, in the order of the file."""
        return tuple(dict.fromkeys(self.symbol))

    def members(self, symbols: Sequence[str], session: Ints) -> Bools:
        """Return who belongs in each row, `(T, N)`, for rows of these sessions."""
        column = {name: i for i, name in enumerate(symbols)}
        member = np.zeros((len(session), len(symbols)), np.bool_)
        for name, first, last in zip(self.symbol, self.first, self.last, strict=True):
            low, high = np.searchsorted(session, (first, last + 1))
            member[low:high, column[name]] = True
        return member

    def within(self, content_hash: str) -> str:
        """Return the digest of data with this content, seen through this universe."""
        digest = blake2b(content_hash.encode(), digest_size=16)
        for stay in zip(self.symbol, self.first, self.last, strict=True):
            digest.update(repr(stay).encode())
        return digest.hexdigest()


def read_universe(file: Path) -> Universe:
    """Read a CSV file with the columns symbol, from, to; an empty `to` has no end, an empty `from` no beginning."""
    table = read_lines(file, COLUMNS, "a universe is a CSV file", "symbol")
    names = table["symbol"].tolist()
    wrong: dict[int, str] = {}
    first, last = _days(table, "from", NO_BEGINNING, wrong), _days(table, "to", FAR_FUTURE, wrong)
    found = Universe(tuple(names), first, last, str(file))
    refuse(file, _wrong_stays(found, wrong) | wrong)
    return found


def _days(table: pd.DataFrame, column: str, missing: int, wrong: dict[int, str]) -> tuple[int, ...]:
    """Return the days of a column; lines without a day are added to `wrong`."""
    days = []
    for line, text in enumerate(table[column].tolist(), 2):
        days.append(missing)
        if text:
            try:
                days[-1] = (date.fromisoformat(text) - EPOCH).days
            except ValueError:
                wrong.setdefault(line, f"{column}: received {text!r}; allowed: YYYY-MM-DD, or nothing")
    return tuple(days)


def _wrong_stays(universe: Universe, unread: Container[int]) -> dict[int, str]:
    """Find lines without a symbol, that end before they begin, and stays of one symbol that overlap."""
    wrong: dict[int, str] = {}
    stays: dict[str, list[tuple[int, int, int]]] = {}
    for line, (name, first, last) in enumerate(zip(universe.symbol, universe.first, universe.last, strict=True), 2):
        if not name:
            wrong[line] = "a line without a symbol"
        elif line in unread:
            continue
        elif last < first:
            wrong[line] = f"{name} leaves before it enters"
        else:
            stays.setdefault(name, []).append((first, last, line))
    for name, own in stays.items():
        own.sort()
        for (_, last, _), (first, _, line) in pairwise(own):
            if first <= last:
                wrong[line] = f"{name} enters again before it has left"
    return wrong
