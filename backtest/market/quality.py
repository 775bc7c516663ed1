"""What is strange about the data: a table of coverage per symbol, and the findings in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from backtest.market.manifest import manifest, store_path
from backtest.market.market import FIELDS, Market
from backtest.market.masks import last_rows
from backtest.market.runs import longest_run, runs
from backtest.market.stores import Bars, Source, load_source, names_of
from backtest.types import ActionKind, Bools, Floats, Ints

STALE_BARS = 5
"""From so many bars in a row with the same close on, prices look stuck."""
SPLIT_RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 50.0, 100.0)
SPLIT_TOLERANCE = 0.04
"""How far, relative to the ratio, the price may have moved on the day of a split that was not adjusted for."""
SPLIT_DEVIATIONS = 8.0
"""A jump counts when it is so many times the usual move (median-based): 2 is no split for a coin that doubles daily."""


@dataclass(frozen=True)
class QualityReport:
    """`table` has one row a symbol; `findings` say in words what deserves a look, worst first; empty means nothing.

    Columns: ``first`` and ``last`` session with a bar, ``bars``, ``missing`` rows between them, ``gaps`` (stretches of
    missing rows), ``longest_gap`` (rows), ``stale_runs`` and ``longest_stale`` (bars with one and the same close),
    ``duplicates`` and ``dropped`` (bars left out at import), ``not_positive``, ``high_below_low``, ``outside_range``
    (open or close beyond high or low), ``split_like`` (jumps by the ratio of a split, with no split or
    spin-off to explain them).
    """

    name: str
    table: pd.DataFrame
    findings: tuple[str, ...]


def check_store(data_dir: Path, source: Source, bars: Bars = "stored") -> QualityReport:
    """Check a store, or several as one market, with what their import left out."""
    duplicates: dict[str, int] = {}
    dropped: dict[str, int] = {}
    for name in names_of(source):
        about = manifest(store_path(data_dir, name))
        duplicates |= about.duplicates
        dropped |= about.dropped
    return check(load_source(data_dir, source, bars=bars), duplicates=duplicates, dropped=dropped)


def check(
    market: Market, *, duplicates: Mapping[str, int] | None = None, dropped: Mapping[str, int] | None = None
) -> QualityReport:
    """Look at every symbol of a market; nothing is changed."""
    symbols = [str(symbol) for symbol in market.symbols]
    table = pd.DataFrame([_coverage(market, asset) for asset in range(market.n_assets)], index=symbols)
    table.index.name = "symbol"
    for column, left_out in (("duplicates", duplicates), ("dropped", dropped)):
        table[column] = [(left_out or {}).get(symbol, 0) for symbol in symbols]
    table["not_positive"] = _not_positive(market)
    table["high_below_low"], table["outside_range"] = _impossible(market)
    jumps = _split_like(market)
    table["split_like"] = jumps.sum(axis=0)
    return QualityReport(market.name, table, tuple(_findings(market, table, jumps)))


def _coverage(market: Market, asset: int) -> dict[str, object]:
    """Count bars, gaps and stuck prices of one symbol."""
    rows = np.flatnonzero(~np.isnan(market.close[:, asset]))
    if rows.size == 0:
        return {"first": "", "last": "", "bars": 0, "missing": 0, "gaps": 0, "longest_gap": 0, "stale_runs": 0,
                "longest_stale": 0}  # fmt: skip
    missing = np.isnan(market.close[rows[0] : rows[-1] + 1, asset])
    if market.n_clocks > 1:  # a row in which its calendar has no session is no gap
        missing = missing[market.opens[rows[0] : rows[-1] + 1, market.group[asset]]]
    stale = runs(np.diff(market.close[rows, asset]) == 0.0) + 1  # k equal steps are k + 1 equal bars
    return {
        "first": market.day(int(rows[0])),
        "last": market.day(int(rows[-1])),
        "bars": rows.size,
        "missing": int(missing.sum()),
        "gaps": runs(missing).size,
        "longest_gap": longest_run(missing),
        "stale_runs": int((stale >= STALE_BARS).sum()),
        "longest_stale": int(stale.max(initial=1)),
    }


def _not_positive(market: Market) -> Ints:
    prices = [values for name in FIELDS[:4] if (values := market.get(name)) is not None]
    counts: Ints = np.logical_or.reduce([values <= 0.0 for values in prices]).sum(axis=0)
    return counts


def _impossible(market: Market) -> tuple[Ints, Ints]:
    """Count bars with high < low, and bars whose open or close lies outside of them."""
    nothing = np.zeros(market.n_assets, np.int64)
    if market.high is None or market.low is None:
        return nothing, nothing
    below = market.high < market.low
    outside = (market.close > market.high) | (market.close < market.low)
    if market.open is not None:
        outside |= (market.open > market.high) | (market.open < market.low)
    return below.sum(axis=0), (outside & ~below).sum(axis=0)


def _split_like(market: Market) -> Bools:
    """Mark bars, `(T, N)`, that differ from the one before by the ratio of a split that no action tells of."""
    found = np.zeros(market.close.shape, np.bool_)
    for asset in range(market.n_assets):
        rows = np.flatnonzero(market.close[:, asset] > 0.0)
        if rows.size < 3:
            continue
        close = market.close[rows, asset]
        step = np.log(close[1:] / close[:-1])
        usual = float(np.median(np.abs(step - np.median(step)))) * 1.4826  # the deviation, if moves were normal
        jump = _near_ratio(step) & (np.abs(step) > SPLIT_DEVIATIONS * usual)
        if market.open is not None:
            # A split moves the price overnight; a crash moves it while it trades.
            jump &= _near_ratio(np.log(market.open[rows[1:], asset] / close[:-1]), 3.0 * SPLIT_TOLERANCE)
        found[rows[1:][jump], asset] = True
    told = market.actions[np.isin(market.actions["kind"], (ActionKind.SPLIT, ActionKind.SPIN_OFF))]
    found[told["row"], told["asset"]] = False
    return found


def _near_ratio(step: Floats, tolerance: float = SPLIT_TOLERANCE) -> Bools:
    """Say which log steps are those of a split or a merger of shares, within `tolerance`.

    A price that gains a half is news, since nobody merges three shares into two.
    """
    ratios = np.log(SPLIT_RATIOS)
    distance = np.abs(np.abs(step)[:, None] - ratios).min(axis=1)
    return np.asarray((distance < np.log1p(tolerance)) & ((step < 0.0) | (step > np.log(1.75))))


def _findings(market: Market, table: pd.DataFrame, jumps: Bools) -> list[str]:
    """Say in words what the table shows."""
    told = [
        *_counted(table, "not_positive", "bars with a price that is zero or negative"),
        *_counted(table, "high_below_low", "bars with high below low"),
        *_jumps(market, jumps),
        *_counted(table, "outside_range", "bars with an open or close beyond their high and low"),
        *_counted(table, "duplicates", "bars repeated another and were left out at import"),
        *_counted(table, "dropped", "bars had unusable prices and were dropped at import"),
        *_counted(table, "stale_runs", f"stretches of {STALE_BARS} or more bars with the same close", "longest_stale"),
        *_counted(table, "gaps", "stretches without bars between the first and the last one", "longest_gap"),
    ]
    return _clocks(market) + told + _unpriced(market) + _ends(market, table)


def _clocks(market: Market) -> list[str]:
    """Tell of several calendars, and how far they go together."""
    if market.n_clocks == 1:
        return []
    sessions = [
        f"{name} ({int((market.group == k).sum())} symbols, {int(market.opens[:, k].sum())} rows)"
        for k, name in enumerate(market.calendars)
    ]
    return [
        f"several calendars: {', '.join(sessions)}; {len(market.shared)} of {market.n_rows} rows are shared by all "
        "that have begun"
    ]


def _unpriced(market: Market) -> list[str]:
    """Tell of spin-offs whose worth nobody knows on their day, so that history looks as if the parent had crashed."""
    unknown = (market.actions["kind"] == ActionKind.SPIN_OFF) & ~(market.prices_given > 0.0)
    if not unknown.any():
        return []
    shown = [
        f"{market.symbols[action['asset']]} into {market.symbols[action['other']]} on {market.day(int(action['row']))}"
        for action in market.actions[unknown][:5]
    ]
    more = ", ..." if unknown.sum() > 5 else ""
    return [
        f"{int(unknown.sum())} spin-offs into symbols without a price on that day, which are worth nothing until their "
        f"first bar: {', '.join(shown)}{more}"
    ]


def _counted(table: pd.DataFrame, column: str, words: str, longest: str | None = None) -> list[str]:
    """Tell the sum of a column and the symbols with most of it."""
    hit = table[table[column] > 0].sort_values(column, ascending=False, kind="stable")
    if hit.empty:
        return []
    top = ", ".join(f"{symbol} {count}" for symbol, count in hit[column].iloc[:5].items())
    more = ", ..." if len(hit) > 5 else ""
    reach = "" if longest is None else f"; the longest has {table[longest].max()}, of {table[longest].idxmax()}"
    return [f"{hit[column].sum()} {words}, in {len(hit)} symbols ({top}{more}){reach}"]


def _jumps(market: Market, jumps: Bools) -> list[str]:
    told = []
    for row, asset in np.argwhere(jumps)[:10]:
        before = market.close[:row, asset]
        ratio = float(before[before > 0.0][-1] / market.close[row, asset])
        told.append(f"{market.symbols[asset]} on {market.day(int(row))} (price divided by {ratio:.3g})")
    if not told:
        return []
    more = ", ..." if jumps.sum() > len(told) else ""
    return [f"{int(jumps.sum())} jumps look like splits that prices were not adjusted for: {', '.join(told)}{more}"]


def _ends(market: Market, table: pd.DataFrame) -> list[str]:
    """Tell who stopped early without a word, and whether anybody ever did."""
    last = last_rows(market.real)
    renamed = market.actions["asset"][market.actions["kind"] == ActionKind.RENAME]
    ended = set(table.index[market.actions["asset"][market.actions["kind"] == ActionKind.DELISTING]])
    if market.properties is not None:
        ended |= set(market.properties.index[market.properties["listed_to"].notna()])
    goes_on = np.isin(np.arange(market.n_assets), renamed)  # under another name
    early = table.index[(last < market.n_rows - 1 - STALE_BARS) & (table["bars"] > 0) & ~goes_on]
    silent = [symbol for symbol in early if symbol not in ended]
    if silent:
        shown = ", ".join(silent[:10]) + (", ..." if len(silent) > 10 else "")
        return [f"{len(silent)} symbols stop before the data do, with no delisting and no listed_to: {shown}"]
    if len(early) == 0 and market.n_assets > 1:
        return ["every symbol lives to the last row: if they were chosen by that, results are too good (survivorship)"]
    return []
