"""What is known of each symbol: sector, lot, tick, currency, listing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from backtest.errors import DataError
from backtest.market.rows import iso
from backtest.market.stamps import NAT
from backtest.types import Bools, Floats, Ints

COLUMNS = ("sector", "lot", "tick", "currency", "listed_from", "listed_to")
FAR_FUTURE = np.iinfo(np.int32).max  # the last session of an asset whose end is not known


def complete_properties(
    given: pd.DataFrame | None, symbols: Sequence[str], currency: str, first_session: Ints
) -> pd.DataFrame:
    """Return one row a symbol, indexed by symbol, with every column of `COLUMNS`.

    What was not given: no sector, lot 0 (fractional quantities), tick 0 (any price), the currency of the store,
    listed from the first bar (`first_session`, days since 1970, `NAT` for no bar) and no known end.
    """
    table = pd.DataFrame(index=pd.Index(symbols, name="symbol")) if given is None else given.reindex(list(symbols))
    table.index.name = "symbol"
    for column in COLUMNS:
        if column not in table.columns:
            table[column] = None
    for column in ("lot", "tick"):
        table[column] = table[column].astype(np.float64).fillna(0.0)
    table["sector"] = _texts(table["sector"], None)
    table["currency"] = _texts(table["currency"], currency)
    table["listed_from"] = _days(table["listed_from"], first_session)
    table["listed_to"] = _days(table["listed_to"], np.full(len(symbols), NAT))
    _refuse(table, currency)
    return table[[*COLUMNS, *(name for name in table.columns if name not in COLUMNS)]]


def listing(table: pd.DataFrame) -> tuple[Ints, Ints]:
    """Return the first and last session of each symbol, days since 1970; far in the future when not known."""
    bounds = []
    for column in ("listed_from", "listed_to"):
        days = table[column].to_numpy("datetime64[D]")
        bounds.append(np.where(np.isnat(days), FAR_FUTURE, days.astype(np.int64)))
    return bounds[0], bounds[1]


def refuse_unlisted_bars(symbols: Sequence[str], session: Ints, real: Bools, table: pd.DataFrame) -> None:
    """A bar before the listing or after its end says that one of the two is wrong."""
    listed_from, listed_to = listing(table)
    outside = real & ((session[:, None] < listed_from) | (session[:, None] > listed_to))
    if outside.any():
        asset = int(outside.any(axis=0).argmax())
        row = int(outside[:, asset].argmax())
        raise DataError(
            f"symbols: {symbols[asset]} has {outside[:, asset].sum()} bars outside its listing "
            f"({_shown(listed_from[asset])} to {_shown(listed_to[asset])}), the first on {iso(int(session[row]))}; "
            "correct listed_from and listed_to, or leave them empty"
        )


def symbols_table(table: pd.DataFrame) -> pa.Table:
    """Return the properties as they are kept in a store."""
    flat = table.reset_index()
    for column in ("listed_from", "listed_to"):
        flat[column] = flat[column].astype("datetime64[s]").dt.date
    arrow = pa.Table.from_pandas(flat, preserve_index=False).replace_schema_metadata(None)
    kinds = {"listed_from": pa.date32(), "listed_to": pa.date32(), "sector": pa.string(), "currency": pa.string()}
    for name, kind in kinds.items():
        place = arrow.schema.get_field_index(name)
        arrow = arrow.set_column(place, name, arrow.column(name).cast(kind))
    return arrow


def properties_from(table: pa.Table) -> pd.DataFrame:
    """Return the properties of a store, indexed by symbol."""
    frame: pd.DataFrame = table.to_pandas(date_as_object=False).set_index("symbol")
    for column in ("listed_from", "listed_to"):
        frame[column] = frame[column].astype("datetime64[s]")
    for column in ("sector", "currency"):
        frame[column] = _texts(frame[column], None)
    return frame


def _texts(column: pd.Series, default: str | None) -> pd.Series:
    values = [default if pd.isna(value) else str(value) for value in column]
    return pd.Series(values, index=column.index, dtype=object)


def _days(column: pd.Series, default: Ints) -> pd.Series:
    """Return dates with `default` (days since 1970, `NAT` for none) where there is none."""
    given = pd.to_datetime(column).to_numpy("datetime64[D]")
    other = np.where(default == NAT, np.datetime64("NaT"), default.astype("datetime64[D]"))
    days = np.where(np.isnat(given), other, given).astype("datetime64[s]")
    return pd.Series(days, index=column.index)


def _refuse(table: pd.DataFrame, currency: str) -> None:
    for column in ("lot", "tick"):
        numbers: Floats = table[column].to_numpy(np.float64)
        wrong = ~(np.isfinite(numbers) & (numbers >= 0.0))
        if wrong.any():
            k = int(wrong.argmax())
            raise DataError(f"symbols: {column} of {table.index[k]} is {numbers[k]}; allowed: a finite number >= 0")
    foreign = table["currency"] != currency
    if foreign.any():
        symbol = table.index[int(foreign.argmax())]
        raise DataError(
            f"symbols: {symbol} trades in {table['currency'][symbol]}, the store is in {currency}; "
            "allowed: one currency a store, since nothing converts between currencies yet"
        )


def _shown(day: int) -> str:
    return "no end" if day == FAR_FUTURE else iso(int(day))
