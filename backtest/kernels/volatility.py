"""Volatility that follows from the bar before (GARCH), and how widely series made by it spread."""

import numpy as np

from backtest.kernels._jit import allocating, kernel, part
from backtest.types import Floats, Ints

PARTS = 6
"""Stretches of a series whose means make a standard error, with one degree of freedom fewer."""
VOLATILITY, SHORTFALL = range(2)


@kernel
def garch_fit(square: Floats, arch: Floats, decay: Floats, loss: Floats) -> None:
    """Write the loss Σ (ln h + x²/h) of each pair of parameters, `(A, D)`; infinite where they are not allowed.

    `square` `(n,)` are squared returns over their mean. h follows `_next` from 1, with persistence 1 − `decay`.
    """
    for i in range(arch.shape[0]):
        for j in range(decay.shape[0]):
            if arch[i] > 1.0 - decay[j]:
                loss[i, j] = np.inf
                continue
            h, total = 1.0, 0.0
            for t in range(square.shape[0]):
                total += np.log(h) + square[t] / h
                h = _next(h, square[t], arch[i], decay[j])
            loss[i, j] = total


@kernel
def garch_variances(square: Floats, arch: float, decay: float, h: Floats) -> None:
    """Write the variance that each bar was expected to have, `(n,)`, in units of the mean square."""
    h[0] = 1.0
    for t in range(1, square.shape[0]):
        h[t] = _next(h[t - 1], square[t - 1], arch, decay)


@kernel
def spreads_of_paths(
    z: Floats, h: Floats, rows: Ints, arch: Floats, decay: Floats, scale: Floats, value: Floats, error: Floats
) -> float:
    """Write what `spread_of` says of paths made of residuals `z` `(n,)` in the order of `rows` `(B, n)`.

    A path begins at the expected variance `h` of its first row and goes on with its own `arch` and `decay`, `(B,)`.
    `scale` holds the deviation of all paths, the share of the tail and its edge. Returns the shortfall of the paths
    taken together, edge + E min(x − edge, 0) / share, which is the true one to second order in the edge: Rockafellar
    and Uryasev (2000).
    """
    draws, n = rows.shape
    deviation, share, edge = scale[0], scale[1], scale[2]
    path = np.empty(n)
    beyond = 0.0
    for b in range(draws):
        variance = h[rows[b, 0]]
        for t in range(n):
            i = rows[b, t]
            path[t] = deviation * np.sqrt(variance) * z[i]
            beyond += min(path[t] - edge, 0.0)
            variance = _next(variance, variance * (z[i] * z[i]), arch[b], decay[b])
        _spread(path, share, value[b], error[b])
    return float(edge + beyond / (draws * n) / share)


@kernel
def spread_of(x: Floats, share: float, value: Floats, error: Floats) -> None:
    """Write ln of the sample deviation and the mean at or below the `share` quantile of `x` `(n,)`, and their errors.

    An error is √(Σ (sₖ − s̄)² / (K − 1)) √K / n, s the sums of the influence of the bars of each of K = `PARTS` parts in
    the order of time; `stats.inference.influences` has the formulas. NaN where there is no variance.
    """
    _spread(x, share, value, error)


@part
def _next(h, square, arch, decay):
    """Return the variance expected of the next bar: GARCH(1, 1) about a mean of 1."""
    return decay + arch * square + (1.0 - decay - arch) * h


@allocating
def _spread(x, share, value, error):
    n = x.shape[0]
    mean = x.mean()
    variance = ((x - mean) ** 2).mean()
    if not variance > 0.0:
        value[:] = np.nan
        error[:] = np.nan
        return
    edge = _quantile(x, share)
    total, count = 0.0, 0
    for t in range(n):
        if x[t] <= edge:
            total += x[t]
            count += 1
    shortfall = total / count
    value[0], value[1] = 0.5 * np.log(variance * n / (n - 1)), shortfall
    sums = np.zeros((2, PARTS))
    for k in range(PARTS):
        for t in range(k * n // PARTS, (k + 1) * n // PARTS):
            sums[0, k] += 0.5 * ((x[t] - mean) ** 2 / variance - 1.0)
            sums[1, k] += min(x[t] - edge, 0.0) / share + edge - shortfall
    for j in range(2):
        middle = sums[j].mean()
        error[j] = np.sqrt(((sums[j] - middle) ** 2).sum() / (PARTS - 1) * PARTS) / n


@allocating
def _quantile(x, share):
    """Return the linear quantile (type 7)."""
    place = share * (x.shape[0] - 1)
    low = int(place)
    found = np.partition(x, low + 1)
    below = found[: low + 1].max()
    return below + (place - low) * (found[low + 1] - below)
