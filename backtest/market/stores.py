"""One store or several as one market: what a configuration calls its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from backtest.errors import DataError
from backtest.market.daily import by_session
from backtest.market.fields import fixed
from backtest.market.join import first_rows, join, joined_name
from backtest.market.manifest import manifest, store_path
from backtest.market.market import Market
from backtest.market.parquet import read_table
from backtest.market.rows import Day, rows_between
from backtest.market.store import load, unknown_symbols
from backtest.market.symbols import properties_from
from backtest.market.universe import Universe

Source = str | Sequence[str]
Symbols = Literal["all"] | Sequence[str] | Universe
Bars = Literal["stored", "session"]


def names_of(source: Source) -> tuple[str, ...]:
    """Return the names of the stores of a source."""
    return (source,) if isinstance(source, str) else tuple(source)


def load_source(
    data_dir: Path,
    source: Source,
    symbols: Symbols = "all",
    start: Day | None = None,
    end: Day | None = None,
    *,
    bars: Bars = "stored",
    look_back: int | None = None,
) -> Market:
    """Read one store as `load` does, or several joined to one market; `bars` of a session are made of finer ones.

    Of several stores all history is read, into memory.
    """
    names = names_of(source)
    if len(names) == 1 and bars == "stored":
        return load(data_dir, names[0], symbols, start, end, look_back=look_back)
    if look_back is not None:
        raise DataError(f"{joined_name(names)}: stores that are joined, and bars that are made, are not streamed")
    if len(names) == 1:
        return by_session(load(data_dir, names[0], symbols, start, end))
    shares = _shares(data_dir, names, symbols)
    markets = [load(data_dir, name, share) for name, share in shares.items()]
    if bars == "session":
        markets = [by_session(market) for market in markets]
    market = join(markets, content_of(data_dir, names, symbols))
    if isinstance(symbols, Universe):
        market = replace(market, member=fixed(symbols.members(market.symbols.tolist(), market.session)))
    _, stop = rows_between(market, start, end)
    return first_rows(market, stop)


@dataclass(frozen=True)
class About:
    """Where the data of a source come from."""

    source: str | None
    is_invented: bool


def about(data_dir: Path, source: Source) -> About:
    """Return where the data come from; of several stores all that is told, invented where any of them is."""
    stores = [manifest(store_path(data_dir, name)) for name in names_of(source)]
    told = dict.fromkeys(store.source for store in stores if store.source is not None)
    return About("; ".join(told) or None, any(store.is_invented for store in stores))


def content_of(data_dir: Path, source: Source, symbols: Symbols = "all") -> str:
    """Return the digest of the data of a source, without reading any bars."""
    hashes = [manifest(store_path(data_dir, name)).content_hash for name in names_of(source)]
    content = hashes[0] if len(hashes) == 1 else blake2b("\n".join(hashes).encode(), digest_size=16).hexdigest()
    return symbols.within(content) if isinstance(symbols, Universe) else content


def _shares(data_dir: Path, names: Sequence[str], symbols: Symbols) -> dict[str, Literal["all"] | Sequence[str]]:
    """Return which of the symbols each store is asked for; a store that has none of them is left out."""
    if isinstance(symbols, str):
        return dict.fromkeys(names, symbols)
    wanted = symbols.symbols if isinstance(symbols, Universe) else [str(symbol) for symbol in symbols]
    known = {name: _symbols(data_dir, name) for name in names}
    everywhere = [symbol for own in known.values() for symbol in own]
    missing = [symbol for symbol in wanted if symbol not in set(everywhere)]
    if missing:
        raise DataError(unknown_symbols(joined_name(names), missing, everywhere))
    shares: dict[str, Literal["all"] | Sequence[str]] = {}
    for name, own in known.items():
        chosen = [symbol for symbol in wanted if symbol in set(own)]
        if chosen:
            shares[name] = chosen
    return shares


def _symbols(data_dir: Path, name: str) -> list[str]:
    path = store_path(data_dir, name)
    checksum = manifest(path).checksums.get("symbols.parquet")
    return [str(symbol) for symbol in properties_from(read_table(path / "symbols.parquet", checksum)).index]
