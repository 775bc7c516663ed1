"""From recognised files to arrays: scan, clock, fill, and what is left of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from backtest.errors import DataError
from backtest.market.calendars import Clock, StampsAre, resolve
from backtest.market.columns import ADJUSTED, Columns
from backtest.market.fill import Filled, Rules, fill
from backtest.market.market import FIELDS
from backtest.market.scan import scan
from backtest.market.sources import Source
from backtest.types import Bools, Floats, Ints


@dataclass
class ImportedBars:
    """Aligned bars, `(T, N)` by field, with their clock; symbols in alphabetical order."""

    symbols: list[str]
    start: Ints
    end: Ints
    session: Ints
    sessions_after: Ints
    fields: dict[str, Floats]
    duplicates: dict[str, int]
    dropped: dict[str, int]
    notes: list[str] = field(default_factory=list)


def read_bars(
    sources: Sequence[Source],
    shapes: Sequence[Columns],
    rules: Rules,
    calendar: str,
    timezone: str,
    interval: int | None,
    stamps_are: StampsAre,
) -> ImportedBars:
    """Read all bars of the files in two passes: first who and when, then the values, each to its cell."""
    names = _field_names(sources, shapes, rules)
    seen = scan(sources, shapes, rules.date_format)
    clock = resolve(seen.stamps, seen.kind, calendar, timezone, interval=interval, stamps_are=stamps_are)
    filled = fill(sources, shapes, seen, clock, names, rules)
    real = ~np.isnan(filled.fields["close"])
    assets = np.asarray(real.any(axis=0))
    if not assets.any():
        raise DataError(f"{sources[0].path}: not one bar with a price in the files given")
    # Nothing says that a stamp at which nobody has a bar was a session, unless a calendar does.
    rows = np.asarray(real.any(axis=1)) if calendar == "data" else np.ones(real.shape[0], np.bool_)
    bars = _kept(seen.symbols, clock, filled, rows, assets)
    bars.notes += _notes(shapes, seen.symbols, rules, bars, real, rows, assets)
    return bars


def _kept(symbols: Sequence[str], clock: Clock, filled: Filled, rows: Bools, assets: Bools) -> ImportedBars:
    """Leave out rows and symbols without any bar."""
    if not (rows.all() and assets.all()):
        for name in list(filled.fields):
            filled.fields[name] = np.ascontiguousarray(filled.fields[name][rows][:, assets])
    return ImportedBars(
        [symbol for symbol, kept in zip(symbols, assets, strict=True) if kept],
        clock.start[rows],
        clock.end[rows],
        clock.session[rows],
        clock.sessions_after,
        filled.fields,
        filled.duplicates,
        filled.dropped,
    )


def _field_names(sources: Sequence[Source], shapes: Sequence[Columns], rules: Rules) -> list[str]:
    """Return the fields that the store will have: all files tell the same prices; volume may be missing in some."""
    if len({shape.layout for shape in shapes}) > 1:
        other = next(k for k, shape in enumerate(shapes) if shape.layout != shapes[0].layout)
        raise DataError(
            f"{sources[0].path} is {shapes[0].layout}, {sources[other].path} is {shapes[other].layout}; "
            "allowed: files of one layout in an import"
        )
    told = [_fields_of(shape) for shape in shapes]
    for source, shape, fields in zip(sources, shapes, told, strict=True):
        odd = (fields ^ told[0]) - {"volume"}
        if odd:
            raise DataError(
                f"{source.path} and {sources[0].path} do not have the same prices: only one has "
                f"{', '.join(sorted(odd))}; allowed: the same prices in every file of an import"
            )
        if ADJUSTED in shape.fields and not rules.use_adjusted and "close" not in shape.fields:
            raise DataError(
                f"{source.path}: the only close is {shape.fields[ADJUSTED]!r}, whose name says it is adjusted; "
                "allowed: price kind total_return, or map close=COLUMN if its name misleads"
            )
    every = set().union(*told)
    return [name for name in FIELDS if name in every]


def _fields_of(shape: Columns) -> set[str]:
    if shape.layout == "wide":
        return {"close"}
    return {"close" if name == ADJUSTED else name for name in shape.fields}


def _notes(
    shapes: Sequence[Columns],
    symbols: Sequence[str],
    rules: Rules,
    bars: ImportedBars,
    real: Bools,
    rows: Bools,
    assets: Bools,
) -> list[str]:
    """Say in words what was left out, ignored or chosen."""
    notes = []
    ignored = sorted({name for shape in shapes for name in shape.ignored})
    if ignored:
        notes.append(f"columns ignored: {', '.join(ignored)}")
    if any(ADJUSTED in shape.fields and "close" in shape.fields for shape in shapes):
        notes.append(
            "the adjusted close is taken as the close, and the other prices of a bar are scaled with it"
            if rules.use_adjusted
            else "the close is taken as it is; the adjusted close beside it is ignored"
        )
    without = [symbol for symbol, used in zip(symbols, assets, strict=True) if not used]
    if without:
        notes.append(f"{len(without)} symbols have no bar at all and are left out: {', '.join(without[:10])}")
    if not rows.all():
        notes.append(f"{int((~rows).sum())} stamps without any bar are left out")
    elif not real.any(axis=1).all():
        notes.append(f"{int((~real.any(axis=1)).sum())} sessions of the calendar have no bar of any symbol")
    if bars.duplicates:
        notes.append(f"{sum(bars.duplicates.values())} repeated bars: the {rules.on_duplicate} of each was kept")
    if bars.dropped:
        notes.append(f"{sum(bars.dropped.values())} bad bars dropped, of {len(bars.dropped)} symbols")
    return notes
