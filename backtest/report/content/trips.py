"""The trades of a run: positions from nothing back to nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.report.numbers import RunNumbers
from backtest.types import Bools, Floats

MOST_POINTS = 2_000


@dataclass(frozen=True)
class Trips:
    """What a scatter shows of each trade: days held, return, and the worst return on the way."""

    symbols: list[str]
    days: Floats  # (K,)
    returns: Floats  # profit over the money that went in, after costs; open ones at the last mark
    worst: Floats  # ≤ 0, the deepest running loss over the money that went in
    size: Floats  # money that went in
    is_open: Bools
    total: int  # trades in all; K of them are shown


def trips(run: RunNumbers, most: int = MOST_POINTS) -> Trips | None:
    """Return the trades, of more than `most` those that won or lost most money; None where the run left no list."""
    table = run.trades
    if table is None or table.empty:
        return None
    known = table[np.isfinite(table["return"]) & np.isfinite(table["mae"])]
    shown = known if len(known) <= most else known.loc[known["profit"].abs().nlargest(most).index]
    if shown.empty:
        return None
    return Trips(
        [str(symbol) for symbol in shown["symbol"]],
        shown["days"].to_numpy(np.float64),
        shown["return"].to_numpy(np.float64),
        shown["mae"].to_numpy(np.float64),
        shown["entered"].to_numpy(np.float64),
        shown["open"].to_numpy(np.bool_),
        len(table),
    )
