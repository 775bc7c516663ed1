"""The headline numbers of each resample, with a standard error from its own blocks."""

import numpy as np

from backtest.kernels._jit import kernel, part
from backtest.types import Bools, Floats, Ints

GROWTH, DEVIATION, SHARPE, SORTINO, SHORTFALL = range(5)
DRAWDOWN, CALMAR = 5, 6


@kernel
def headline(
    r: Floats, log: Floats, rank: Ints, rows: Ints, restart: Bools, tail: Floats, value: Floats, error: Floats
) -> None:
    """Write `value` `(B, 7)` and `error` `(B, 5)` of resamples `rows` `(B, n)`, whose blocks begin at `restart`.

    `r` are returns less the risk-free rate a bar, `log` the logarithms of 1 + return, both `(n,)`; `rank` is the place
    of each return in ascending order. `tail` holds the share of the tail, the periods in a year, and what to add to `r`
    to have the return again. Columns: mean log return; log of the sample deviation; mean over sample deviation; mean
    over downside deviation; mean return at or below the tail's linear quantile; deepest drawdown ≤ 0; annual return
    over its size. NaN where undefined. An error is √Σ ζ² / n, ζ the summed influence of the bars of one block.
    """
    draws, n = rows.shape
    share, per_year, cash = tail[0], tail[1], tail[2]
    ascending, seen = np.empty(n), np.empty(n, np.int64)
    moments, inside = np.empty(6), np.empty(6)
    for t in range(n):
        ascending[rank[t]] = r[t]
    for b in range(draws):
        seen[:] = 0
        moments[:] = 0.0
        place, peak, deepest = 0.0, 0.0, 0.0
        for t in range(n):
            i = rows[b, t]
            seen[rank[i]] += 1
            moments[0] += r[i]
            place += log[i]
            peak = max(peak, place)
            deepest = min(deepest, place - peak)
        moments[1] = place
        mean, growth = moments[0] / n, moments[1] / n
        for t in range(n):
            i = rows[b, t]
            moments[2] += (r[i] - mean) ** 2
            low = min(r[i], 0.0)
            moments[3] += low * low
        variance = moments[2] / n
        deviation, downside = np.sqrt(moments[2] / (n - 1)), np.sqrt(moments[3] / n)
        edge, shortfall = _tail(ascending, seen, n, share)
        sharpe = mean / deviation if deviation > 0.0 else np.nan
        sortino = mean / downside if downside > 0.0 else np.nan
        for k in range(5):
            error[b, k] = 0.0
        inside[:] = 0.0
        for t in range(n):
            i = rows[b, t]
            apart, low = r[i] - mean, min(r[i], 0.0)
            inside[0] += 1.0
            inside[1] += log[i]
            inside[2] += apart
            inside[3] += apart * apart
            inside[4] += low * low
            inside[5] += min(r[i] - edge, 0.0)
            if t + 1 == n or restart[b, t + 1]:
                length = inside[0]
                error[b, GROWTH] += (inside[1] - length * growth) ** 2 if growth > -np.inf else np.nan
                if deviation > 0.0:
                    over = inside[3] / variance - length
                    error[b, DEVIATION] += (0.5 * over) ** 2
                    error[b, SHARPE] += (inside[2] / deviation - 0.5 * sharpe * over) ** 2
                if downside > 0.0:
                    below = inside[4] / (downside * downside) - length
                    error[b, SORTINO] += (inside[2] / downside - 0.5 * sortino * below) ** 2
                error[b, SHORTFALL] += (inside[5] / share + length * (edge - shortfall)) ** 2
                inside[:] = 0.0
        for k in range(5):
            error[b, k] = np.sqrt(error[b, k]) / n
        value[b, GROWTH] = growth
        value[b, DEVIATION] = np.log(deviation) if deviation > 0.0 else np.nan
        value[b, SHARPE], value[b, SORTINO], value[b, SHORTFALL] = sharpe, sortino, shortfall + cash
        fall = np.expm1(deepest)
        value[b, DRAWDOWN] = fall
        value[b, CALMAR] = np.expm1(growth * per_year) / -fall if fall < 0.0 else np.nan


@part
def _tail(ascending, seen, n, share):
    """Return the linear `share` quantile of a resample (type 7), and the mean of what is at or below it."""
    place = share * (n - 1)
    whole = int(np.floor(place))
    low, high, before = np.nan, np.nan, 0
    for k in range(n):
        if seen[k] == 0:
            continue
        if before <= whole < before + seen[k]:
            low = ascending[k]
        if before <= whole + 1 < before + seen[k]:
            high = ascending[k]
            break
        before += seen[k]
    edge = low + (place - whole) * (high - low) if place > whole else low
    total, count = 0.0, 0
    for k in range(n):
        if ascending[k] > edge:
            break
        total += seen[k] * ascending[k]
        count += seen[k]
    return edge, total / count if count > 0 else np.nan
