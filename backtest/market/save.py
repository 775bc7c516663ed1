"""Writing a store: checked first, then whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa

from backtest.errors import DataError
from backtest.market.actions import actions_table, refuse_bars_after_end, refuse_large_dividends
from backtest.market.manifest import SCHEMA, Manifest, check_name, write_manifest
from backtest.market.market import FIELDS, Market
from backtest.market.masks import real_bars
from backtest.market.parquet import checksum, write_matrix, write_table
from backtest.market.prepare import prepared
from backtest.market.rows import iso
from backtest.market.series import series_table
from backtest.market.symbols import refuse_unlisted_bars, symbols_table
from backtest.market.transfers import bars_of, refuse_wrong_transfers
from backtest.market.whole import whole_directory
from backtest.types import Ints


def save(
    market: Market,
    data_dir: Path,
    *,
    replace: bool = False,
    source: str | None = None,
    licence: str | None = None,
    notice: str | None = None,
    duplicates: Mapping[str, int] | None = None,
    dropped: Mapping[str, int] | None = None,
) -> Manifest:
    """Write `market` as the store ``data_dir / market.name`` and return its manifest.

    Everything is written beside the target and renamed into place, so that a store is there whole or not at all.
    `notice` is kept as a file of its own; `duplicates` and `dropped` are what the import left out, by symbol.
    """
    check_name(market.name)
    refuse_existing(data_dir, market.name, replace)
    whole = _checked(market)
    about = {"source": source, "licence": licence, "notice": notice, "duplicates": duplicates, "dropped": dropped}
    try:
        with whole_directory(data_dir / market.name) as path:
            return _write_files(whole, path, about)
    except OSError as error:
        raise DataError(
            f"store {market.name!r} could not be written in {data_dir}: {error}; nothing was kept"
        ) from None


def refuse_existing(data_dir: Path, name: str, replace: bool) -> None:
    """Say that a store is there already, before any work is done."""
    if (data_dir / name).exists() and not replace:
        raise DataError(f"store {name!r} exists already in {data_dir}; choose another name, or replace it (--replace)")


def _checked(market: Market) -> Market:
    """Refuse what no store may hold."""
    symbols = [str(symbol) for symbol in market.symbols]
    if not market.n_rows or not market.n_assets:
        raise DataError(f"store {market.name!r}: {market.n_rows} rows of {market.n_assets} symbols; nothing to keep")
    if len(set(symbols)) != len(symbols):
        raise DataError(f"store {market.name!r}: a symbol appears twice; allowed: each one once")
    if market.end.shape[1] != 1:
        raise DataError(f"store {market.name!r}: {market.end.shape[1]} calendar groups; a store keeps one")
    _refuse_half_bars(market)
    refuse_disorder(market)
    if market.price_kind != "raw" and market.actions.shape[0]:
        raise DataError(
            f"store {market.name!r}: actions with {market.price_kind} prices would count splits and dividends twice; "
            "allowed: actions with raw prices only"
        )
    whole = prepared(market)
    assert whole.properties is not None
    refuse_unlisted_bars(symbols, whole.session, whole.real, whole.properties)
    refuse_wrong_transfers(symbols, whole.session, bars_of(whole.real), whole.actions)
    refuse_bars_after_end(symbols, whole.session, whole.real, whole.actions)
    refuse_large_dividends(whole)
    return whole


def _refuse_half_bars(market: Market) -> None:
    """Every price of a bar is finite and positive, or the bar is missing."""
    prices = [values for name in FIELDS[:4] if (values := market.get(name)) is not None]
    any_price = np.logical_or.reduce([~np.isnan(values) for values in prices])
    half = any_price & ~real_bars(prices)
    if half.any():
        row, asset = (int(k) for k in np.argwhere(half)[0])
        raise DataError(
            f"store {market.name!r}: {int(half.sum())} bars have a price that is missing, not finite or not positive, "
            f"the first is {market.symbols[asset]} on {market.day(row)}; allowed: all prices of a bar, or none (NaN)"
        )


def refuse_disorder(market: Market) -> None:
    """Rows follow each other in time and do not overlap."""
    start, end = market.start[:, 0], market.end[:, 0]
    wrong = start >= end
    wrong[1:] |= start[1:] < end[:-1]
    wrong[1:] |= market.session[1:] < market.session[:-1]
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"store {market.name!r}: row {row} ({market.day(row)}) does not end after it starts, or starts before the "
            "row above it has ended; allowed: rows in the order of time"
        )


def _write_files(market: Market, path: Path, about: Mapping[str, object]) -> Manifest:
    """Write every file of the store, the manifest last."""
    (path / "bars").mkdir(parents=True)
    write_table(path / "bars" / "clock.parquet", clock_table(market))
    symbols = [str(symbol) for symbol in market.symbols]
    decimals: dict[str, int | None] = {}
    for field in FIELDS:
        values = market.get(field)
        if values is not None:
            decimals[field] = write_matrix(path / "bars" / f"{field}.parquet", symbols, values)
    assert market.properties is not None
    write_table(path / "symbols.parquet", columns_of(symbols_table(market.properties)))
    if market.price_kind == "raw":
        write_table(path / "actions.parquet", columns_of(actions_table(market)))
    for name, series in market.series.items():
        write_table(path / "series" / f"{name}.parquet", columns_of(series_table(series, symbols)))
    if about["notice"] is not None:
        (path / "NOTICE").write_text(str(about["notice"]), encoding="utf-8")
    content = describe(market, path, decimals, about)
    write_manifest(path, content)
    return content


def describe(market: Market, path: Path, decimals: Mapping[str, int | None], about: Mapping[str, object]) -> Manifest:
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return Manifest.model_validate(
        {
            "schema": SCHEMA,
            "name": market.name,
            "price_kind": market.price_kind,
            "currency": market.currency,
            "calendar": market.calendar,
            "timezone": market.timezone,
            "fields": tuple(decimals),
            "decimals": {name: digits for name, digits in decimals.items() if digits is not None},
            "rows": market.n_rows,
            "symbols": market.n_assets,
            "first": market.day(0),
            "last": market.day(market.n_rows - 1),
            "sessions_after": tuple(iso(int(day)) for day in market.sessions_after),
            "series": tuple(sorted(market.series)),
            "content_hash": market.content_hash,
            "checksums": {file.relative_to(path).as_posix(): checksum(file) for file in files},
            "source": about["source"],
            "licence": about["licence"],
            "duplicates": about["duplicates"] or {},
            "dropped": about["dropped"] or {},
        }
    )


def clock_table(market: Market) -> dict[str, pa.Array]:
    def stamps(values: Ints) -> pa.Array:
        return pa.array(values, pa.timestamp("ns", "UTC"))

    session = pa.array(market.session.astype(np.int32), pa.date32())
    return {"start": stamps(market.start[:, 0]), "end": stamps(market.end[:, 0]), "session": session}


def columns_of(table: pa.Table) -> dict[str, object]:
    return {name: table.column(name) for name in table.column_names}
