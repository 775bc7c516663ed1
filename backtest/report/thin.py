"""Which points of a long series to draw, so that the picture is the same."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats, Ints


def keep_extremes(series: list[Floats], most: int) -> Ints:
    """Return the rows to draw of equally long `series`: about `most` at most, ascending.

    Rows are cut into equal stretches; of each stretch the lowest and the highest row of every series stay, and the
    first and last row of all. Nothing is averaged: every peak and valley that was there can be seen. NaN rows are never
    extremes. A series that is short enough keeps all rows.
    """
    n = series[0].size
    if n <= most:
        return np.arange(n)
    stretch = -(-n * 2 * len(series) // most)
    starts = np.arange(0, n, stretch)
    kept = [np.array([0, n - 1])]
    for values in series:
        padded = np.full(starts.size * stretch, np.nan)
        padded[:n] = values
        block = padded.reshape(starts.size, stretch)
        kept.append(starts + np.argmin(np.where(np.isnan(block), np.inf, block), axis=1))
        kept.append(starts + np.argmax(np.where(np.isnan(block), -np.inf, block), axis=1))
    rows = np.unique(np.concatenate(kept))
    return rows[rows < n]


def keep_steps(times: Ints, moments: Ints, most: int) -> Ints:
    """Return the rows of `times` to draw of something that jumps at `moments`: evenly spread ones, and each jump.

    A jump needs the row before it as well, or it would be drawn as a slope. When there are too many jumps to draw, they
    are left to the even spread.
    """
    n = times.size
    if n <= most:
        return np.arange(n)
    even = np.linspace(0, n - 1, most // 2).round().astype(np.int64)
    jump = np.searchsorted(times, moments)
    if jump.size * 2 > most // 2:
        return np.unique(np.linspace(0, n - 1, most).round().astype(np.int64))
    return np.unique(np.clip(np.concatenate((even, jump, jump - 1)), 0, n - 1))
