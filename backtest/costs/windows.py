"""The mean, or the sample deviation, of the last numbers before each row, of a table that may come in parts."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats

CELLS = 200_000
"""Numbers that are summed together: what fits into the cache."""


class LastNumbers:
    """Means or deviations of the last `bars` numbers of each column before each row, NaN before half of them.

    Rows without a number are passed over, however many they are. Each window is summed by itself, number by number:
    what a row says depends neither on where the data begin nor on where they are cut.
    """

    def __init__(self, bars: int, n_assets: int, deviating: bool) -> None:
        self._bars, self._deviating = bars, deviating
        self._tail: Floats = np.full((bars, n_assets), np.nan)  # the last numbers, the latest at the end

    def before(self, values: Floats) -> Floats:
        """Return what is known before each row of the next part `(n, N)`, `(n, N)`."""
        bars, missing = self._bars, np.isnan(values)
        padded = np.concatenate((self._tail, values))
        out = _of_windows(padded[:-1], bars, self._deviating)
        begun = np.logical_or.accumulate(~missing, axis=0) | ~np.isnan(self._tail).all(axis=0)
        self._tail, tail = padded[-bars:].copy(), self._tail
        for column in np.flatnonzero((missing & begun).any(axis=0)):  # others miss numbers at the beginning alone
            there = ~missing[:, column]
            own = np.concatenate((tail[:, column], values[there, column]))
            out[:, column] = _of_windows(own[:, None], bars, self._deviating)[np.cumsum(there) - there, 0]
            self._tail[:, column] = own[-bars:]
        return out


def _of_windows(padded: Floats, bars: int, deviating: bool) -> Floats:
    """Return the mean, or sample deviation, of each `bars` rows in a row, NaN where fewer than half are numbers."""
    rows, assets = len(padded) - bars + 1, padded.shape[1]
    out = np.empty((rows, assets))
    step = max(1, CELLS // assets)
    for low in range(0, rows, step):
        part = padded[low : min(rows, low + step) + bars - 1]
        out[low : low + step] = _of_part(part, bars, deviating)
    return out


def _of_part(padded: Floats, bars: int, deviating: bool) -> Floats:
    there = ~np.isnan(padded)
    values, rows = np.where(there, padded, 0.0), len(padded) - bars + 1
    count, total = np.zeros((rows, padded.shape[1]), np.int64), np.zeros((rows, padded.shape[1]))
    for k in range(bars):
        count += there[k : k + rows]
        total += values[k : k + rows]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = total / count
        if deviating:
            squares = np.zeros_like(total)
            for k in range(bars):
                gap = np.where(there[k : k + rows], values[k : k + rows] - found, 0.0)
                squares += gap * gap
            found = np.sqrt(squares / (count - 1))
    result: Floats = np.where((2 * count >= bars) & (count > int(deviating)), found, np.nan)
    return result
