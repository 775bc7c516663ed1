"""Markets from arrays and data frames that are already in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from backtest.errors import DataError, unknown
from backtest.market.actions import KINDS, NO_OTHER, merged, refuse_bars_after_end, refuse_large_dividends
from backtest.market.fields import fixed, read_fields
from backtest.market.market import NO_ACTIONS, Market, PriceKind
from backtest.market.transfers import TRANSFERS, bars_of, refuse_wrong_transfers
from backtest.types import ACTION, ActionKind, Bools, Floats, Ints, Records, Strings

Announced = tuple[int, str, str, float] | tuple[int, str, str, float, str] | tuple[int, str, str, str]
"""Row, symbol, kind and value, of a spin-off the symbol given too; of a rename the new one in place of a value."""

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
    actions: Sequence[Announced] = (),
    member: pd.DataFrame | Bools | None = None,
) -> Market:
    """Make a market from `(T, N)` prices, without copying C-ordered float64.

    Frames bring their times (index, naive means UTC) and symbols (columns); arrays take `times` and `symbols`, by
    default one calendar day a row from 2000-01-01 and the column numbers. NaN means no bar, and must be NaN in every
    price field. Stamps that are all at midnight of their own zone are days; others are the starts of bars, which last
    as long as stamps usually lie apart, and never beyond the next one.

    `actions` are `(row, symbol, "split" | "dividend" | "delisting", value)`, `(row, symbol, "spin_off", ratio, child)`
    or `(row, symbol, "rename", new symbol)`, and need `price_kind="raw"`. `member` `(T, N)` says who belongs to the
    universe; nothing else is opened, and what leaves it is sold.
    """
    others = {"open": open, "high": high, "low": low, "volume": volume}
    names = _symbols(close, symbols)
    fields, complete = read_fields(
        {"close": close, **{name: each for name, each in others.items() if each is not None}}, names
    )
    start, end, session = clock_of(stamps_of(close, times, len(complete)), len(complete))
    last = np.append(session[1:] != session[:-1], True)
    market = Market(
        symbols=names,
        start=fixed(start[:, None]),
        end=fixed(end[:, None]),
        member=None if member is None else _members(member, fields["close"].shape),
        complete=fixed(complete),
        session=fixed(session),
        session_end=fixed(last),
        actions=action_records_of(actions, names, len(complete), price_kind),
        price_kind=price_kind,
        **fields,
    )
    if len(market.actions):
        refuse_wrong_transfers(names.tolist(), session, bars_of(market.real), market.actions)
        refuse_bars_after_end(names.tolist(), session, market.real, market.actions)
        refuse_large_dividends(market)
    return market


def _members(member: pd.DataFrame | Bools, shape: tuple[int, ...]) -> Bools:
    """Return who belongs as it is kept, or say what is wrong with it."""
    values = np.asarray(member)
    if values.dtype != np.bool_ or values.shape != shape:
        raise DataError(f"member: received {values.dtype} of shape {values.shape}; expected bool of shape {shape}")
    belongs: Bools = fixed(np.ascontiguousarray(values))
    return belongs


def _symbols(close: pd.DataFrame | Floats, symbols: Sequence[str] | None) -> Strings:
    if symbols is None:
        if not isinstance(close, pd.DataFrame):
            return np.arange(np.shape(close)[-1]).astype(np.str_)
        symbols = close.columns.tolist()
    names = list(map(str, symbols))
    if len(set(names)) < len(names):
        repeated = next(name for name in names if names.count(name) > 1)
        raise DataError(f"symbols: {repeated!r} appears more than once")
    return np.array(names)


def stamps_of(close: pd.DataFrame | Floats, times: pd.DatetimeIndex | None, rows: int) -> pd.DatetimeIndex | None:
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
    backwards = np.flatnonzero(times.asi8[1:] <= times.asi8[:-1])
    if len(backwards):
        row = int(backwards[0]) + 1
        raise DataError(f"times: row {row}: {times[row]} does not come after {times[row - 1]}")
    return times


def clock_of(times: pd.DatetimeIndex | None, rows: int) -> tuple[Ints, Ints, Ints]:
    """Start and end of each bar in UTC, and the day of the stamp's own zone that it belongs to."""
    if times is None:
        edges = np.arange(EPOCH_NS, EPOCH_NS + DAY_NS * (rows + 1), DAY_NS, dtype=np.int64)
        return edges[:-1], edges[1:], np.arange(EPOCH_NS // DAY_NS, EPOCH_NS // DAY_NS + rows, dtype=np.int64)
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


def action_records_of(actions: Sequence[Announced], symbols: Strings, rows: int, price_kind: PriceKind) -> Records:
    """Corporate actions as records in order."""
    if not actions:
        return NO_ACTIONS
    if price_kind != "raw":
        raise DataError(f"actions: prices are {price_kind}, which contain them already; they need price_kind='raw'")
    column = {str(symbol): i for i, symbol in enumerate(symbols)}
    records = np.array([_record(action, column, rows) for action in actions], ACTION)
    one_each: Records = fixed(merged(records, symbols.tolist()))
    return one_each


def _record(action: Announced, column: Mapping[str, int], rows: int) -> tuple[int, int, ActionKind, float, int]:
    """Return the record of one action, or say what is wrong with it."""
    row, symbol, word = action[:3]
    where = f"actions: row {row}, {symbol}"
    if symbol not in column:
        raise DataError(f"actions: row {row}: {unknown('symbol', symbol, list(column)[:20])}")
    if word not in KINDS:
        raise DataError(f"{where}: {unknown('kind', word, KINDS)}")
    if not 0 <= row < rows:
        raise DataError(f"actions: {word} of {symbol}: received row {row}; allowed: 0 … {rows - 1}")
    kind = KINDS[word]
    if len(action) != (5 if kind == ActionKind.SPIN_OFF else 4):
        raise DataError(f"{where}: received {len(action)} entries of a {word}; allowed: {_FORMS.get(kind, _FORM)}")
    other = str(action[-1])
    if kind in TRANSFERS and other not in column:
        raise DataError(f"{where}: {word} into {unknown('symbol', other, list(column)[:20])}")
    value = 0.0 if kind == ActionKind.RENAME else _value(where, word, kind, action[3])
    return row, column[symbol], kind, value, column[other] if kind in TRANSFERS else NO_OTHER


_FORM = "(row, symbol, kind, value)"
_FORMS = {
    ActionKind.SPIN_OFF: "(row, symbol, 'spin_off', units for each one held, symbol given)",
    ActionKind.RENAME: "(row, symbol, 'rename', new symbol)",
}


def _value(where: str, word: str, kind: ActionKind, given: float | str) -> float:
    """Return the number of an action."""
    value = np.nan if isinstance(given, str) else float(given)
    if not np.isfinite(value) or value < -1.0 or (kind != ActionKind.DELISTING and value <= 0.0):
        received = repr(given) if isinstance(given, str) else f"{value:g}"
        raise DataError(
            f"{where}: received a {word} of {received}; allowed: a split, dividend or spin_off above 0, "
            "a delisting return of at least -1"
        )
    return value
