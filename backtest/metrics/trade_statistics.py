"""Statistics of trades, each a function of its own: of the table that `trades` returns, or of profits alone.

Of a table closed trades count, in the order in which they closed; profits are money after costs, one a closed trade. A
trade that made exactly nothing is neither a win nor a loss. NaN where there is nothing to compute from.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backtest import stats
from backtest.errors import InputError
from backtest.metrics.match import numbers
from backtest.types import Floats

Trades = pd.DataFrame | pd.Series | ArrayLike


def win_rate(trades: Trades) -> float:
    """Return #{p > 0} / #. Unit: fraction. Tharp (1998)."""
    return stats.win_rate(_profits(trades))


def profit_factor(trades: Trades) -> float:
    """Return Σ wins / |Σ losses|, in money. Unit: ratio. Tharp (1998)."""
    return stats.profit_factor(_profits(trades))


def payoff_ratio(trades: Trades) -> float:
    """Return mean win / |mean loss|, in money. Unit: ratio. Tharp (1998)."""
    return stats.payoff_ratio(_profits(trades))


def expectancy(trades: Trades) -> float:
    """Return Σ p / #, the mean profit of a trade. Unit: money. Tharp (1998)."""
    return stats.expectancy(_profits(trades))


def winning_streak(trades: Trades) -> int:
    """Return the longest run of p > 0 in the order of closing. Unit: count. Tharp (1998)."""
    return stats.longest_streak(_profits(trades) > 0.0)


def losing_streak(trades: Trades) -> int:
    """Return the longest run of p < 0 in the order of closing. Unit: count. Tharp (1998)."""
    return stats.longest_streak(_profits(trades) < 0.0)


def average_mae(trades: pd.DataFrame) -> float:
    """Return the mean of the worst running profit over the money entered. Unit: fraction. Sweeney (1996)."""
    return float(_closed(trades)["mae"].mean())


def average_mfe(trades: pd.DataFrame) -> float:
    """Return the mean of the best running profit over the money entered. Unit: fraction. Sweeney (1996)."""
    return float(_closed(trades)["mfe"].mean())


def _closed(trades: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(trades, pd.DataFrame) or not {"profit", "closed", "open"} <= set(trades.columns):
        raise InputError("trades: expected the table that `metrics.trades` returns")
    return trades[~trades["open"].astype(bool)].sort_values("closed", kind="stable")


def _profits(trades: Trades) -> Floats:
    profits = numbers("trades", _closed(trades)["profit"] if isinstance(trades, pd.DataFrame) else trades)
    if profits.ndim != 1 or np.isnan(profits).any():
        raise InputError(f"trades: expected one profit a closed trade; received shape {profits.shape}, NaN is none")
    return profits
