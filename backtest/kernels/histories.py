"""Other histories made of the blocks of one: how far they come, and how deep they fall on the way."""

from backtest.kernels._jit import kernel, part
from backtest.types import Floats, Ints

TOTAL, HIGH, LOW, FALL = range(4)
"""What is known of a stretch of rows: its sum, the highest and the lowest sum up to a row of it, its deepest fall."""


@kernel
def histories(log: Floats, start: Ints, length: Ints, tree: Floats, place: Floats, fall: Floats) -> None:
    """Write where each history of n bars ends, and its deepest fall ≤ 0 from the start or a peak, both `(B,)`.

    `log` `(n,)` are logarithms of growth. Blocks `(B, K)` begin at row `start`, the last row followed by the first, and
    have `length` rows; the K-th goes on, and the one that reaches n bars ends there. `tree` `(2 m, 4)`, m the power of
    two from n on, is room for what is known of stretches of 1, 2, 4 … rows: a history costs its blocks, not its bars.
    """
    n, size = log.shape[0], tree.shape[0] // 2
    _grow(log, tree)
    draws, blocks = start.shape
    for b in range(draws):
        here, peak, deepest, done = 0.0, 0.0, 0.0, 0
        for j in range(blocks):
            row = start[b, j]
            left = n - done if j + 1 == blocks else min(length[b, j], n - done)
            done += left
            while left > 0:
                node, rows = size + row, 1
                while node % 2 == 0 and 2 * rows <= left and row + 2 * rows <= n:
                    node, rows = node // 2, 2 * rows
                deepest = min(deepest, tree[node, FALL], here + tree[node, LOW] - peak)
                peak = max(peak, here + tree[node, HIGH])
                here += tree[node, TOTAL]
                left -= rows
                row = row + rows if row + rows < n else 0
        place[b], fall[b] = here, deepest


@part
def _grow(log, tree):
    """Fill the leaves, which begin at m, and every node from its two halves; rows after the n-th do not move."""
    size = tree.shape[0] // 2
    for t in range(size):
        step = log[t] if t < log.shape[0] else 0.0
        tree[size + t, TOTAL] = tree[size + t, HIGH] = tree[size + t, LOW] = step
        tree[size + t, FALL] = 0.0
    for node in range(size - 1, 0, -1):
        a, b = 2 * node, 2 * node + 1
        total = tree[a, TOTAL]
        tree[node, FALL] = min(tree[a, FALL], tree[b, FALL], total + tree[b, LOW] - tree[a, HIGH])
        tree[node, HIGH] = max(tree[a, HIGH], total + tree[b, HIGH])
        tree[node, LOW] = min(tree[a, LOW], total + tree[b, LOW])
        tree[node, TOTAL] = total + tree[b, TOTAL]
