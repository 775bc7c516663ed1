"""The headline numbers of each resample, with a standard error from its own blocks."""

import numpy as np

from backtest.kernels._jit import kernel
from backtest.types import Bools, Floats, Ints

GROWTH, SHARPE, SORTINO = range(3)


@kernel
def headline(r: Floats, log: Floats, rows: Ints, restart: Bools, value: Floats, error: Floats) -> None:
    """Write `value` and `error`, both `(B, 3)`, of resamples `rows` `(B, n)`, whose blocks begin at `restart`.

    `r` are returns less the risk-free rate a bar, `log` the logarithms of 1 + return, both `(n,)`. Columns: mean log
    return; mean over sample deviation; mean over downside deviation. NaN where undefined. An error is √Σ ζ² / n, ζ the
    summed influence of the bars of one block.
    """
    draws, n = rows.shape
    for b in range(draws):
        total, place = 0.0, 0.0
        for t in range(n):
            i = rows[b, t]
            total += r[i]
            place += log[i]
        mean, growth = total / n, place / n
        square, below = 0.0, 0.0
        for t in range(n):
            i = rows[b, t]
            square += (r[i] - mean) ** 2
            low = min(r[i], 0.0)
            below += low * low
        variance = square / n
        deviation, downside = np.sqrt(square / (n - 1)), np.sqrt(below / n)
        sharpe = mean / deviation if deviation > 0.0 else np.nan
        sortino = mean / downside if downside > 0.0 else np.nan
        error[b, :] = 0.0
        length, grown, apart, squares, lows = 0.0, 0.0, 0.0, 0.0, 0.0
        for t in range(n):
            i = rows[b, t]
            low = min(r[i], 0.0)
            length += 1.0
            grown += log[i]
            apart += r[i] - mean
            squares += (r[i] - mean) ** 2
            lows += low * low
            if t + 1 == n or restart[b, t + 1]:
                error[b, GROWTH] += (grown - length * growth) ** 2 if growth > -np.inf else np.nan
                if deviation > 0.0:
                    over = squares / variance - length
                    error[b, SHARPE] += (apart / deviation - 0.5 * sharpe * over) ** 2
                if downside > 0.0:
                    under = lows / (downside * downside) - length
                    error[b, SORTINO] += (apart / downside - 0.5 * sortino * under) ** 2
                length, grown, apart, squares, lows = 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(3):
            error[b, k] = np.sqrt(error[b, k]) / n
        value[b, GROWTH], value[b, SHARPE], value[b, SORTINO] = growth, sharpe, sortino
