"""The rebalance log: what was decided when and why, and why nothing was in between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table, left_out
from backtest.report.words import NOTHING, count, days, money, percent, plural
from backtest.types import Ints

MOST_ROWS = 500
BARELY_CUT = 0.9995  # nearer to 1, one decimal would say 100%


def log(run: RunNumbers) -> Table:
    """Return the log; of a very long one the first and the last rows."""
    total = len(run.rebalances)
    half = MOST_ROWS // 2
    shown = run.rebalances
    if total > MOST_ROWS:
        shown = pd.concat((shown.head(half), shown.tail(half)))
    begun = days(_stamps(shown, "time"), run.intraday)
    ended = days(_stamps(shown, "until"), run.intraday)
    done = days(_stamps(shown, "done"), run.intraday)
    entries = shown.to_dict("records")
    rows = [_line(entry, a, b, c) for entry, a, b, c in zip(entries, begun, ended, done, strict=True)]
    quiet = frozenset(place for place, entry in enumerate(entries) if entry["kind"] != "decision")
    columns = ["Decided", "Why", "Largest drift", "Orders", "Turnover", "Cost", "Done"]
    note = left_out(len(shown), total, "rebalances.parquet")
    return Table(
        "log", "Rebalance log", columns, rows, frozenset({0, 1, 2, 6}), note, muted=quiet, dates=frozenset({0, 6})
    )


def _line(entry: dict[Any, Any], begun: str, ended: str, done: str) -> list[str]:
    if entry["kind"] == "quiet":
        return _quiet(entry, begun, ended)
    return _held(entry, begun) if entry["kind"] == "held" else _decision(entry, begun, done)


def _held(entry: dict[Any, Any], day: str) -> list[str]:
    why = " + ".join(str(trigger) for trigger in entry["triggers"]) or str(entry["source"])
    return [day, "; ".join([why, "everything was left alone", *_said(entry)]), _drift(entry), "", "", "", ""]


def _said(entry: dict[Any, Any]) -> list[str]:
    """Return the status when it is not the usual one, and what was warned of."""
    warnings = entry.get("warnings")
    texts = [str(text) for text in warnings] if warnings is not None else []
    return [*([str(entry["status"])] if entry["status"] not in (None, "", "ok") else []), *texts]


def _decision(entry: dict[Any, Any], day: str, done: str) -> list[str]:
    why = " + ".join(str(trigger) for trigger in entry["triggers"]) or str(entry["source"])
    extra = _said(entry)
    if entry["scale"] < BARELY_CUT:
        extra.append(f"purchases cut to {percent(entry['scale'])}")
    finished = NOTHING if done == "NaT" else done
    return [
        day,
        "; ".join([why, *extra]),
        _drift(entry),
        count(entry["orders"]),
        percent(entry["turnover"], 2),
        money(entry["cost"]),
        finished,
    ]


def _quiet(entry: dict[Any, Any], begun: str, ended: str) -> list[str]:
    period = begun if begun == ended else f"{begun} … {ended}"
    fired = " + ".join(str(trigger) for trigger in entry["triggers"])
    why = f"{fired} fired, nothing was decided" if fired else "no trigger"
    return [period, f"{why} for {plural(int(entry['sessions']), 'session')}", _drift(entry), "", "", "", ""]


def _drift(entry: dict[Any, Any]) -> str:
    if entry["drift"] is None or entry["drift"] != entry["drift"]:
        return NOTHING
    return f"{percent(entry['drift'], 2)} {entry['drift_symbol'] or ''}".strip()


def _stamps(rows: pd.DataFrame, column: str) -> Ints:
    return np.asarray(rows[column].to_numpy("datetime64[ns]").astype(np.int64))
