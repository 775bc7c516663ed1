"""Reading a store into a market."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backtest.errors import DataError, nearest
from backtest.market.actions import NO_DATED_ACTIONS, action_records, actions_from
from backtest.market.manifest import Manifest, manifest, store_path
from backtest.market.market import FIELDS, NO_ACTIONS, Market, Series
from backtest.market.masks import listed_mask, session_ends
from backtest.market.parquet import as_ints, read_matrix, read_table
from backtest.market.rows import SESSIONS_AFTER, Day, session_rows
from backtest.market.series import series_from
from backtest.market.stream.column_file import ColumnFile
from backtest.market.stream.fields import ListedRows, MemberReader, stream_of
from backtest.market.stream.memory import refuse_too_large
from backtest.market.symbols import listing, properties_from
from backtest.market.transfers import ENDINGS, bars_of, refuse_wrong_transfers
from backtest.market.universe import Universe
from backtest.types import Bools, Floats, Ints, Records

Array = NDArray[Any]


def load(
    data_dir: Path,
    name: str,
    symbols: Literal["all"] | Sequence[str] | Universe = "all",
    start: Day | None = None,
    end: Day | None = None,
    *,
    rows_before: int | None = None,
    look_back: int | None = None,
) -> Market:
    """Read the store `name` up to session `end`, with the rows before `start` that lookbacks need.

    All of the history before `start` is read, or only its last `rows_before` rows. `symbols` come in the order asked
    for; those of a universe belong to it between their dates alone. Arrays are read-only. `rows_between` finds the
    first row of the simulation.
    """
    path = store_path(data_dir, name)
    about = manifest(path)
    clock = read_table(path / "bars" / "clock.parquet", about.checksums.get("bars/clock.parquet"))
    session = as_ints(clock.column("session"))
    first, stop = session_rows(session, start, end, name)
    low = 0 if rows_before is None else max(0, first - rows_before)
    properties = properties_from(read_table(path / "symbols.parquet", about.checksums.get("symbols.parquet")))
    universe = symbols if isinstance(symbols, Universe) else None
    wanted = symbols.symbols if isinstance(symbols, Universe) else symbols
    known = [str(symbol) for symbol in properties.index]
    if universe is not None and (strangers := [symbol for symbol in universe.symbols if symbol not in set(known)]):
        line = universe.symbol.index(strangers[0]) + 2
        raise DataError(f"{universe.source}:{line}: {unknown_symbols(name, strangers, known)}")
    chosen = _chosen(name, wanted, known)
    properties = properties.loc[chosen]
    actions = _actions(path, about, chosen, session[:stop], low)
    if look_back is None:
        bars = _bars(path, about, chosen, (low, stop), session, properties, actions, universe)
        refuse_wrong_transfers(chosen, session[low:stop], bars_of(np.isfinite(bars["close"])), _cut(actions, low))
    else:
        low = 0

        def bars_before(column: int, row: int) -> Ints:
            return ColumnFile(path / "bars/close.parquet", chosen, in_store=True).bars_before(column, row)

        refuse_wrong_transfers(chosen, session[:stop], bars_before, actions)
        bars = _streamed(path, about, chosen, session[:stop], properties, actions, universe, look_back)
    return Market(
        symbols=np.array(chosen, np.str_),
        start=_column(as_ints(clock.column("start"))[low:stop]),
        end=_column(as_ints(clock.column("end"))[low:stop]),
        session=_readonly(session[low:stop]),
        session_end=_readonly(session_ends(session[low:stop])),
        actions=_cut(actions, low),
        series=_all_series(path, about, chosen),
        properties=properties,
        price_kind=about.price_kind,
        calendar=about.calendar,
        timezone=about.timezone,
        currency=about.currency,
        name=name,
        content_hash=about.content_hash if universe is None else universe.within(about.content_hash),
        sessions_after=_readonly(_sessions_after(about, session, stop)),
        **bars,
    )


def _bars(
    path: Path,
    about: Manifest,
    symbols: list[str],
    rows: tuple[int, int],
    session: Ints,
    properties: pd.DataFrame,
    actions: Records,
    universe: Universe | None,
) -> dict[str, Any]:
    """Read the fields whole, and work out the masks."""
    low, stop = rows
    fields = _fields(path, about, symbols, low, stop)
    real = np.isfinite(fields["close"])
    return {
        "listed": _readonly(_listed(session, low, stop, real, properties, actions)),
        "member": None if universe is None else _readonly(universe.members(symbols, session[low:stop])),
        "complete": _readonly(np.all(real, axis=1)),
        **fields,
    }


def _streamed(
    path: Path,
    about: Manifest,
    symbols: list[str],
    session: Ints,
    properties: pd.DataFrame,
    actions: Records,
    universe: Universe | None,
    look_back: int,
) -> dict[str, Any]:
    """Open the fields, of which nothing is read before somebody asks."""
    files: dict[str, ColumnFile] = {
        name: ColumnFile(path / f"bars/{name}.parquet", symbols, about.decimals.get(name), in_store=True)
        for name in FIELDS
        if name in about.fields
    }
    short = [file for file in files.values() if file.n_rows < len(session)]
    if short:
        raise DataError(
            f"{short[0].path}: the store is damaged: {short[0].n_rows} rows, where the clock has at least "
            f"{len(session)}; import the data again"
        )
    member = None if universe is None else MemberReader(universe, symbols, session)
    stream, fields = stream_of(files, len(session), np.array(symbols, np.str_), look_back, member)
    refuse_too_large(stream)
    listed = ListedRows(fields["close"], session, listing(properties), actions)
    return {"listed": listed, "complete": stream.complete, "stream": stream, **fields}


def _chosen(name: str, wanted: Literal["all"] | Sequence[str], known: list[str]) -> list[str]:
    """Return the symbols asked for, in that order."""
    if isinstance(wanted, str):
        if wanted != "all":
            raise DataError(f"symbols of {name!r}: received {wanted!r}; allowed: 'all' or a list of symbols")
        return known
    chosen = [str(symbol) for symbol in wanted]
    if not chosen:
        raise DataError(f"symbols of {name!r}: an empty list; allowed: 'all' or at least one symbol")
    twice = sorted({symbol for symbol in chosen if chosen.count(symbol) > 1})
    if twice:
        raise DataError(f"symbols of {name!r}: {', '.join(twice)} asked for more than once")
    missing = [symbol for symbol in chosen if symbol not in set(known)]
    if missing:
        raise DataError(unknown_symbols(name, missing, known))
    return chosen


def unknown_symbols(name: str, missing: list[str], known: list[str]) -> str:
    """Say which symbols are not there and what was probably meant, without printing thousands of names."""
    told = []
    for symbol in missing[:5]:
        close = nearest(symbol, known)
        told.append(f"{symbol!r}" + (f" (did you mean {close!r}?)" if close else ""))
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    return f"store {name!r} has no symbol {', '.join(told)}{more}; it has {len(known)}: {shown}"


def _fields(path: Path, about: Manifest, symbols: list[str], low: int, stop: int) -> dict[str, Floats]:
    fields: dict[str, Floats] = {}
    for name in FIELDS:
        if name in about.fields:
            file = f"bars/{name}.parquet"
            checksum = about.checksums.get(file)
            fields[name] = read_matrix(path / file, symbols, about.decimals.get(name), low, stop, checksum)
    return fields


def _actions(path: Path, about: Manifest, symbols: list[str], session: Ints, low: int) -> Records:
    """Return the actions on rows of the whole store up to the last one read."""
    file = "actions.parquet"
    dated = (
        NO_DATED_ACTIONS
        if file not in about.checksums
        else actions_from(read_table(path / file, about.checksums[file]))
    )
    return action_records(dated, symbols, session, low)


def _cut(actions: Records, low: int) -> Records:
    """Count rows from `low`; what was effective before it changes nothing any more."""
    if not actions.shape[0]:
        return NO_ACTIONS
    kept = actions[actions["row"] >= low].copy()
    kept["row"] -= low
    kept.flags.writeable = False
    return kept


def _listed(session: Ints, low: int, stop: int, real: Bools, properties: pd.DataFrame, actions: Records) -> Bools:
    listed_from, listed_to = listing(properties)
    before = actions[np.isin(actions["kind"], ENDINGS) & (actions["row"] < low)]
    listed_to[before["asset"]] = session[before["row"]] - 1  # gone before the first row that is read
    return listed_mask(session[low:stop], listed_from, listed_to, real, _cut(actions, low))


def _all_series(path: Path, about: Manifest, symbols: list[str]) -> dict[str, Series]:
    found = {}
    for name in about.series:
        file = f"series/{name}.parquet"
        found[name] = series_from(name, read_table(path / file, about.checksums.get(file)), symbols)
    return found


def _sessions_after(about: Manifest, session: Ints, stop: int) -> Ints:
    """Return sessions that the calendar knows beyond the rows that are read; `data` knows none."""
    told = np.array(about.sessions_after, "datetime64[D]").astype(np.int64)
    if about.calendar == "data":
        return told
    return np.concatenate([np.unique(session[stop:]), told])[:SESSIONS_AFTER]


def _column(values: Ints) -> Ints:
    return _readonly(values.reshape(-1, 1))


def _readonly(values: Array) -> Array:
    """Return the array as C-order memory that cannot be written to."""
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values
