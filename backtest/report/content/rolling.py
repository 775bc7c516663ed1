"""Sharpe ratio, volatility and beta over a window that moves along the record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest import stats
from backtest.report.content.sessions import sessions
from backtest.report.numbers import RunNumbers
from backtest.types import Floats, Ints

FEWEST = 20
"""Bars in the shortest window: a deviation of fewer says little."""

LENGTHS = ((1.0, "12 months"), (0.5, "6 months"), (0.25, "3 months"), (1 / 12, "1 month"))
"""Windows in years, the longest that fits three times into the record is taken."""


@dataclass(frozen=True)
class Rolling:
    """Annualised measures of the `window` returns up to each moment; NaN until the first window is full."""

    window: int
    span: str  # the window in words
    times: Ints  # (K,)
    sharpe: Floats
    volatility: Floats
    beta: Floats | None  # None without a benchmark
    benchmark_sharpe: Floats | None
    benchmark_volatility: Floats | None


def rolling(run: RunNumbers) -> Rolling | None:
    """Return the measures from the first full window on; None when the record is too short for any window."""
    if "rolling" not in run.memo:
        run.memo["rolling"] = _measured(run)
    found: Rolling | None = run.memo["rolling"]
    return found


def _measured(run: RunNumbers) -> Rolling | None:
    days = sessions(run)
    chosen = _window(days.returns.size, days.per_year)
    if chosen is None:
        return None
    window, span = chosen
    cash = stats.per_period(run.risk_free, days.per_year)
    first = window - 1
    volatility = stats.rolling_volatility(days.returns, window, days.per_year)[first:]
    sharpe = stats.rolling_sharpe(days.returns, window, days.per_year, cash)[first:]
    other = days.benchmark
    return Rolling(
        window,
        span,
        days.times[first:],
        sharpe,
        volatility,
        None if other is None else stats.rolling_beta(days.returns - cash, other - cash, window)[first:],
        None if other is None else stats.rolling_sharpe(other, window, days.per_year, cash)[first:],
        None if other is None else stats.rolling_volatility(other, window, days.per_year)[first:],
    )


def _window(size: int, per_year: float) -> tuple[int, str] | None:
    if not np.isfinite(per_year):
        return None
    for years, span in LENGTHS:
        window = round(years * per_year)
        if window >= FEWEST and window * 3 <= size:
            return window, span
    return None
