"""Tables behind the charts of returns: how they are spread, and what moved along the record."""

from __future__ import annotations

import numpy as np

from backtest.report.content.distribution import distribution
from backtest.report.content.rolling import rolling
from backtest.report.numbers import RunNumbers
from backtest.report.tables.table import Table
from backtest.report.words import count, day, percent, ratio

YEAR = "datetime64[Y]"


def returns_of_bars(run: RunNumbers) -> Table:
    """Return the bins of the histogram; empty where there is none."""
    columns, found = ["From", "To", "Bars", "Normal"], distribution(run)
    if found is None:
        return Table("returns", "Returns of bars", columns, [], frozenset())
    rows = [
        [percent(low, 2), percent(high, 2), count(number), ratio(normal, 1)]
        for low, high, number, normal in zip(
            found.edges[:-1].tolist(),
            found.edges[1:].tolist(),
            found.counts.tolist(),
            found.normal.tolist(),
            strict=True,
        )
    ]
    note = "Normal: what a normal distribution of the same mean and deviation would count."
    if found.below or found.above:
        note += f" The first row counts {found.below:,} below it too, the last one {found.above:,} above it."
    return Table("returns", "Returns of bars", columns, rows, frozenset(), note)


def rolled(run: RunNumbers) -> Table:
    """Return what moved along the record at the end of each year, and at its end; empty where the record is short."""
    found = rolling(run)
    columns = [
        "Up to",
        "Sharpe ratio",
        "Volatility",
        *(["Beta"] if found is not None and found.beta is not None else []),
    ]
    if found is None:
        return Table("rolling", "Rolling measures", columns, [])
    years = (found.times - 1).astype("datetime64[ns]").astype(YEAR).astype(np.int64)
    rows = []
    for k in np.flatnonzero(np.append(np.diff(years) != 0, True)).tolist():
        cells = [day(int(found.times[k])), ratio(float(found.sharpe[k])), percent(float(found.volatility[k]))]
        rows.append(cells if found.beta is None else [*cells, ratio(float(found.beta[k]))])
    return Table("rolling", f"Rolling {found.span}, at the end of each year", columns, rows, dates=frozenset({0}))
