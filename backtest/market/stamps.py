"""Reading stamps: from what a file says to nanoseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from backtest.errors import DataError, nearest
from backtest.types import Bools, Ints

NAT = np.iinfo(np.int64).min
DAY = 86_400_000_000_000
_OFFSET = r"\s*(Z|z|[+-]\d{2}(:?\d{2})?)$"
_EPOCH_UNITS = ((1e11, 1_000_000_000), (1e14, 1_000_000), (1e17, 1_000), (np.inf, 1))  # below: s, ms, µs, ns


@dataclass(frozen=True)
class Stamps:
    """Stamps of some rows: `wall` as written, `utc` the instants when a zone was written with them, else None.

    Nanoseconds since 1970; `NAT` where a stamp could not be read.
    """

    wall: Ints
    utc: Ints | None

    @property
    def unread(self) -> Bools:
        """Which rows have no stamp that can be read."""
        return np.asarray(self.wall == NAT)


def parse(column: pa.Array, date_format: str | None) -> Stamps:
    """Read a column of dates, timestamps, numbers since 1970 or text.

    Text without `date_format` must be ISO 8601 (``2024-01-31``, ``20240131``, ``2024-01-31 16:00:00-05:00``) or a
    number since 1970 in s, ms, µs or ns: anything else, ``01/02/2024`` above all, would be a guess.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _spread(column, date_format)
    if pa.types.is_date(kind):
        return Stamps(_nanoseconds(column.cast(pa.timestamp("ns"), safe=False)), None)
    if pa.types.is_timestamp(kind):
        return _timestamps(column)
    if pa.types.is_integer(kind):
        return _numbers(column, date_format)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _spread(column.cast(pa.string()).dictionary_encode(), date_format)
    raise DataError(f"a column of {kind} is no time; allowed: dates, timestamps, whole numbers since 1970, text")


def zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a name, a path or a directory that is no zone
        close = nearest(name, available_timezones())
        hint = f"; did you mean {close!r}?" if close else ""
        raise DataError(f"unknown time zone {name!r}; allowed: IANA names such as 'America/New_York'{hint}") from None


def localise(wall: Ints, timezone: str) -> Ints:
    """Return the instants of wall-clock stamps; `NAT` where the clock showed that time twice or never."""
    index = pd.DatetimeIndex(wall.astype("datetime64[ns]"))
    return _index_ns(index.tz_localize(zone(timezone), ambiguous="NaT", nonexistent="NaT").tz_convert("UTC"))


def wall_clock(instants: Ints, timezone: str) -> Ints:
    """Return what a clock in `timezone` shows at `instants`, as nanoseconds since 1970."""
    index = pd.DatetimeIndex(instants.astype("datetime64[ns]")).tz_localize("UTC")
    return _index_ns(index.tz_convert(zone(timezone)).tz_localize(None))


def midnights(days: Ints, timezone: str) -> Ints:
    """Return the instants at which `days` (since 1970) begin in `timezone`."""
    index = pd.DatetimeIndex((days * DAY).astype("datetime64[ns]"))
    # Where summer time starts at midnight the day begins at the first moment that exists, and where the hour before
    # midnight is repeated at its first one.
    aware = index.tz_localize(zone(timezone), ambiguous=np.ones(days.shape[0], np.bool_), nonexistent="shift_forward")
    return _index_ns(aware.tz_convert("UTC"))


def _index_ns(index: pd.DatetimeIndex) -> Ints:
    return np.array(index.as_unit("ns").asi8, np.int64)


def _spread(column: pa.DictionaryArray, date_format: str | None) -> Stamps:
    """Parse each different text once: a long file repeats a stamp for every symbol."""
    texts = pc.utf8_trim_whitespace(column.dictionary.cast(pa.string()))
    unique = _texts(texts, date_format)
    codes = column.indices.fill_null(-1).to_numpy().astype(np.int64)
    wall = np.append(unique.wall, NAT)[codes]
    return Stamps(wall, None if unique.utc is None else np.append(unique.utc, NAT)[codes])


def _texts(texts: pa.Array, date_format: str | None) -> Stamps:
    if date_format is not None:
        return _formatted(texts, date_format)
    first = next((text for text in texts.to_pylist() if text), "")
    if re.fullmatch(r"\d{8}", first):
        return _formatted(texts, "%Y%m%d")
    if re.fullmatch(r"\d{9,19}", first):
        return _numbers(_cast(texts, pa.int64()), None)
    if re.search(r"\d{2}:\d{2}.*" + _OFFSET, first):
        wall = _cast(pc.replace_substring_regex(texts, _OFFSET, ""), pa.timestamp("ns"))
        utc = _nanoseconds(_cast(texts, pa.timestamp("ns", "UTC")))
        return Stamps(np.where(utc == NAT, NAT, _nanoseconds(wall)), utc)
    return Stamps(_nanoseconds(_cast(texts, pa.timestamp("ns"))), None)


def _formatted(texts: pa.Array, date_format: str) -> Stamps:
    """Read text in the strptime format the user wrote."""
    try:
        parsed = pd.to_datetime(pd.Series(texts.to_pylist(), dtype=object), format=date_format, errors="coerce")
    except ValueError as error:
        raise DataError(f"date format {date_format!r} cannot be used: {error}; example: '%d/%m/%Y'") from None
    index = pd.DatetimeIndex(parsed)
    if index.tz is None:
        return Stamps(_index_ns(index), None)
    return Stamps(_index_ns(index.tz_localize(None)), _index_ns(index.tz_convert("UTC")))


def _timestamps(column: pa.Array) -> Stamps:
    timezone = column.type.tz
    if timezone is None:
        return Stamps(_nanoseconds(column.cast(pa.timestamp("ns"))), None)
    utc = _nanoseconds(column.cast(pa.timestamp("ns", "UTC")))
    known = utc != NAT
    wall = utc.copy()
    if timezone not in ("UTC", "Etc/UTC", "+00:00"):
        wall[known] = _index_ns(
            pd.DatetimeIndex(utc[known].astype("datetime64[ns]"))
            .tz_localize("UTC")
            .tz_convert(timezone)
            .tz_localize(None)
        )
    return Stamps(wall, utc)


def _numbers(column: pa.Array, date_format: str | None) -> Stamps:
    """Read whole numbers: YYYYMMDD, or a count since 1970 whose size tells the unit."""
    if date_format is not None:
        return _formatted(column.cast(pa.string()), date_format)
    values = column.cast(pa.int64()).fill_null(NAT).to_numpy()
    known = values != NAT
    largest = float(np.abs(values[known]).max(initial=0))
    if known.any() and values[known].min() >= 19_000_101 and largest <= 29_991_231:
        return _formatted(column.cast(pa.string()), "%Y%m%d")
    unit = next(factor for bound, factor in _EPOCH_UNITS if largest < bound)
    instants = np.where(known, values * unit, NAT)
    return Stamps(instants, instants)


def _cast(texts: pa.Array, target: pa.DataType) -> pa.Array:
    """Cast text, with null where one cannot be read; one by one only when there is such a text."""
    try:
        return texts.cast(target)
    except pa.ArrowInvalid:
        return pa.array([_cast_one(text, target) for text in texts], target)


def _cast_one(text: pa.Scalar, target: pa.DataType) -> pa.Scalar | None:
    try:
        return text.cast(target)
    except pa.ArrowInvalid:
        return None


def _nanoseconds(column: pa.Array) -> Ints:
    return np.array(column.cast(pa.int64()).fill_null(NAT).to_numpy(), np.int64)
