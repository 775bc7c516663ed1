"""Real and random return series that metrics of several libraries are asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from backtest.market.store import load

DATA = Path(__file__).parents[2] / "data"


def real() -> tuple[pd.Series, pd.Series]:
    """Ten years of twenty US stocks, equally weighted each day, and of the first of them."""
    market = load(DATA, "us20", start="2013-01-01", end="2022-12-28", rows_before=0)
    days = pd.DatetimeIndex(market.session.astype("datetime64[D]").astype("datetime64[ns]"))
    returns = pd.DataFrame(market.close, days, market.symbols).pct_change().iloc[1:]
    return returns.mean(axis=1), returns.iloc[:, 0]


def random(seed: int, frequency: str, rows: int) -> tuple[pd.Series, pd.Series]:
    """Fat-tailed returns and a benchmark that explains half of them."""
    rng = np.random.default_rng(seed)
    index = pd.date_range("2012-01-06", periods=rows, freq=frequency)
    benchmark = 0.01 * rng.standard_t(4, rows) + 0.0005
    returns = 0.7 * benchmark + 0.006 * rng.standard_t(4, rows)
    return pd.Series(returns, index), pd.Series(benchmark, index)


SERIES = {
    "real": (real, 252, "daily"),
    "daily": (lambda: random(1, "B", 1500), 252, "daily"),
    "weekly": (lambda: random(2, "W-FRI", 300), 52, "weekly"),
    "monthly": (lambda: random(3, "ME", 120), 12, "monthly"),
}
"""What makes the series, and the bars that a year has in libraries that go by the name of the frequency."""
