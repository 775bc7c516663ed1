"""Tables of what happened in time: years, drawdowns, events."""

from __future__ import annotations

import numpy as np

from backtest import stats
from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table, left_out
from backtest.report.words import NOTHING, count, day, percent, ratio, span

MOST_DRAWDOWNS = 10
MOST_EVENTS = 200


def years(run: RunNumbers) -> Table:
    """Return the returns of calendar years, with the benchmark's beside them."""
    own = stats.calendar_returns(run.path, run.times)
    columns = ["Year", "Strategy"]
    rows = [[str(year), percent(value, 2, sign=True)] for year, value in zip(own.years, own.yearly, strict=True)]
    if run.benchmark is not None:
        columns += ["Benchmark", "Difference"]
        other = stats.calendar_returns(stats.path_from_equity(run.benchmark, run.capital), run.times)
        for row, mine, theirs in zip(rows, own.yearly, other.yearly, strict=True):
            row += [percent(theirs, 2, sign=True), percent(mine - theirs, 2, sign=True)]
    return Table("years", "Calendar years", columns, rows, note="The first and the last year may be incomplete.")


def drawdowns(run: RunNumbers) -> Table:
    """Return the deepest drawdowns, those still open included."""
    found = stats.drawdowns(run.path)
    deepest = sorted(found, key=lambda fall: fall.depth)[:MOST_DRAWDOWNS]
    columns = ["Depth", "Peak", "Valley", "Recovery", "Falling", "Under water"]
    note = left_out(len(deepest), len(found), "the drawdown column of equity.parquet")
    return Table("drawdowns", "Deepest drawdowns", columns, [_fall(run, fall) for fall in deepest], frozenset(), note)


def _fall(run: RunNumbers, fall: stats.Drawdown) -> list[str]:
    def when(place: int) -> int:
        return int(run.times[max(place - 1, 0)])

    end = run.times.size if fall.recovery is None else fall.recovery
    return [
        percent(fall.depth, 2),
        *(day(when(place), run.intraday) for place in (fall.peak, fall.valley)),
        "open" if fall.recovery is None else day(when(fall.recovery), run.intraday),
        span((when(fall.valley) - when(fall.peak)) / 86_400e9),
        span((when(end) - when(fall.peak)) / 86_400e9),
    ]


def events(run: RunNumbers) -> Table:
    """Return what befell the account, the first ones when there are very many."""
    shown = run.events.head(MOST_EVENTS)
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
    note = left_out(len(shown), len(run.events), "events.parquet")
    columns = ["Date", "Event", "Symbol", "Value", "What it means"]
    return Table(
        "events",
        f"Events ({count(len(run.events))})",
        columns,
        rows,
        frozenset({0, 1, 2, 4}),
        note,
        dates=frozenset({0, 1}),
    )


def _number(value: float) -> str:
    return ratio(value, 0 if abs(value) >= 1000 else 4)
