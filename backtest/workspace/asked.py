"""What a configuration asks for of the data of its workspace."""

from __future__ import annotations

from typing import Literal

from backtest.config import Config
from backtest.config.model import UniverseFile
from backtest.market.stores import content_of
from backtest.market.universe import Universe, read_universe
from backtest.workspace.root import Workspace


def asked_symbols(config: Config, place: Workspace) -> Literal["all"] | tuple[str, ...] | Universe:
    """Return the symbols as a store is asked for them; a file with dates of entry and exit is read."""
    symbols = config.market.symbols
    return read_universe(place.root / symbols.file) if isinstance(symbols, UniverseFile) else symbols


def asked_content(config: Config, place: Workspace) -> str:
    """Return the digest of the data that a configuration would see, without reading any bars."""
    return content_of(place.data, config.market.source, asked_symbols(config, place))
