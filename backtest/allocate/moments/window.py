"""Returns without gaps, of the symbols that have enough of them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, sqrt

import numpy as np

from backtest.types import Bools, Floats, Ints

MOVES = 1e-12
"""Returns that deviate less than this are all the same: rounding leaves about 1e-17 on constant ones."""

ENOUGH = Fraction(9, 10)
"""Share of the returns of a lookback that a symbol needs, unless a number is given."""


@dataclass(frozen=True)
class Window:
    """`returns` `(n, K)` per return period, complete, of the usable `columns` `(K,)` of `N` symbols.

    `needed` is how many a symbol needed; `still` are the columns that have as many, all the same. `gappy` `(n, K)`
    are the returns as the market made them, NaN where there was none; None where none was missing.
    """

    columns: Ints
    returns: Floats
    needed: int
    still: Ints
    gappy: Floats | None = None

    @property
    def nbytes(self) -> int:
        """What the returns take."""
        return self.returns.nbytes * (1 if self.gappy is None else 2)

    def copy(self) -> Window:
        """Return it with returns that are the receiver's own."""
        gappy = None if self.gappy is None else self.gappy.copy()
        return Window(self.columns, self.returns.copy(), self.needed, self.still, gappy)


def window_of(returns: Floats, lookback: int, min_observations: int | None, bars_per_return: int) -> Window:
    """Return the last `lookback` bars of returns `(n, N)`, NaN for missing, of the symbols that are usable.

    The rule is `Sample`'s. Bars are compounded `bars_per_return` at a time, counted back from the last.
    """
    periods = lookback // bars_per_return
    # One memory layout: sums over rows that lie differently in memory can differ in their last bit.
    taken = compounded(np.ascontiguousarray(returns[-lookback:]), bars_per_return)
    needed = ceil(ENOUGH * periods) if min_observations is None else min(min_observations, periods)
    missing = np.isnan(taken)
    counts = len(taken) - missing.sum(axis=0)
    enough = np.flatnonzero(counts >= max(needed, 2))
    found = taken if len(enough) == taken.shape[1] else np.ascontiguousarray(taken[:, enough])
    gappy = found if missing[:, enough].any() else None
    if gappy is not None:
        found = _completed(found, missing[:, enough], counts[enough])
    moves = _moves(found)
    still = enough[~moves]
    if len(still):
        enough, found = enough[moves], np.ascontiguousarray(found[:, moves])
        gappy = None if gappy is None else gappy[:, moves]
    return Window(enough, found, needed, still, gappy)


def _moves(returns: Floats) -> Bools:
    """Say which columns deviate. A range that large leaves no doubt, and takes a tenth of the time to find."""
    n, k = returns.shape
    if not n:
        return np.zeros(k, np.bool_)
    sure: Bools = np.ptp(returns, axis=0) > 2.0 * MOVES * sqrt(2.0 * n)  # deviation ≥ range / √(2n)
    return sure if sure.all() else returns.std(axis=0) > MOVES


def compounded(returns: Floats, bars: int) -> Floats:
    """Return simple returns over `bars` bars each, `(n // bars, N)`, counted back from the last row."""
    if bars == 1:
        return returns
    n = len(returns) // bars
    growth = 1.0 + returns[len(returns) - n * bars :]
    together: Floats = growth.reshape(n, bars, -1).prod(axis=1) - 1.0
    return together


def _completed(found: Floats, missing: Bools, counts: Ints) -> Floats:
    """Return the returns with the missing ones at their column's mean, the others spread to keep the deviation.

    Over n rows the sum of squared deviations then has n − 1 where it had nᵢ − 1, so that the sample deviation (ddof =
    1) is that of the returns that exist, and any covariance made from the rows is positive semi-definite.
    """
    present = np.where(missing, 0.0, found)
    mean = present.sum(axis=0) / counts
    stretch = np.sqrt((len(found) - 1) / (counts - 1))
    whole: Floats = np.where(missing, mean, mean + (found - mean) * stretch)
    whole[:, counts == len(found)] = found[:, counts == len(found)]
    return whole
