"""The headline numbers of each resample, with a standard error from its own blocks."""

import numpy as np

from backtest.kernels._jit import kernel
from backtest.types import Bools, Floats, Ints

GROWTH, SHARPE, SORTINO = range(3)
DRAWDOWN, CALMAR = 3, 4


@kernel
def headline(
    r: Floats, log: Floats, rows: Ints, restart: Bools, compounding: float, value: Floats, error: Floats
) -> None:
    """Write `value` `(B, 5)` and `error` `(B, 3)` of resamples `rows` `(B, n)`, whose blocks begin at `restart`.

    `r` are returns less the risk-free rate a bar, `log` the logarithms of 1 + return, both `(n,)`; `compounding`
    is the bars in a year. Columns: mean log return; mean over sample deviation; mean over downside deviation; deepest
    drawdown ≤ 0; annual return over its size. NaN where undefined. An error is √Σ ζ² / n, ζ the summed influence of the
    bars of one block.
    """
    draws, n = rows.shape
    for b in range(draws):
        total, place, peak, deepest = 0.0, 0.0, 0.0, 0.0
        for t in range(n):
            i = rows[b, t]
            total += r[i]
            place += log[i]
            peak = max(peak, place)
            deepest = min(deepest, place - peak)
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
        fall = np.expm1(deepest)
        value[b, DRAWDOWN] = fall
        value[b, CALMAR] = np.expm1(growth * compounding) / -fall if fall < 0.0 else np.nan
