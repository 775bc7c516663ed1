"""Statistics of trades, one number a trade: never of the days of a return series.

`profit` `(K,)` is what each *closed* trade made, after costs, in money or as a fraction. A trade that made exactly
nothing is neither a win nor a loss. NaN where a number has nothing to be computed from.
"""

from __future__ import annotations

import math

import numpy as np

from backtest.types import Bools, Floats


def win_rate(profit: Floats) -> float:
    """Return wins / trades."""
    return float(np.mean(profit > 0.0)) if profit.size else math.nan


def profit_factor(profit: Floats) -> float:
    """Return Σ wins / |Σ losses|; NaN without losses."""
    lost = -float(profit[profit < 0.0].sum())
    return float(profit[profit > 0.0].sum()) / lost if lost > 0.0 else math.nan


def payoff_ratio(profit: Floats) -> float:
    """Return mean win / |mean loss|; NaN without wins or without losses."""
    won, lost = profit[profit > 0.0], profit[profit < 0.0]
    return float(won.mean() / -lost.mean()) if won.size and lost.size else math.nan


def expectancy(profit: Floats) -> float:
    """Return the mean profit of a trade: win rate × mean win + loss rate × mean loss. Tharp (1998)."""
    return float(profit.mean()) if profit.size else math.nan


def longest_streak(hit: Bools) -> int:
    """Return the length of the longest run of True, trades being in the order in which they closed."""
    edge = np.diff(np.concatenate(([False], hit, [False])).astype(np.int8))
    lengths = np.flatnonzero(edge == -1) - np.flatnonzero(edge == 1)
    return int(lengths.max()) if lengths.size else 0
