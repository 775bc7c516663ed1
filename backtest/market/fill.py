"""The second pass over input files: every bar to its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pyarrow as pa

from backtest.market.calendars import Clock
from backtest.market.columns import ADJUSTED, Columns
from backtest.market.faults import Faults, row_word
from backtest.market.scan import Scan, read_stamps, stamp_keys
from backtest.market.sources import Batch, Source, texts
from backtest.types import Bools, Floats, Ints

OnDuplicate = Literal["error", "first", "last"]
PRICES = ("open", "high", "low", "close")
_FILE = 1 << 40  # a place in the files is file number * _FILE + row number, 0 for none


@dataclass(frozen=True)
class Rules:
    """How the second pass treats what it finds."""

    date_format: str | None
    on_duplicate: OnDuplicate
    drop_bad_bars: bool
    use_adjusted: bool
    """Whether an adjusted close beside the close replaces it, and scales the other prices of its bar."""


@dataclass(frozen=True)
class _Bars:
    """Some bars, long: their row and column in the market, their row in the file, and their values."""

    row: Ints
    asset: Ints
    number: Ints
    values: Mapping[str, Floats]

    def only(self, kept: Bools | Ints) -> _Bars:
        values = {name: column[kept] for name, column in self.values.items()}
        return _Bars(self.row[kept], self.asset[kept], self.number[kept], values)


@dataclass
class Filled:
    """The arrays of the market, `(T, N)`, and what was left out, by symbol."""

    fields: dict[str, Floats]
    duplicates: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)


def fill(
    sources: Sequence[Source], columns: Sequence[Columns], scan: Scan, clock: Clock, names: Sequence[str], rules: Rules
) -> Filled:
    """Put every bar of the files into `(T, N)` arrays of the fields `names`; refuse with row numbers what has none."""
    work = _Filling(sources, scan, clock, names, rules)
    for k, (source, what) in enumerate(zip(sources, columns, strict=True)):
        for batch in source.batches(_kinds(what)):
            for bars in _bars(batch, what, source, scan, clock, rules, work.faults):
                work.place(k, bars)
    work.faults.refuse()
    return work.filled


class _Filling:
    """The arrays being filled, and where each bar came from."""

    def __init__(self, sources: Sequence[Source], scan: Scan, clock: Clock, names: Sequence[str], rules: Rules) -> None:
        shape = (clock.start.shape[0], len(scan.symbols))
        self.filled = Filled({name: np.full(shape, np.nan) for name in names})
        self.faults = Faults()
        self._origin = np.zeros(shape[0] * shape[1], np.int64)
        self._sources, self._symbols, self._clock, self._rules = sources, scan.symbols, clock, rules

    def place(self, file: int, bars: _Bars) -> None:
        """Write bars to their cells after taking out those that no cell may hold."""
        bars = bars.only(self._placed(file, bars))
        bars = bars.only(self._sound(file, bars))
        cells = bars.row * len(self._symbols) + bars.asset
        kept = self._unrepeated(file, bars, cells)
        self._origin[cells[kept]] = file * _FILE + bars.number[kept]
        for name, values in bars.values.items():
            self.filled.fields[name].reshape(-1)[cells[kept]] = values[kept]

    def _placed(self, file: int, bars: _Bars) -> Bools:
        """Refuse bars whose stamp is on no row."""
        out = np.flatnonzero(bars.row < 0)
        remedy = "correct the stamps or the time zone, or import with calendar data"

        def told(k: int) -> str:
            return str(self._symbols[int(bars.asset[out[k]])])

        self.faults.add(self._sources[file].path, bars.number[out], self._clock.refused, remedy, told)
        return np.asarray(bars.row >= 0)

    def _sound(self, file: int, bars: _Bars) -> Bools:
        """Refuse, or drop and count, bars with a price that is missing, not finite or not positive."""
        sound = np.ones(bars.row.shape[0], np.bool_)
        for name, values in bars.values.items():
            sound &= _sound_volume(values) if name == "volume" else np.isfinite(values) & (values > 0.0)
        wrong = bars.only(~sound)
        if self._rules.drop_bad_bars:
            _count(self.filled.dropped, self._symbols, wrong.asset)
        else:
            what = "a price that is missing, not finite or not positive"
            remedy = (
                "allowed: every price of a bar, or none of them; correct the file, or drop bad bars (--drop-bad-bars)"
            )
            self.faults.add(self._sources[file].path, wrong.number, what, remedy, lambda k: self._told(wrong, k))
        return sound

    def _unrepeated(self, file: int, bars: _Bars, cells: Ints) -> Ints:
        """Return which bars to write when several have the same stamp and symbol."""
        order = np.argsort(cells, kind="stable")
        again = np.zeros(cells.shape[0], np.bool_)
        again[order[1:]] = cells[order[1:]] == cells[order[:-1]]
        again |= self._origin[cells] != 0
        repeated = np.flatnonzero(again)
        if repeated.size == 0:
            return order
        if self._rules.on_duplicate == "error":
            self._refuse_repeated(file, bars, cells, repeated)
        _count(self.filled.duplicates, self._symbols, bars.asset[repeated])
        if self._rules.on_duplicate == "last":
            return _last_of_each(cells, order)
        return np.flatnonzero(~again)

    def _refuse_repeated(self, file: int, bars: _Bars, cells: Ints, repeated: Ints) -> None:
        def told(k: int) -> str:
            at = int(repeated[k])
            origin = int(self._origin[cells[at]])
            if origin == 0:  # the other one is in this batch too
                origin = file * _FILE + int(bars.number[np.flatnonzero(cells == cells[at])[0]])
            other, number = divmod(origin, _FILE)
            path = self._sources[other].path
            where = "" if other == file else f" of {path}"
            return f"{self._symbols[bars.asset[at]]} again, as in {row_word(path)} {number}{where}"

        what = "a repeated stamp and symbol"
        remedy = "correct the file, or keep the first or the last (--on-duplicate)"
        self.faults.add(self._sources[file].path, bars.number[repeated], what, remedy, told)

    def _told(self, bars: _Bars, k: int) -> str:
        values = ", ".join(f"{name} {values[k]:g}" for name, values in bars.values.items())
        return f"{self._symbols[bars.asset[k]]}: {values}"


def _kinds(what: Columns) -> dict[str, pa.DataType | None]:
    kinds: dict[str, pa.DataType | None] = {what.time: None}
    if what.symbol is not None:
        kinds[what.symbol] = pa.string()
    return kinds | dict.fromkeys([*what.fields.values(), *what.symbols], pa.float64())


def _bars(
    batch: Batch, what: Columns, source: Source, scan: Scan, clock: Clock, rules: Rules, faults: Faults
) -> Iterator[_Bars]:
    """Turn a batch into bars, without those that are missing altogether."""
    keys = stamp_keys(read_stamps(batch, what, rules.date_format, source, faults), scan.kind)
    row = clock.row[np.searchsorted(scan.stamps, keys)]
    number = batch.first + np.arange(row.shape[0])
    if what.layout == "wide":
        yield _wide_bars(batch, what, scan, row, number)
        return
    values = _values(batch, what, rules)
    there = np.logical_or.reduce([~np.isnan(values[name]) for name in PRICES if name in values])
    yield _Bars(row, _assets(batch, what, source, scan), number, values).only(there)


def _wide_bars(batch: Batch, what: Columns, scan: Scan, row: Ints, number: Ints) -> _Bars:
    columns = np.searchsorted(scan.symbols, [name.strip() for name in what.symbols])
    close = np.array([_floats(batch, name) for name in what.symbols])
    place, at = np.nonzero(~np.isnan(close))
    return _Bars(row[at], columns[place], number[at], {"close": close[place, at]})


def _assets(batch: Batch, what: Columns, source: Source, scan: Scan) -> Ints:
    if what.symbol is None:
        return np.full(batch.table.num_rows, np.searchsorted(scan.symbols, source.stem))
    found = texts(batch.table.column(what.symbol)).dictionary_encode()
    codes = np.searchsorted(scan.symbols, found.dictionary.to_pylist())
    assets: Ints = codes[found.indices.to_numpy()]
    return assets


def _values(batch: Batch, what: Columns, rules: Rules) -> dict[str, Floats]:
    """Return the fields of a batch; adjusted closes replace closes when the rules say so."""
    values = {field: _floats(batch, name) for field, name in what.fields.items()}
    adjusted = values.pop(ADJUSTED, None)
    if adjusted is None or not (rules.use_adjusted or "close" not in values):
        return values
    if "close" in values:
        with np.errstate(divide="ignore", invalid="ignore"):  # a bar without a close is refused later, with its row
            ratio = adjusted / values["close"]
        for name in ("open", "high", "low"):
            if name in values:
                values[name] = values[name] * ratio
    values["close"] = adjusted
    return values


def _floats(batch: Batch, name: str) -> Floats:
    return np.asarray(batch.table.column(name).to_numpy(zero_copy_only=False), np.float64)


def _sound_volume(volume: Floats) -> Bools:
    return np.asarray(np.isnan(volume) | (np.isfinite(volume) & (volume >= 0.0)))


def _last_of_each(cells: Ints, order: Ints) -> Ints:
    """Return the last place of each cell; `order` sorts the cells and is stable."""
    last = np.ones(order.shape[0], np.bool_)
    last[:-1] = cells[order[1:]] != cells[order[:-1]]
    return order[last]


def _count(counts: dict[str, int], symbols: Sequence[str], assets: Ints) -> None:
    for asset, n in zip(*np.unique(assets, return_counts=True), strict=True):
        counts[symbols[asset]] = counts.get(symbols[asset], 0) + int(n)
