"""Rows of resamples, and Sharpe differences over them."""

import numpy as np

from backtest.kernels._jit import kernel, part
from backtest.types import Bools, Floats, Ints

MEAN, SPREAD, RATIO, INFLUENCE = range(4)  # what `sharpe_gaps` keeps of each column


@kernel
def chain(restart: Bools, start: Ints, rows: Ints) -> None:
    """Write the rows of each resample `(B, n)`: a block begins at `start` where `restart`, else the next row follows.

    The last row is followed by the first. The first place of each resample begins a block whatever `restart` says.
    """
    draws, n = restart.shape
    for b in range(draws):
        row = start[b, 0]
        rows[b, 0] = row
        for t in range(1, n):
            row = start[b, t] if restart[b, t] else row + 1
            if row >= n:
                row -= n
            rows[b, t] = row


@kernel
def tally(rows: Ints, counts: Floats) -> None:
    """Add to `counts` `(B, n)` how often each row is in each resample `(B, m)`."""
    for b in range(rows.shape[0]):
        for t in range(rows.shape[1]):
            counts[b, rows[b, t]] += 1.0


@kernel
def sharpe_differences(x: Floats, y: Floats, starts: Ints, block: int, difference: Floats, error: Floats) -> None:
    """Write the difference of Sharpe ratios of each resample, and its standard error from its own blocks.

    `starts` `(B, l)` begin blocks of `block` rows, after whose last row the first follows. Moments over n; the error is
    √(Σ ζ² / n²), ζ the sum of the influence of the rows of one block. Both are NaN where a resample has no variance.
    """
    n = x.shape[0]
    draws, blocks = starts.shape
    m = blocks * block
    for b in range(draws):
        sx, sy, sxx, syy = 0.0, 0.0, 0.0, 0.0
        for j in range(blocks):
            row = starts[b, j]
            for _ in range(block):
                sx += x[row]
                sy += y[row]
                sxx += x[row] * x[row]
                syy += y[row] * y[row]
                row = row + 1 if row + 1 < n else 0
        mx, my = sx / m, sy / m
        vx, vy = sxx / m - mx * mx, syy / m - my * my
        if not (vx > 0.0 and vy > 0.0):
            difference[b] = error[b] = np.nan
            continue
        dx, dy = np.sqrt(vx), np.sqrt(vy)
        qx, qy = mx / dx, my / dy
        squares = 0.0
        for j in range(blocks):
            row, total = starts[b, j], 0.0
            for _ in range(block):
                zx, zy = (x[row] - mx) / dx, (y[row] - my) / dy
                total += zx - zy - 0.5 * (qx * (zx * zx - 1.0) - qy * (zy * zy - 1.0))
                row = row + 1 if row + 1 < n else 0
            squares += total * total
        difference[b] = qx - qy
        error[b] = np.sqrt(squares) / m


@kernel
def sharpe_gaps(
    first: Floats, second: Floats, starts: Ints, block: int, centre: Floats, moving: Bools, pairs: Ints,
    column: Floats, gaps: Floats,
) -> None:  # fmt: skip
    """Write |d* − d| / s* of each resample and pair of columns, `(B, P)`, NaN where a moving column stands still in it.

    `first` and `second` `(n + block, K)` are running sums of standardised columns and of their squares, from a row of
    zeros on; blocks of `block` rows begin at `starts` `(B, l)`. `centre` `(K,)` are the ratios of all rows, d those of
    `pairs` `(P, 2)`; s* is the error from the resample's own blocks. `column` `(4, K)` is room.
    """
    draws, blocks = starts.shape
    rows = blocks * block
    for b in range(draws):
        known = True
        for k in range(centre.shape[0]):
            total, squares = 0.0, 0.0
            for j in range(blocks):
                row = starts[b, j]
                total += first[row + block, k] - first[row, k]
                squares += second[row + block, k] - second[row, k]
            mean = total / rows
            variance = squares / rows - mean * mean
            known = known and (variance > 0.0 or not moving[k])
            spread = np.sqrt(variance) if moving[k] else 1.0
            column[MEAN, k], column[SPREAD, k], column[RATIO, k] = mean, spread, (mean + centre[k]) / spread
        for p in range(pairs.shape[0]):
            gaps[b, p] = 0.0 if known else np.nan
        if known:
            add_squares(first, second, starts[b], block, pairs, column, gaps[b])
            for p in range(pairs.shape[0]):
                i, j = pairs[p]
                own = np.sqrt(gaps[b, p]) / rows
                gap = abs(column[RATIO, i] - column[RATIO, j] - (centre[i] - centre[j]))
                gaps[b, p] = gap / own if own > 0.0 else np.inf


@part
def add_squares(first, second, starts, block, pairs, column, squares):
    """Add to `squares` `(P,)` those of the difference of each pair's influences, summed over each block."""
    for j in range(starts.shape[0]):
        row = starts[j]
        for k in range(column.shape[1]):
            mean, spread, ratio = column[MEAN, k], column[SPREAD, k], column[RATIO, k]
            total = first[row + block, k] - first[row, k]
            shifted = second[row + block, k] - second[row, k] - 2.0 * mean * total + block * mean * mean
            column[INFLUENCE, k] = (total - block * mean) / spread
            column[INFLUENCE, k] -= 0.5 * ratio * (shifted / (spread * spread) - block)
        for p in range(pairs.shape[0]):
            apart = column[INFLUENCE, pairs[p, 0]] - column[INFLUENCE, pairs[p, 1]]
            squares[p] += apart * apart


@kernel
def block_errors(excess: Floats, rows: Ints, restart: Bools, mean: Floats, error: Floats) -> None:
    """Write √n × the standard error of the column means of each resample, `(B, K)`, from the sums over its own blocks.

    `excess` `(T, K)`; `mean` `(B, K)` are the means of each resample; blocks begin at `restart`.
    """
    draws, n = rows.shape
    columns = excess.shape[1]
    total = np.empty(columns)
    for b in range(draws):
        for k in range(columns):
            total[k] = error[b, k] = 0.0
        for t in range(n):
            i = rows[b, t]
            for k in range(columns):
                total[k] += excess[i, k] - mean[b, k]
            if t + 1 == n or restart[b, t + 1]:
                for k in range(columns):
                    error[b, k] += total[k] * total[k]
                    total[k] = 0.0
        for k in range(columns):
            error[b, k] = np.sqrt(error[b, k] / n)
