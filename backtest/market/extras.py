"""The small files beside the bars: symbols, actions, side series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from backtest.errors import DataError, nearest
from backtest.market.actions import KINDS, DatedActions
from backtest.market.columns import USUAL, plain
from backtest.market.faults import Faults, row_word
from backtest.market.market import Series
from backtest.market.series import WHOLE_MARKET
from backtest.market.sources import read_small, texts
from backtest.market.stamps import DAY, NAT, localise, parse
from backtest.market.transfers import ENDINGS, TRANSFERS
from backtest.types import ActionKind, Bools, Floats, Ints

Allowed = Callable[[Floats], Bools]

_SYMBOL_WORDS: Mapping[str, tuple[str, ...]] = {
    "symbol": USUAL["symbol"],
    "sector": ("sector", "gicssector", "industrysector"),
    "lot": ("lot", "lotsize"),
    "tick": ("tick", "ticksize"),
    "currency": ("currency", "ccy"),
    "listed_from": ("listedfrom", "from", "ipodate"),
    "listed_to": ("listedto", "to", "delistingdate"),
}
_ACTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "date", "exdate", "effective", "session"),
    "symbol": USUAL["symbol"],
    "kind": ("kind", "type", "action", "event"),
    "value": ("value", "ratio", "amount", "return"),
    "other": ("other", "child", "into", "newsymbol", "newname", "othersymbol"),
}
_SERIES_WORDS: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "date", "datetime", "timestamp", "period"),
    "symbol": USUAL["symbol"],
    "value": ("value",),
    "known_at": ("knownat", "known", "published", "publishedat", "released", "asof"),
}
_KIND_WORDS = {
    "div": "dividend", "dividends": "dividend", "splits": "split", "delist": "delisting",
    "spinoff": "spin_off", "spin-off": "spin_off", "renamed": "rename", "symbol_change": "rename",
}  # fmt: skip


def read_symbols(path: Path, symbols: Sequence[str], currency: str) -> tuple[pd.DataFrame, list[str]]:
    """Read the properties of symbols; return them indexed by symbol, and the symbols of the file without bars."""
    table = _renamed(path, read_small(path), _SYMBOL_WORDS, ("symbol",))
    names = _symbols(path, table, None)
    frame = table.drop_columns(["symbol"]).to_pandas()
    frame.index = pd.Index(names, name="symbol")
    for column in ("lot", "tick"):
        if column in frame:
            frame[column] = _numbers(path, table, column, lambda values: values >= 0.0, "a number >= 0", empty=True)
    for column in ("listed_from", "listed_to"):
        if column in frame:
            days = _days(path, table, column, empty=True)
            frame[column] = np.where(days == NAT, np.datetime64("NaT"), days.astype("datetime64[D]"))
    if "currency" not in frame:
        frame["currency"] = currency
    twice = frame.index[frame.index.duplicated()]
    if len(twice):
        at = np.flatnonzero(np.asarray(names) == twice[0])
        raise DataError(f"{path}: {_rows(path, at)} both describe {twice[0]}; allowed: one row a symbol")
    unused = sorted(set(names) - set(symbols))
    return frame.loc[[name for name in names if name in set(symbols)]], unused


def read_actions(path: Path, symbols: Sequence[str]) -> DatedActions:
    """Read splits (new units per old), dividends (money per unit) and delistings (return on the last price).

    A spin-off has the units that one unit receives, and of what in `other`; a rename only the new symbol there.
    """
    table = _renamed(path, read_small(path), _ACTION_WORDS, ("time", "symbol", "kind", "value"))
    names = _symbols(path, table, symbols)
    words = [str(word or "").lower() for word in texts(table.column("kind").combine_chunks()).to_pylist()]
    words = [_KIND_WORDS.get(word, word) for word in words]
    unknown = np.array([word not in KINDS for word in words])
    _refuse(path, unknown, "an unknown kind", f"allowed: {', '.join(KINDS)}", lambda k: repr(words[k]))
    kind = np.array([KINDS[word] for word in words], np.int64)
    value = _numbers(path, table, "value", lambda values: np.isfinite(values), "a number", empty=True)
    _refuse_values(path, kind, value)
    others = _others(path, table, kind, symbols)
    value = np.where(kind == ActionKind.RENAME, 0.0, value)
    actions = DatedActions(_days(path, table, "time"), tuple(names), kind, value, others)
    _refuse_repeated(path, actions)
    return actions


def read_series(path: Path, name: str, symbols: Sequence[str], timezone: str) -> tuple[Series, int]:
    """Read a side series; return it sorted by `known_at`, and how many rows without a value were left out."""
    table = _renamed(path, read_small(path), _SERIES_WORDS, ("time", "value", "known_at"))
    value = _numbers(path, table, "value", lambda values: np.isfinite(values), "a number", empty=True)
    time, known_at = (_instants(path, table, column, timezone) for column in ("time", "known_at"))
    asset = np.full(table.num_rows, WHOLE_MARKET, np.int64)
    if "symbol" in table.column_names:
        column = {symbol: k for k, symbol in enumerate(symbols)}
        named = texts(table.column("symbol").combine_chunks()).to_pylist()
        asset[:] = [column.get(symbol, WHOLE_MARKET) if symbol else WHOLE_MARKET for symbol in named]
        _refuse_unknown(path, [symbol or "" for symbol in named], {"", *symbols})
    order = np.lexsort((asset, time, known_at))
    order = order[~np.isnan(value[order])]
    series = Series(name, time[order], known_at[order], asset[order], value[order])
    return series, int(np.isnan(value).sum())


def _renamed(path: Path, table: pa.Table, words: Mapping[str, tuple[str, ...]], needed: Sequence[str]) -> pa.Table:
    """Give the columns our names; other columns keep theirs."""
    names = list(table.column_names)
    for word, usual in words.items():
        found = next((k for form in usual for k, name in enumerate(names) if plain(name) == form), None)
        if found is not None and word not in names:
            names[found] = word
    missing = [word for word in needed if word not in names]
    if missing:
        raise DataError(
            f"{path}: no column {', '.join(map(repr, missing))}; it has: {', '.join(map(repr, table.column_names))}"
        )
    return table.rename_columns(names)


def _symbols(path: Path, table: pa.Table, known: Sequence[str] | None) -> list[str]:
    names = [str(name or "") for name in texts(table.column("symbol").combine_chunks()).to_pylist()]
    empty = np.array([not name for name in names])
    _refuse(path, empty, "no symbol", "allowed: a symbol in every row", lambda _: "empty")
    if known is not None:
        _refuse_unknown(path, names, set(known))
    return names


def _refuse_unknown(path: Path, names: Sequence[str], known: set[str]) -> None:
    def told(k: int) -> str:
        close = nearest(names[foreign[k]], known)
        return repr(names[foreign[k]]) + (f", did you mean {close!r}?" if close else "")

    mask = np.array([name not in known for name in names])
    foreign = np.flatnonzero(mask)
    faults = Faults()
    faults.add(path, _first(path) + foreign, "a symbol without bars", "allowed: symbols of the bars", told)
    faults.refuse()


def _numbers(path: Path, table: pa.Table, column: str, allowed: Allowed, words: str, *, empty: bool = False) -> Floats:
    """Return a column as floats, NaN for an empty cell where that is allowed."""
    raw = table.column(column).combine_chunks()
    cells = [None if cell in (None, "") else cell for cell in raw.to_pylist()]
    values = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(np.float64)
    blank = np.array([cell is None for cell in cells])
    with np.errstate(invalid="ignore"):
        wrong = ~(np.isfinite(values) & allowed(values)) & ~(blank & empty)
    _refuse(path, wrong, f"a {column!r} that cannot be used", f"allowed: {words}", lambda k: repr(cells[k]))
    return values


def _days(path: Path, table: pa.Table, column: str, *, empty: bool = False) -> Ints:
    """Return a column of dates as days since 1970, `NAT` for an empty cell where that is allowed."""
    wall = _parsed(path, table, column, empty=empty)
    return np.where(wall == NAT, NAT, wall // DAY)


def _instants(path: Path, table: pa.Table, column: str, timezone: str) -> Ints:
    """Return a column of stamps as UTC nanoseconds; those without a zone are read in `timezone`."""
    raw = table.column(column).combine_chunks()
    stamps = parse(raw, None)
    _refuse_unread(path, column, stamps.unread, raw)
    return localise(stamps.wall, timezone) if stamps.utc is None else stamps.utc


def _parsed(path: Path, table: pa.Table, column: str, *, empty: bool) -> Ints:
    raw = table.column(column).combine_chunks()
    wall = parse(raw, None).wall
    blank = np.array([cell in (None, "") for cell in raw.to_pylist()])
    _refuse_unread(path, column, (wall == NAT) & ~(blank & empty), raw)
    return wall


def _refuse_unread(path: Path, column: str, unread: Bools, raw: pa.Array) -> None:
    what = f"a {column!r} that cannot be read as a time"
    _refuse(path, unread, what, "allowed: ISO 8601, such as 2024-01-31", lambda k: repr(raw[k].as_py()))


def _refuse_values(path: Path, kind: Ints, value: Floats) -> None:
    wrong = ~np.where(kind == ActionKind.DELISTING, value >= -1.0, value > 0.0)
    wrong = np.where(kind == ActionKind.RENAME, np.isfinite(value), wrong)
    remedy = (
        "allowed: a split > 0 (new units per old), a dividend > 0 (money per unit), a spin_off > 0 (units given per "
        "unit held), a delisting return >= -1, a rename without a value"
    )
    _refuse(
        path,
        wrong,
        "a value that no such action has",
        remedy,
        lambda k: f"{ActionKind(int(kind[k])).name.lower()} {value[k]:g}",
    )


def _others(path: Path, table: pa.Table, kind: Ints, symbols: Sequence[str]) -> tuple[str, ...]:
    """Return the second symbol of spin-offs and renames, "" of other actions."""
    wanted = np.isin(kind, TRANSFERS)
    column = table.column("other").combine_chunks() if "other" in table.column_names else pa.nulls(len(kind))
    named = [str(name or "") for name in texts(column).to_pylist()]
    there = np.array([bool(name) for name in named], np.bool_)
    remedy = "allowed: in 'other' the symbol that a spin_off gives, or the new name of a rename; else nothing"
    _refuse(path, there != wanted, "another symbol missing, or too many", remedy, lambda k: repr(named[k]))
    if wanted.any():
        _refuse_unknown(path, named, {"", *symbols})
    return tuple(named)


def _refuse_repeated(path: Path, actions: DatedActions) -> None:
    """Two dividends of a day are two payments; a second split of a day or a second delisting is a mistake."""
    seen: set[tuple[str, int, int, str]] = set()
    repeated = np.zeros(len(actions.symbol), np.bool_)
    every = zip(actions.symbol, actions.kind, actions.day, actions.other, strict=True)
    for k, (symbol, kind, day, other) in enumerate(every):
        once = kind in ENDINGS
        key = (symbol, int(kind), 0 if once else int(day), "" if once else other)
        repeated[k] = key in seen and kind != ActionKind.DIVIDEND
        seen.add(key)
    remedy = "allowed: one split a day, one spin_off a day into a symbol, one delisting and one rename a symbol"
    _refuse(path, repeated, "a repeated action", remedy, lambda k: actions.symbol[k])


def _refuse(path: Path, wrong: Bools, what: str, remedy: str, detail: Callable[[int], str]) -> None:
    places = np.flatnonzero(wrong)
    faults = Faults()
    faults.add(path, _first(path) + places, what, remedy, lambda k: detail(int(places[k])))
    faults.refuse()


def _first(path: Path) -> int:
    """Number of the first row of data: the header of a text file is line 1."""
    return 1 if row_word(path) == "row" else 2


def _rows(path: Path, places: Ints) -> str:
    return " and ".join(f"{row_word(path)} {_first(path) + int(k)}" for k in places[:2])
