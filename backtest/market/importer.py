"""From files of prices to a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from backtest.errors import DataError, unknown
from backtest.market.actions import NO_DATED_ACTIONS, action_records
from backtest.market.bars import ImportedBars, read_bars
from backtest.market.calendars import StampsAre, default_timezone
from backtest.market.columns import Layout, recognise
from backtest.market.extras import read_actions, read_series, read_symbols
from backtest.market.fill import OnDuplicate, Rules
from backtest.market.manifest import Manifest, check_name
from backtest.market.market import Market, PriceKind, Series
from backtest.market.save import refuse_existing, save
from backtest.market.sources import open_sources
from backtest.market.stamps import zone
from backtest.types import Records


@dataclass(frozen=True)
class ImportSummary:
    """What an import wrote. `notes` says in words what was assumed, left out or ignored."""

    path: Path
    layout: Layout
    store: Manifest
    notes: tuple[str, ...]


def import_files(
    files: Sequence[Path],
    name: str,
    data_dir: Path,
    *,
    layout: Layout | None = None,
    columns: Mapping[str, str] | None = None,
    timezone: str | None = None,
    date_format: str | None = None,
    price_kind: PriceKind | None = None,
    currency: str = "USD",
    calendar: str = "data",
    interval: str | None = None,
    stamps: StampsAre = "start",
    on_duplicate: OnDuplicate = "error",
    drop_bad_bars: bool = False,
    symbols_file: Path | None = None,
    actions_file: Path | None = None,
    series: Mapping[str, Path] | None = None,
    replace: bool = False,
    source: str | None = None,
    licence: str | None = None,
    notice: str | None = None,
) -> ImportSummary:
    """Read CSV, gzipped CSV or Parquet files and write the store ``data_dir / name``.

    `layout` is ``wide`` (one column a symbol), ``long`` (a symbol column) or ``per_file`` (the file's name is the
    symbol), told from the columns when None. `columns` maps our words (time, symbol, open, high, low, close,
    adjusted_close, volume) to the files' names. Stamps without a zone are read in `timezone`, by default the
    calendar's own, UTC for ``data`` and ``24/7``; `stamps` says what intraday stamps are and `interval` how long a
    bar is (``1h``), by default the usual distance of stamps. `price_kind` is by default raw when there are actions,
    else total_return, which promises nothing that needs raw prices. `series` maps a name to its file.

    Files are read twice, in batches: memory is that of the arrays that come out. What cannot be used is refused in one
    `DataError` with file and row numbers, and nothing is written.
    """
    check_name(name)
    refuse_existing(data_dir, name, replace)
    _check_choice("layout", layout, Layout, none=True)
    _check_choice("price kind", price_kind, PriceKind, none=True)
    _check_choice("stamps", stamps, StampsAre)
    _check_choice("on_duplicate", on_duplicate, OnDuplicate)
    timezone = timezone or default_timezone(calendar)
    zone(timezone)
    sources = open_sources(files)
    kind: PriceKind = price_kind or ("total_return" if actions_file is None else "raw")
    shapes = [recognise(each.path, each.names, columns or {}, layout) for each in sources]
    rules = Rules(date_format, on_duplicate, drop_bad_bars, use_adjusted=kind == "total_return")
    bars = read_bars(sources, shapes, rules, calendar, timezone, _nanoseconds(interval), stamps)
    notes = [*bars.notes] if price_kind else [*bars.notes, f"prices are taken as {kind}; say so if they are not"]
    market = Market(
        symbols=np.array(bars.symbols, np.str_),
        start=bars.start.reshape(-1, 1),
        end=bars.end.reshape(-1, 1),
        session=bars.session,
        sessions_after=bars.sessions_after,
        properties=_properties(symbols_file, bars, currency, notes),
        actions=_actions(actions_file, bars, notes),
        series=_series(series or {}, bars, timezone, notes),
        price_kind=kind,
        calendar=calendar,
        timezone=timezone,
        currency=currency,
        name=name,
        open=bars.fields.get("open"),
        high=bars.fields.get("high"),
        low=bars.fields.get("low"),
        close=bars.fields["close"],
        volume=bars.fields.get("volume"),
    )
    store = save(
        market,
        data_dir,
        replace=replace,
        source=source or ", ".join(each.path.name for each in sources[:3]) + (", ..." if len(sources) > 3 else ""),
        licence=licence,
        notice=notice,
        duplicates=bars.duplicates,
        dropped=bars.dropped,
    )
    return ImportSummary(data_dir / name, shapes[0].layout, store, tuple(notes))


def _properties(file: Path | None, bars: ImportedBars, currency: str, notes: list[str]) -> pd.DataFrame | None:
    if file is None:
        return None
    properties, unused = read_symbols(file, bars.symbols, currency)
    if unused:
        notes.append(f"{file.name}: {len(unused)} symbols have no bars and are ignored: {_some(unused)}")
    missing = sorted(set(bars.symbols) - set(properties.index))
    if missing:
        notes.append(f"{file.name}: nothing about {len(missing)} symbols: {_some(missing)}")
    return properties


def _actions(file: Path | None, bars: ImportedBars, notes: list[str]) -> Records:
    dated = NO_DATED_ACTIONS if file is None else read_actions(file, bars.symbols)
    records = action_records(dated, bars.symbols, bars.session)
    outside = len(dated.symbol) - records.shape[0]
    if outside:
        notes.append(f"{outside} actions lie outside the sessions of the data and are ignored")
    return records


def _series(files: Mapping[str, Path], bars: ImportedBars, timezone: str, notes: list[str]) -> dict[str, Series]:
    found = {}
    for name, file in files.items():
        check_name(name)
        found[name], empty = read_series(file, name, bars.symbols, timezone)
        if empty:
            notes.append(f"series {name}: {empty} rows without a value are ignored")
    return found


def _nanoseconds(interval: str | None) -> int | None:
    if interval is None:
        return None
    try:
        length = int(pd.Timedelta(interval).value)
    except ValueError:
        length = 0
    if length <= 0:
        raise DataError(f"interval {interval!r} is not a length of time; allowed: '1d', '1h', '15min' and the like")
    return length


def _check_choice(what: str, value: str | None, allowed: object, *, none: bool = False) -> None:
    names: tuple[str, ...] = get_args(allowed)
    if not (none and value is None) and value not in names:
        raise DataError(unknown(what, value, names))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
