"""Recursive bisection: halves of a list of assets share in inverse proportion to their variance."""

import numpy as np

from backtest.kernels._jit import kernel, part
from backtest.types import Floats, Ints


@kernel
def bisect(S: Floats, order: Ints, w: Floats) -> None:
    """Set `w` `(K,)` to the weights of hierarchical risk parity; `S` `(K, K)` and `order` `(K,)` are read-only.

    The list `order` is cut in two halves, the first the shorter one when it is odd, and so is each half. A half gets
    the other's share of the variance of both, where the assets of a half are weighted by their inverse variance.
    """
    n = order.shape[0]
    starts, stops = np.empty(n, np.int64), np.empty(n, np.int64)
    starts[0], stops[0] = 0, n
    left = 1
    for i in range(n):
        w[i] = 1.0
    while left > 0:
        left -= 1
        start, stop = starts[left], stops[left]
        if stop - start < 2:
            continue
        middle = start + (stop - start) // 2
        first, second = _variance(S, order, start, middle), _variance(S, order, middle, stop)
        total = first + second
        share = 1.0 - first / total if total > 0.0 else 0.5
        for k in range(start, stop):
            w[order[k]] *= share if k < middle else 1.0 - share
        starts[left], stops[left] = start, middle
        starts[left + 1], stops[left + 1] = middle, stop
        left += 2


@part
def _variance(S, order, start, stop):
    """Return the variance of some assets, weighted by their inverse variance."""
    total, variance = 0.0, 0.0
    for k in range(start, stop):
        i = order[k]
        a = 1.0 / S[i, i]
        total += a
        variance += a  # a² S[i, i]
        covered = 0.0
        for m in range(start, k):
            j = order[m]
            covered += S[i, j] / S[j, j]
        variance += 2.0 * a * covered
    return variance / (total * total)
