"""Recognising what the columns of a file are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backtest.errors import DataError, nearest, unknown
from backtest.market.market import FIELDS

Layout = Literal["wide", "long", "per_file"]
LAYOUTS: tuple[Layout, ...] = ("wide", "long", "per_file")

ADJUSTED = "adjusted_close"
USUAL: Mapping[str, tuple[str, ...]] = {
    "time": (
        "time", "date", "datetime", "timestamp", "opentime", "dateutc", "unix", "index", "indexlevel0", "unnamed0", "",
        "ts", "day",
    ),
    "symbol": ("symbol", "ticker", "asset", "instrument", "sym", "code", "permno", "secid", "name"),
    "open": ("open", "openprice", "pxopen"),
    "high": ("high", "highprice", "pxhigh"),
    "low": ("low", "lowprice", "pxlow"),
    "close": ("close", "closeprice", "price", "last", "pxlast", "settle", "value"),
    ADJUSTED: ("adjclose", "adjustedclose", "closeadj", "adjcloseprice"),
    "volume": ("volume", "vol", "pxvolume", "basevolume"),
}  # fmt: skip
"""Usual names, lower case without spaces and signs, in the order in which they are preferred."""

LETTERS: Mapping[str, str] = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume"}
_MOST_COLUMNS_WITH_LETTERS = 12  # C, L, O and V are symbols too: letters are fields only all together, in a small table


@dataclass(frozen=True)
class Columns:
    """What each column of one file is. `fields` maps a field to its column; a wide file has `symbols` instead."""

    layout: Layout
    time: str
    symbol: str | None
    fields: Mapping[str, str]
    symbols: tuple[str, ...]
    ignored: tuple[str, ...]


def recognise(file: Path, names: Sequence[str], mapping: Mapping[str, str], layout: Layout | None) -> Columns:
    """Say what the columns `names` of `file` are, by `mapping` (our word to the file's) and by their usual names."""
    _check_mapping(file, names, mapping)
    found = _by_usual_names(names, mapping)
    time = found.pop("time", None)
    if time is None:
        raise DataError(
            f"{file}: no column looks like a time; it has: {', '.join(map(repr, names))}; map one with time=COLUMN"
        )
    layout = layout or _guess(found)
    others = [name for name in names if name != time]
    if layout == "wide":
        return _wide(file, time, others)
    symbol = found.pop("symbol", None) if layout == "long" else None
    if layout == "long" and symbol is None:
        raise DataError(
            f"{file}: no column looks like a symbol; it has: {', '.join(map(repr, names))}; map one with symbol=COLUMN"
        )
    fields = {field: name for field, name in found.items() if field != "symbol"}
    if "close" not in fields and ADJUSTED not in fields:
        raise DataError(
            f"{file}: no column looks like a close; it has: {', '.join(map(repr, names))}; map one with close=COLUMN"
        )
    used = {symbol, *fields.values()}
    return Columns(layout, time, symbol, fields, (), tuple(name for name in others if name not in used))


def plain(name: str) -> str:
    """Reduce a column name to lower-case letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _check_mapping(file: Path, names: Sequence[str], mapping: Mapping[str, str]) -> None:
    for word, column in mapping.items():
        if word not in USUAL:
            raise DataError(unknown("column word", word, USUAL))
        if column not in names:
            close = nearest(column, names)
            hint = f"; did you mean {close!r}?" if close else ""
            raise DataError(f"{file}: no column {column!r}; it has: {', '.join(map(repr, names))}{hint}")


def _by_usual_names(names: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return our word for each column that has one; a mapped column is nothing else."""
    found = dict(mapping)
    free = [name for name in names if name not in mapping.values()]
    for word, usual in USUAL.items():
        ranked = sorted((usual.index(plain(name)), k) for k, name in enumerate(free) if plain(name) in usual)
        if word not in found and ranked:
            found[word] = free[ranked[0][1]]
    letters = {LETTERS[plain(name)]: name for name in free if plain(name) in LETTERS}
    if {"open", "high", "low", "close"} <= letters.keys() and len(names) <= _MOST_COLUMNS_WITH_LETTERS:
        return letters | found
    return found


def _guess(found: Mapping[str, str]) -> Layout:
    """A symbol column makes a file long, a close its own symbol's; anything else is wide."""
    priced = any(field in found for field in ("close", ADJUSTED))
    if priced:
        return "long" if "symbol" in found else "per_file"
    return "wide"


def _wide(file: Path, time: str, others: Sequence[str]) -> Columns:
    bars = [name for name in others if plain(name) in FIELDS]  # one alone may be a symbol, as LOW is
    if not others:
        raise DataError(f"{file}: no column beside the time {time!r}; a wide file has one column a symbol")
    if len(bars) > 2:
        raise DataError(
            f"{file}: read as wide (one column a symbol), and yet it has {', '.join(map(repr, bars))}; "
            "map close=COLUMN (and symbol=COLUMN for a long file)"
        )
    return Columns("wide", time, None, {}, tuple(others), ())
