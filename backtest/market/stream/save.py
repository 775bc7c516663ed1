"""Writing a streamed market as a store, a block at a time: what `save` does with a market in memory."""

from __future__ import annotations

from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import numpy as np

from backtest.errors import DataError
from backtest.market.hashing import content_hash
from backtest.market.manifest import Manifest, check_name, write_manifest
from backtest.market.market import FIELDS, Market
from backtest.market.parquet import MatrixWriter, write_table
from backtest.market.save import clock_table, columns_of, describe, refuse_disorder, refuse_existing
from backtest.market.stamps import NAT
from backtest.market.symbols import complete_properties, symbols_table
from backtest.market.whole import whole_directory


def save_stream(
    market: Market,
    data_dir: Path,
    name: str,
    *,
    currency: str = "USD",
    replace: bool = False,
    source: str | None = None,
    licence: str | None = None,
) -> Manifest:
    """Write a streamed market as the store ``data_dir / name`` and return its manifest.

    Its prices are read three times: to look them over, to name their content, to write them. They are kept as floats:
    whether a few decimals would do for all of them cannot be known before the last one was read.
    """
    check_name(name)
    refuse_existing(data_dir, name, replace)
    refuse_disorder(market)
    _look_over(market)
    symbols = [str(symbol) for symbol in market.symbols]
    first = market.first_bars()
    sessions = np.where(first >= 0, market.session[np.maximum(first, 0)], NAT)
    whole = changed(
        market, name=name, currency=currency, properties=complete_properties(None, symbols, currency, sessions)
    )
    whole = changed(whole, content_hash=content_hash(whole))
    about = {"source": source, "licence": licence, "duplicates": None, "dropped": None}
    try:
        with whole_directory(data_dir / name) as path:
            return _write_files(whole, path, about)
    except OSError as error:
        raise DataError(f"store {name!r} could not be written in {data_dir}: {error}; nothing was kept") from None


def _look_over(market: Market) -> None:
    """Read everything once; DataError where a price is none."""
    stream = market.stream
    assert stream is not None
    window = stream.open(stream.types)
    try:
        while window.high < stream.n_rows:
            window.slide()
    finally:
        window.close()


def _write_files(market: Market, path: Path, about: dict[str, Any]) -> Manifest:
    """Write every file of the store, the manifest last."""
    (path / "bars").mkdir(parents=True)
    write_table(path / "bars" / "clock.parquet", clock_table(market))
    symbols = [str(symbol) for symbol in market.symbols]
    written: dict[str, int | None] = {}
    for field in FIELDS:
        values = market.get(field)
        if values is not None:
            written[field] = None
            with MatrixWriter(path / "bars" / f"{field}.parquet", symbols) as writer:
                _write_rows(market, values, writer)
    assert market.properties is not None
    write_table(path / "symbols.parquet", columns_of(symbols_table(market.properties)))
    content = describe(market, path, written, about)
    write_manifest(path, content)
    return content


def _write_rows(market: Market, values: Any, writer: MatrixWriter) -> None:
    assert market.stream is not None
    step = market.stream.most_rows
    for low in range(0, market.n_rows, step):
        writer.write(values[low : low + step])
