"""Every way to choose half of the blocks, and how the best of one half does in the other."""

import numpy as np

from backtest.kernels._jit import kernel, part
from backtest.types import Floats, Ints


@kernel
def cross_validate(
    count: Floats, total: Floats, square: Floats, halves: Ints, best: Ints, inside: Floats, rank: Floats
) -> None:
    """Choose the best strategy in each half and judge it in the other.

    `count`, `total`, `square` `(S, N)` are observations, sums and sums of squares of each block and strategy; `halves`
    `(C, S/2)` are the blocks of each half. Written, each `(2C, …)`, first the halves then their complements: `best` the
    strategy, -1 where none is defined; `inside` `(2C, 2)` its Sharpe ratios inside and outside (ddof = 1); `rank` of it
    outside over N + 1, ties in the middle, where what is not defined counts as below.
    """
    blocks, n = count.shape
    pairs = halves.shape[0]
    c, s, q = np.zeros(n), np.zeros(n), np.zeros(n)
    for b in range(blocks):
        for k in range(n):
            c[k] += count[b, k]
            s[k] += total[b, k]
            q[k] += square[b, k]
    mine, theirs = np.empty(n), np.empty(n)
    cc, ss, qq = np.zeros(n), np.zeros(n), np.zeros(n)
    now = np.zeros(blocks, np.bool_)
    for h in range(pairs):
        wanted = np.zeros(blocks, np.bool_)
        for j in range(halves.shape[1]):
            wanted[halves[h, j]] = True
        if h % 512 == 0:  # start anew, so that rounding does not pile up
            cc[:] = 0.0
            ss[:] = 0.0
            qq[:] = 0.0
            now[:] = False
        for b in range(blocks):
            if wanted[b] != now[b]:
                sign = 1.0 if wanted[b] else -1.0
                for k in range(n):
                    cc[k] += sign * count[b, k]
                    ss[k] += sign * total[b, k]
                    qq[k] += sign * square[b, k]
                now[b] = wanted[b]
        for k in range(n):
            mine[k] = _ratio(cc[k], ss[k], qq[k])
            theirs[k] = _ratio(c[k] - cc[k], s[k] - ss[k], q[k] - qq[k])
        best[h], rank[h] = _judged(mine, theirs, inside[h])
        best[pairs + h], rank[pairs + h] = _judged(theirs, mine, inside[pairs + h])


@part
def _ratio(count, total, square):
    """Return the signed square of a Sharpe ratio over ddof = 1, which orders as it does; -inf where undefined."""
    if count < 2.0:
        return -np.inf
    mean = total / count
    variance = (square - total * mean) / (count - 1.0)
    if not variance > 1e-13 * square / count:
        return -np.inf
    return mean * abs(mean) / variance


@part
def _judged(inside, outside, value):
    """Return the best strategy inside and its rank outside; write its two Sharpe ratios."""
    n = inside.shape[0]
    best = 0
    for k in range(1, n):
        if inside[k] > inside[best]:
            best = k
    mark = outside[best]
    value[0] = value[1] = np.nan
    if inside[best] == -np.inf or mark == -np.inf:
        return -1, np.nan
    value[0] = np.sqrt(abs(inside[best])) * np.sign(inside[best])
    value[1] = np.sqrt(abs(mark)) * np.sign(mark)
    below, equal = 0, 0
    for k in range(n):
        if outside[k] < mark:
            below += 1
        elif outside[k] == mark:
            equal += 1
    return best, (below + 0.5 * (equal + 1)) / (n + 1.0)
