"""The first pass over input files: which stamps and which symbols are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from backtest.errors import DataError
from backtest.market.calendars import StampKind
from backtest.market.columns import Columns
from backtest.market.faults import Faults
from backtest.market.sources import Batch, Source, texts
from backtest.market.stamps import DAY, Stamps, parse
from backtest.types import Ints

_MERGE_AT = 1_000_000  # stamps gathered before repeated ones are thrown away
STAMP_REMEDY = "allowed: ISO 8601, a number since 1970, or a date format that you give, such as '%d/%m/%Y'"


@dataclass(frozen=True)
class Scan:
    """Distinct sorted stamps, what kind they are, and the symbols in alphabetical order."""

    stamps: Ints
    kind: StampKind
    symbols: tuple[str, ...]


class _Distinct:
    """Gathers distinct numbers without keeping all that were seen."""

    def __init__(self) -> None:
        self._parts: list[Ints] = []
        self._size = 0

    def add(self, values: Ints) -> None:
        self._parts.append(np.unique(values))
        self._size += self._parts[-1].shape[0]
        if self._size > _MERGE_AT:
            merged = self.sorted()
            self._parts, self._size = [merged], 0  # counts what came since, so that long data do not merge each time

    def sorted(self) -> Ints:
        return np.unique(np.concatenate([*self._parts, np.empty(0, np.int64)]))


def scan(sources: Sequence[Source], columns: Sequence[Columns], date_format: str | None) -> Scan:
    """Read the times and symbols of all files; refuse what cannot be read, with row numbers."""
    wall, utc, symbols = _Distinct(), _Distinct(), set[str]()
    aware: dict[bool, Source] = {}
    faults = Faults()
    for source, what in zip(sources, columns, strict=True):
        symbols.update(_symbols_ahead(source, what))
        for batch in source.batches(key_kinds(what)):
            stamps = read_stamps(batch, what, date_format, source, faults)
            read = ~stamps.unread
            wall.add(stamps.wall[read])
            if stamps.utc is not None:
                utc.add(stamps.utc[read])
            if read.any():
                aware.setdefault(stamps.utc is not None, source)
            if what.symbol is not None:
                symbols.update(_read_symbols(batch, what.symbol, source, faults))
    faults.refuse()
    if len(aware) == 2:
        raise DataError(
            f"{aware[True].path} has stamps with a time zone, {aware[False].path} has stamps without; "
            "allowed: all with, or all without"
        )
    return _scan(wall.sorted(), utc.sorted(), True in aware, symbols)


def key_kinds(what: Columns) -> dict[str, pa.DataType | None]:
    """Return the columns that say which bar a row is."""
    return {what.time: None} | ({} if what.symbol is None else {what.symbol: pa.string()})


def read_stamps(batch: Batch, what: Columns, date_format: str | None, source: Source, faults: Faults) -> Stamps:
    """Parse the stamps of a batch; those that cannot be read become faults."""
    column = batch.table.column(what.time)
    try:
        stamps = parse(column, date_format)
    except DataError as error:
        raise DataError(f"{source.path}: column {what.time!r}: {error}") from None
    wrong = np.flatnonzero(stamps.unread)
    told = f"a {what.time!r} that cannot be read as a time"
    faults.add(source.path, batch.first + wrong, told, STAMP_REMEDY, lambda k: repr(column[int(wrong[k])].as_py()))
    return stamps


def stamp_keys(stamps: Stamps, kind: StampKind) -> Ints:
    """Return what identifies a stamp among `Scan.stamps`."""
    return stamps.wall if stamps.utc is None or kind == "date" else stamps.utc


def _scan(wall: Ints, utc: Ints, aware: bool, symbols: set[str]) -> Scan:
    """Midnights as written are dates: "2024-01-05 00:00+00:00" of a daily file means the 5th, wherever it trades."""
    if wall.shape[0] == 0:
        raise DataError("the files have no rows")
    names = tuple(sorted(symbols))
    if not (wall % DAY).any():
        return Scan(wall, "date", names)
    return Scan(utc, "aware", names) if aware else Scan(wall, "naive", names)


def _symbols_ahead(source: Source, what: Columns) -> Sequence[str]:
    """Return the symbols that the file's name or header tells."""
    if what.layout == "per_file":
        return [source.stem]
    return [name.strip() for name in what.symbols]


def _read_symbols(batch: Batch, name: str, source: Source, faults: Faults) -> list[str]:
    found = texts(batch.table.column(name)).dictionary_encode()
    codes = found.indices.fill_null(-1).to_numpy()
    known = found.dictionary.to_pylist()
    missing = np.array([*(not symbol for symbol in known), True])[codes]
    rows = batch.first + np.flatnonzero(missing)
    faults.add(source.path, rows, "no symbol", "allowed: a symbol in every row", lambda _: f"column {name!r}")
    return [symbol for symbol in known if symbol]
