"""Who belonged to the universe when: dates of entry and exit from a file, so that the dead are in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from backtest.errors import DataError
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
    try:
        table = pd.read_csv(file, dtype=str, skipinitialspace=True, keep_default_na=False)
    except FileNotFoundError:
        raise DataError(f"{file}: no such file; a universe is a CSV file with {', '.join(COLUMNS)}") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{file}: cannot be read as CSV: {error}") from error
    table.columns = table.columns.str.strip().str.lower()
    if not set(COLUMNS) <= set(table.columns):
        raise DataError(f"{file}: received the columns {', '.join(table.columns)}; allowed: {', '.join(COLUMNS)}")
    if not len(table):
        raise DataError(f"{file}: no line below the header; at least one symbol")
    names = table["symbol"].str.strip().tolist()
    first, last = _days(table, "from", NO_BEGINNING, file), _days(table, "to", FAR_FUTURE, file)
    found = Universe(tuple(names), first, last, str(file))
    _refuse(found, file)
    return found


def _days(table: pd.DataFrame, column: str, missing: int, file: Path) -> tuple[int, ...]:
    days = []
    for k, text in enumerate(table[column].str.strip().tolist()):
        try:
            days.append((date.fromisoformat(text) - EPOCH).days if text else missing)
        except ValueError:
            raise DataError(f"{file}:{k + 2}: {column}: received {text!r}; allowed: YYYY-MM-DD, or nothing") from None
    return tuple(days)


def _refuse(universe: Universe, file: Path) -> None:
    """Raise for a line without a symbol, one that ends before it begins, and stays of one symbol that overlap."""
    stays: dict[str, list[tuple[int, int, int]]] = {}
    for k, (name, first, last) in enumerate(zip(universe.symbol, universe.first, universe.last, strict=True)):
        if not name:
            raise DataError(f"{file}:{k + 2}: a line without a symbol")
        if last < first:
            raise DataError(f"{file}:{k + 2}: {name} leaves before it enters")
        stays.setdefault(name, []).append((first, last, k + 2))
    for name, own in stays.items():
        own.sort()
        for (_, last, _), (first, _, line) in pairwise(own):
            if first <= last:
                raise DataError(f"{file}:{line}: {name} enters again before it has left")
