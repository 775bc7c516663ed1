"""Tables of what happened in time: years, drawdowns, events."""

from __future__ import annotations

import numpy as np

from backtest.report.content.falls import Fall, falls
from backtest.report.content.years import years as yearly
from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table, left_out
from backtest.report.words import NOTHING, count, day, percent, ratio, span

MOST_DRAWDOWNS = 10
MOST_EVENTS = 200
ORDINARY = frozenset(
    [
        *("listing", "order_placed", "order_filled", "position_opened", "position_closed"),
        *("rebalance_completed", "trigger_fired"),
    ]
)
"""Events of every run, which the tables of trades and rebalances are about."""


def years(run: RunNumbers) -> Table:
    """Return the returns of calendar years, with the benchmark's beside them."""
    found = yearly(run)
    columns = ["Year", "Strategy"]
    rows = [[str(year), percent(value, 2, sign=True)] for year, value in zip(found.years, found.own, strict=True)]
    if found.benchmark is not None:
        columns += ["Benchmark", "Difference"]
        for row, mine, theirs in zip(rows, found.own, found.benchmark, strict=True):
            row += [percent(theirs, 2, sign=True), percent(mine - theirs, 2, sign=True)]
    return Table("years", "Calendar years", columns, rows, note="The first and the last year may be incomplete.")


def drawdowns(run: RunNumbers) -> Table:
    """Return the deepest drawdowns, those still open included."""
    found = falls(run, MOST_DRAWDOWNS)
    columns = ["Depth", "Peak", "Valley", "Recovery", "Falling", "Under water"]
    note = left_out(len(found.deepest), found.total, "the drawdown column of equity.parquet")
    rows = [_fall(run, fall) for fall in found.deepest]
    lengths = {4: [fall.falling for fall in found.deepest], 5: [fall.under for fall in found.deepest]}
    dates = frozenset({1, 2, 3})
    return Table("drawdowns", "Deepest drawdowns", columns, rows, dates, note, dates=dates, keys=lengths)


def _fall(run: RunNumbers, fall: Fall) -> list[str]:
    return [
        percent(fall.depth, 2),
        *(day(stamp, run.intraday) for stamp in (fall.peak, fall.valley)),
        "open" if fall.recovery is None else day(fall.recovery, run.intraday),
        span(fall.falling),
        span(fall.under),
    ]


def events(run: RunNumbers) -> Table:
    """Return what befell the account, the first ones when there are very many."""
    told = run.events[~run.events["kind"].isin(ORDINARY)]
    shown = told.head(MOST_EVENTS)
    stamps = np.asarray(shown["time"].to_numpy("datetime64[ns]").astype(np.int64))
    rows = [
        [
            day(int(stamp), run.intraday),
            str(kind).replace("_", " "),
            str(symbol or NOTHING),
            _number(value),
            str(text or ""),
        ]
        for stamp, kind, symbol, value, text in zip(
            stamps, shown["kind"], shown["symbol"], shown["value"], shown["text"], strict=True
        )
    ]
    note = left_out(len(shown), len(told), "events.parquet")
    if len(told) < len(run.events):
        note = f"{note} Orders, fills, positions and triggers are in events.parquet as well.".strip()
    columns = ["Date", "Event", "Symbol", "Value", "What it means"]
    return Table(
        "events",
        f"Events ({count(len(told))})",
        columns,
        rows,
        frozenset({0, 1, 2, 4}),
        note,
        dates=frozenset({0, 1}),
    )


def _number(value: float) -> str:
    return ratio(value, 0 if abs(value) >= 1000 else 4)
