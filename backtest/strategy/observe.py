"""What an allocation method is shown at a wake: nothing that was not known at its close."""

from __future__ import annotations

import numpy as np

from backtest.allocate import Forecast, History
from backtest.allocate.moments.memory import Memory
from backtest.kernels.book import Book, Own
from backtest.market.adjust import history
from backtest.market.market import Market
from backtest.market.series import asof
from backtest.stats.periods import NS_PER_DAY, SHORTEST_COUNT_DAYS, periods_per_year
from backtest.stats.returns import NS_PER_YEAR
from backtest.strategy.allocator import Allocator
from backtest.types import Floats, Ints

CAPS = "market_cap"
"""Name of the side series that holds market values."""


def observed(
    market: Market,
    row: int,
    book: Book,
    chosen: Ints,
    allocator: Allocator,
    forecast: Forecast,
    memory: Memory,
) -> History:
    """Return what is known of the columns `chosen` at the close of `row`."""
    is_whole = len(chosen) == market.n_assets
    there = market.n_shared(row) - 1
    n = _returns_there(allocator.wants_returns, there, forecast)
    weights, outside = _held(book, chosen) if allocator.reads_book else (None, 0.0)
    return History(
        market.symbols if is_whole else market.symbols[chosen],
        returns_until(market, row, n, chosen),
        current=weights,
        outside=outside,
        prices=market.last_closes(row)[chosen],
        caps=_caps(market, row, chosen),
        groups=market.labels if is_whole else {name: labels[chosen] for name, labels in market.labels.items()},
        periods_per_year=bars_a_year(market, row),
        risk_free=allocator.risk_free,
        costs=allocator.costs,
        half_spread_bps=_half_spreads(market, row, chosen, allocator) if allocator.reads_book else None,
        forecast=forecast,
        first_row=there - n + 1 if n else None,
        row=row,
        memory=memory,
    )


def _returns_there(wanted: int, there: int, forecast: Forecast) -> int:
    """Return how many returns to show: what is wanted and exists; none of too few when the covariance is known."""
    return wanted if wanted <= there else 0 if forecast.covariance is not None else there


def returns_until(market: Market, row: int, n: int, chosen: Ints) -> Floats:
    """Return the last `n` simple returns of the columns `chosen`, `(n, K)`, total, NaN where a bar is missing.

    With several clocks they run between the rows that all of them share, so that a Monday's has the weekend in it.
    """
    if not n:
        return np.empty((0, len(chosen)))
    if market.n_clocks == 1:
        closes = history(market, "close", row, n + 1)
    else:
        last = market.n_shared(row)
        rows = market.shared[last - n - 1 : last]
        closes = history(market, "close", row, row - int(rows[0]) + 1)[rows - rows[0]]
    if len(chosen) < market.n_assets:
        closes = closes[:, chosen]
    returns: Floats = closes[1:] / closes[:-1]
    returns -= 1.0
    return returns


def bars_a_year(market: Market, row: int) -> float | None:
    """Return the periods per year counted from the bars up to `row`; None when it cannot be said.

    Counted as `stats.periods_per_year` counts, which looks at every bar; from 60 days on the two ends are enough.
    """
    rows = slice(None, row + 1) if market.n_clocks == 1 else market.shared[: market.n_shared(row)]
    n = market.n_shared(row) - 1
    if n < 0:
        return None
    low, high = (0, row) if market.n_clocks == 1 else (int(market.shared[0]), int(market.shared[n]))
    first, last = int(market.end[low].max()), int(market.end[high].max())
    if last - first >= SHORTEST_COUNT_DAYS * NS_PER_DAY:
        return n / ((last - first) / NS_PER_YEAR)
    counted = periods_per_year(market.end[rows].max(axis=1)).per_year
    return counted if np.isfinite(counted) else None


def _held(book: Book, chosen: Ints) -> tuple[Floats, float]:
    """Return the weights of the columns `chosen`, and the sum of the sizes of the others."""
    equity = float(book.owners["equity"][0])
    value = book.owned[0, Own.QUANTITY] * book.mark
    weights: Floats = np.where(value != 0.0, value, 0.0) / equity if equity > 0.0 else np.zeros(len(value))
    return weights[chosen], float(np.abs(np.delete(weights, chosen)).sum())


def _half_spreads(market: Market, row: int, chosen: Ints, allocator: Allocator) -> Floats | None:
    """Return what the series of half spreads says at the end of `row`; None when costs name no series."""
    spread = allocator.costs.half_spread
    if spread is None:
        return None
    return asof(market.series[spread.series], int(market.end[row].max()), market.n_assets)[chosen]


def _caps(market: Market, row: int, chosen: Ints) -> Floats | None:
    """Return the market values known at the end of `row`; None when the store has no such series."""
    if CAPS not in market.series:
        return None
    return market.series[CAPS].index.latest(chosen, int(market.end[row].max()))
