"""Returns from equity, and what they compound to."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats

NS_PER_YEAR = 365.25 * 86_400 * 1e9
"""A year of 365.25 days in nanoseconds: the only length of a year in this package."""


def path_from_equity(equity: Floats, capital: float) -> Floats:
    """Put the initial capital in front of `equity` `(R,)`, so that a loss in the first bar is a loss; `(R + 1,)`."""
    return np.concatenate(([float(capital)], equity))


def returns_from_equity(equity: Floats, capital: float) -> Floats:
    """Return the simple return of each bar, `(R,)`; the first one is measured from `capital`.

    NaN where the equity before the bar was zero or below: nothing can be earned on nothing. A ruined account, whose
    recorded equity no longer moves, therefore has no returns after its ruin.
    """
    path = path_from_equity(equity, capital)
    before = path[:-1]
    return np.where(before > 0.0, path[1:] / np.where(before > 0.0, before, 1.0) - 1.0, np.nan)


def path_from_returns(returns: Floats) -> Floats:
    """Return the growth of 1 through `returns` `(R,)`, with the 1 in front: `(R + 1,)`. NaN counts as no change.

    A path that is at zero or below stays there: nothing is earned on nothing, and a debt does not compound.
    """
    path = np.concatenate(([1.0], np.cumprod(1.0 + np.nan_to_num(returns, nan=0.0))))
    if path.min() <= 0.0:
        ruin = int(np.argmax(path <= 0.0))
        path[ruin:] = path[ruin]
    return path


def total_return(path: Floats) -> float:
    """Return last value over first, less one. The first value of `path` is the initial capital."""
    return float(path[-1] / path[0] - 1.0)


def cagr(path: Floats, years: float) -> float:
    """Return the compound return per year of `path` over `years` of 365.25 days.

    NaN when no time has passed; -1 when everything was lost (or more: there is no rate for that).
    """
    if not years > 0.0:
        return float("nan")
    growth = float(path[-1] / path[0])
    return growth ** (1.0 / years) - 1.0 if growth > 0.0 else -1.0


def years_between(start: int, end: int) -> float:
    """Return the years of 365.25 actual days between two UTC nanosecond stamps."""
    return float(end - start) / NS_PER_YEAR
