"""Markets from arrays and data frames that are already in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from backtest.errors import DataError, unknown
from backtest.kernels.scan import scan_field
from backtest.market.actions import merged, refuse_bars_after_delisting, refuse_large_dividends
from backtest.market.market import NO_ACTIONS, Market, PriceKind
from backtest.types import ACTION, ActionKind, Bools, Floats, Ints, Records, Strings

DAY_NS = 86_400_000_000_000
EPOCH_NS = 946_684_800_000_000_000  # 2000-01-01, the first day of arrays that come without times


def make_market(
    *,
    close: pd.DataFrame | Floats,
    open: pd.DataFrame | Floats | None = None,
    high: pd.DataFrame | Floats | None = None,
    low: pd.DataFrame | Floats | None = None,
    volume: pd.DataFrame | Floats | None = None,
    symbols: Sequence[str] | None = None,
    times: pd.DatetimeIndex | None = None,
    price_kind: PriceKind = "total_return",
    actions: Sequence[tuple[int, str, str, float]] = (),
) -> Market:
    """Make a market from `(T, N)` prices, without copying C-ordered float64.

    Frames bring their times (index, naive means UTC) and symbols (columns); arrays take `times` and `symbols`, by
    default one calendar day a row from 2000-01-01 and the column numbers. NaN means no bar, and must be NaN in every
    price field. Stamps that are all at midnight of their own zone are days; others are the starts of bars, which last
    as long as stamps usually lie apart, and never beyond the next one.

    `actions` are `(row, symbol, "split" | "dividend" | "delisting", value)` and need `price_kind="raw"`.
    """
    others = {"open": open, "high": high, "low": low, "volume": volume}
    given = {"close": close, **{name: each for name, each in others.items() if each is not None}}
    for name, other in others.items():
        _refuse_misaligned(name, other, close)
    names = _symbols(close, symbols)
    fields = _values(given, len(names))
    if "volume" in fields and (fields["volume"] < 0.0).any():
        row, column = (int(place[0]) for place in np.nonzero(fields["volume"] < 0.0))
        raise DataError(f"volume: row {row}, {names[column]}: received {fields['volume'][row, column]:g}; at least 0")
    complete = _complete(fields, names)
    start, end, session = _clock(_times(close, times, len(complete)), len(complete))
    last = np.append(session[1:] != session[:-1], True)
    market = Market(
        symbols=names,
        start=_fixed(start[:, None]),
        end=_fixed(end[:, None]),
        complete=_fixed(complete),
        session=_fixed(session),
        session_end=_fixed(last),
        actions=_records(actions, names, len(complete), price_kind),
        price_kind=price_kind,
        **{name: _fixed(values) for name, values in fields.items()},
    )
    if len(market.actions):
        refuse_bars_after_delisting(names.tolist(), session, market.real, market.actions)
        refuse_large_dividends(market)
    return market


def _fixed(values: Any) -> Any:
    """Return a read-only view: the market promises not to change what it was given."""
    view = values.view()
    view.flags.writeable = False
    return view


def _symbols(close: pd.DataFrame | Floats, symbols: Sequence[str] | None) -> Strings:
    if symbols is None:
        if not isinstance(close, pd.DataFrame):
            return np.arange(np.shape(close)[-1]).astype(np.str_)
        symbols = list(close.columns)
    names = [str(name) for name in symbols]
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise DataError(f"symbols: {repeated!r} appears more than once")
    return np.array(names)


def _refuse_misaligned(name: str, given: pd.DataFrame | Floats | None, close: pd.DataFrame | Floats) -> None:
    """Frames are read by position; two that do not say the same of it would be mixed up silently."""
    if not (isinstance(given, pd.DataFrame) and isinstance(close, pd.DataFrame)) or given.shape != close.shape:
        return
    for axis, one, other in (("columns", given.columns, close.columns), ("times", given.index, close.index)):
        wrong = np.flatnonzero(np.asarray(one != other))
        if len(wrong):
            k = int(wrong[0])
            raise DataError(
                f"{name}: its {axis} are not those of close; the first that differs: {one[k]}, not {other[k]}"
            )


def _values(given: Mapping[str, pd.DataFrame | Floats], n_assets: int) -> dict[str, Floats]:
    """Return fields as C-ordered float64, without a copy of those that are.

    Copies share one block. An allocator that gets several of 10 MB back returns them to the system, and the next
    market waits 3 ms, longer than its conversion takes, for the same memory to come again.
    """
    fields = {name: _numbers(each) for name, each in given.items()}
    expected = (len(fields["close"]), n_assets)
    for name, values in fields.items():
        if values.ndim != 2 or values.shape != expected or not values.size:
            raise DataError(
                f"{name}: received shape {values.shape}; expected (rows, symbols), {expected} here, not empty"
            )
    loose = [name for name, values in fields.items() if not values.flags.c_contiguous]
    for name, home in zip(loose, np.empty((len(loose), *expected)), strict=True):
        home[:] = fields[name]
        fields[name] = home
    return fields


def _numbers(given: pd.DataFrame | Floats) -> Floats:
    """Return float64. A frame's own method reads nullable columns too, and takes a tenth of the time."""
    values: Floats = given.to_numpy(np.float64) if isinstance(given, pd.DataFrame) else np.asarray(given, np.float64)
    return values


def _complete(fields: Mapping[str, Floats], symbols: Strings) -> Bools:
    """Mark the rows in which every asset has a bar; raise for impossible prices, and for bars that are in parts."""
    closes = fields["close"]
    prices = [name for name in ("close", "open", "high", "low") if name in fields]
    rows = {name: np.empty(len(closes), np.bool_) for name in prices}
    bad = [scan_field(fields[name], closes, rows[name]) for name in prices]
    complete = rows["close"]
    for name, flat in zip(prices, bad, strict=True):
        _refuse(name, fields[name], flat, symbols)
        if (rows[name] & ~complete).any():
            row = int(np.flatnonzero(rows[name] & ~complete)[0])
            _refuse("close", closes, row * len(symbols) + int(np.isnan(closes[row]).argmax()), symbols)
    return complete


def _refuse(name: str, values: Floats, flat: int, symbols: Strings) -> None:
    """Raise for the first impossible price that the scan found."""
    if flat >= 0:
        row, column = divmod(flat, len(symbols))
        raise DataError(
            f"{name}: row {row}, {symbols[column]}: received {values[row, column]:g}; a bar has prices that are "
            "positive and finite in every field, or NaN in every field"
        )


def _times(close: pd.DataFrame | Floats, times: pd.DatetimeIndex | None, rows: int) -> pd.DatetimeIndex | None:
    """The stamps, strictly increasing; None when there are none."""
    if times is None and isinstance(close, pd.DataFrame) and isinstance(close.index, pd.DatetimeIndex):
        times = close.index
    if times is None and isinstance(close, pd.DataFrame) and not pd.api.types.is_integer_dtype(close.index.dtype):
        raise DataError(
            f"close: the index holds {close.index.dtype}; expected times (see pandas.to_datetime), or row numbers"
        )
    if times is None:
        return None
    if len(times) != rows:
        raise DataError(f"times: received {len(times)} for {rows} rows")
    backwards = np.flatnonzero(times[1:] <= times[:-1])
    if len(backwards):
        row = int(backwards[0]) + 1
        raise DataError(f"times: row {row}: {times[row]} does not come after {times[row - 1]}")
    return times


def _clock(times: pd.DatetimeIndex | None, rows: int) -> tuple[Ints, Ints, Ints]:
    """Start and end of each bar in UTC, and the day of the stamp's own zone that it belongs to."""
    if times is None:
        start = EPOCH_NS + DAY_NS * np.arange(rows, dtype=np.int64)
        return start, start + DAY_NS, start // DAY_NS
    local = _nanoseconds(times)
    start = local if times.tz is None else _nanoseconds(times.tz_convert("UTC"))
    session = local // DAY_NS
    if not (local % DAY_NS).any():
        if times.tz is None:
            return start, start + DAY_NS, session
        days = times + pd.DateOffset(days=1)  # not always 24 hours
        return start, _nanoseconds(days.tz_convert("UTC")), session
    usual = int(np.median(np.diff(start))) if rows > 1 else DAY_NS
    return start, np.minimum(start + usual, np.append(start[1:], start[-1] + usual)), session


def _nanoseconds(times: pd.DatetimeIndex) -> Ints:
    """Wall-clock nanoseconds of an index, whatever its zone and unit."""
    naive = times if times.tz is None else times.tz_localize(None)
    stamps: Ints = naive.to_numpy("datetime64[ns]").view(np.int64)
    return stamps


def _records(
    actions: Sequence[tuple[int, str, str, float]], symbols: Strings, rows: int, price_kind: PriceKind
) -> Records:
    """Corporate actions as records sorted by row, asset and kind."""
    if not actions:
        return NO_ACTIONS
    if price_kind != "raw":
        raise DataError(f"actions: prices are {price_kind}, which contain them already; they need price_kind='raw'")
    kinds = {kind.name.lower(): kind for kind in ActionKind}
    column = {str(symbol): i for i, symbol in enumerate(symbols)}
    for row, symbol, kind, value in actions:
        if symbol not in column:
            raise DataError(f"actions: row {row}: {unknown('symbol', symbol, list(column)[:20])}")
        if kind not in kinds:
            raise DataError(f"actions: row {row}, {symbol}: {unknown('kind', kind, kinds)}")
        if not 0 <= row < rows:
            raise DataError(f"actions: {kind} of {symbol}: received row {row}; allowed: 0 … {rows - 1}")
        if not np.isfinite(value) or value < -1.0 or (kind != "delisting" and value <= 0.0):
            raise DataError(
                f"actions: row {row}, {symbol}: received a {kind} of {value:g}; allowed: a split or dividend above 0, "
                "a delisting return of at least -1"
            )
    records = np.array([(row, column[symbol], kinds[kind], value) for row, symbol, kind, value in actions], ACTION)
    one_each: Records = _fixed(merged(records, symbols.tolist()))
    return one_each
