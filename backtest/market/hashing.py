"""A digest of the data of a market, whatever files they came from."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np

from backtest.market.market import FIELDS, Market, Series
from backtest.market.symbols import symbols_table
from backtest.types import Floats, Ints

ROWS_AT_ONCE = 4_096  # so that a large market is not copied whole to normalise its NaNs


def content_hash(market: Market) -> str:
    """Return 32 hex digits that change with any number, symbol, stamp or unit of the market, and with nothing else.

    The name of the store, where the data came from and how they were written do not count.
    """
    digest = blake2b(digest_size=16)
    for part in _parts(market):
        digest.update(part)
    return digest.hexdigest()


def _parts(market: Market) -> Iterable[bytes]:
    yield _texts(market.price_kind, market.currency, market.calendar, market.timezone)
    yield _texts(*market.symbols)
    for values in (market.start, market.end, market.session, market.sessions_after):
        yield _ints(values)
    for field in FIELDS:
        bars = market.get(field)
        if bars is not None:
            yield _texts(field)
            yield from _floats(bars)
    for column in ("row", "asset", "kind"):
        yield _ints(market.actions[column])
    yield from _floats(market.actions["value"])
    if (market.actions["other"] >= 0).any():
        yield _ints(market.actions["other"])
    for name in sorted(market.series):
        yield from _series(market.series[name])
    if market.properties is not None:
        yield _texts(*(f"{name}={column}" for name, column in symbols_table(market.properties).to_pydict().items()))


def _series(series: Series) -> Iterable[bytes]:
    yield _texts("series", series.name)
    for values in (series.time, series.known_at, series.asset):
        yield _ints(values)
    yield from _floats(series.value)


def _texts(*texts: str) -> bytes:
    return "\x1f".join([*texts, "\x1e"]).encode()


def _ints(values: Ints) -> bytes:
    return np.ascontiguousarray(values, "<i8").tobytes()


def _floats(values: Floats) -> Iterable[bytes]:
    """Give the bytes of an array with one bit pattern for every NaN."""
    for first in range(0, values.shape[0], ROWS_AT_ONCE):
        part = np.array(values[first : first + ROWS_AT_ONCE], "<f8", order="C")
        part[np.isnan(part)] = np.nan
        yield part.tobytes()
