"""Hierarchical clustering: which two clusters merge next, from the distances between assets.

scipy does the same; importing its `cluster` takes 0.3 to 0.6 s, more than all the trees of ten years. The trees are
equal to scipy's to the last bit, ties included (tests/kernels/test_tree.py).
"""

from enum import IntEnum

import numpy as np

from backtest.kernels._jit import kernel, part
from backtest.types import Floats, Ints


class Linkage(IntEnum):
    """How far a cluster is from one that was merged of two."""

    SINGLE = 0
    COMPLETE = 1
    AVERAGE = 2
    WEIGHTED = 3
    WARD = 4


@part
def merged_distance(kind, first, second, apart, n, m, other):
    """Return how far the merger of two clusters of `n` and `m` assets, `apart`, is from a cluster of `other` assets.

    Lance and Williams (1967).
    """
    if kind == Linkage.COMPLETE:
        return max(first, second)
    if kind == Linkage.AVERAGE:
        return (n * first + m * second) / (n + m)
    if kind == Linkage.WEIGHTED:
        return 0.5 * (first + second)
    t = 1.0 / (n + m + other)
    return np.sqrt((other + n) * t * first * first + (other + m) * t * second * second - other * t * apart * apart)


@part
def join_nearest(d, tree, near, parent):
    """Single linkage: walk from asset to the nearest that was not met yet (Prim 1957); each step is a merge."""
    n = d.shape[0]
    for i in range(n):
        near[i] = np.inf
        parent[i] = 0  # 1 once it was met
    here = 0
    for k in range(n - 1):
        parent[here] = 1
        shortest, there = np.inf, 0
        for i in range(n):
            if parent[i] == 0:
                near[i] = min(near[i], d[here, i])
                if near[i] < shortest:
                    shortest, there = near[i], i
        tree[k, 0], tree[k, 1], tree[k, 2] = here, there, shortest
        here = there


@part
def follow_chains(kind, d, tree, chain, size):
    """Other linkages: go from a cluster to its nearest until two are each other's nearest, and merge these.

    Murtagh (1983). A merger never brings clusters nearer, so that the chain up to it stays valid.
    """
    n = d.shape[0]
    for i in range(n):
        size[i] = 1
    length = 0
    for k in range(n - 1):
        if length == 0:
            length = 1
            chain[0] = 0
            while size[chain[0]] == 0:
                chain[0] += 1
        while True:
            here = chain[length - 1]
            there, shortest = 0, np.inf
            if length > 1:  # of several as near, the one it came from: else the chain could run in a circle
                there = chain[length - 2]
                shortest = d[here, there]
            for i in range(n):
                if size[i] > 0 and i != here and d[here, i] < shortest:
                    there, shortest = i, d[here, i]
            if length > 1 and there == chain[length - 2]:
                break
            chain[length] = there
            length += 1
        length -= 2
        x, y = min(here, there), max(here, there)
        tree[k, 0], tree[k, 1], tree[k, 2] = x, y, shortest
        for i in range(n):
            if size[i] > 0 and i != x and i != y:
                new = merged_distance(kind, d[i, x], d[i, y], shortest, size[x], size[y], size[i])
                d[i, y] = new
                d[y, i] = new
        size[y] += size[x]
        size[x] = 0


@part
def sort_merges(tree):
    """Put the merges in the order of their distances; of equal ones the first found stays first."""
    for k in range(1, tree.shape[0]):
        first, second, apart = tree[k, 0], tree[k, 1], tree[k, 2]
        at = k
        while at > 0 and tree[at - 1, 2] > apart:
            tree[at, 0], tree[at, 1], tree[at, 2] = tree[at - 1, 0], tree[at - 1, 1], tree[at - 1, 2]
            at -= 1
        tree[at, 0], tree[at, 1], tree[at, 2] = first, second, apart


@part
def name_clusters(tree, parent, size):
    """Write the clusters that merge in place of an asset of each: assets first, then mergers by their order."""
    n = tree.shape[0] + 1
    for i in range(2 * n - 1):
        parent[i] = i
        size[i] = 1
    for k in range(n - 1):
        first, second = root(parent, np.int64(tree[k, 0])), root(parent, np.int64(tree[k, 1]))
        parent[first] = parent[second] = n + k
        size[n + k] = size[first] + size[second]
        tree[k, 0], tree[k, 1], tree[k, 3] = min(first, second), max(first, second), size[n + k]


@part
def root(parent, node):
    """Return the cluster that holds `node` now, and shorten the way to it."""
    top = node
    while parent[top] != top:
        top = parent[top]
    while parent[node] != top:
        parent[node], node = top, parent[node]
    return top


@kernel
def link(kind: int, d: Floats, tree: Floats, near: Floats, work: Ints) -> None:
    """Write the merges of K ≥ 2 assets into `tree` `(K − 1, 4)`: two clusters, their distance, the assets of both.

    `kind` is a `Linkage`; `d` `(K, K)` are distances, of which those above the diagonal count, and which is
    overwritten; `near` `(K,)` and `work` `(2, 2K − 1)` are room to work in. Clusters below K are assets, cluster K + k
    is what merge k made.
    """
    for i in range(d.shape[0]):
        for j in range(i):
            d[i, j] = d[j, i]
    if kind == Linkage.SINGLE:
        join_nearest(d, tree, near, work[0])
    else:
        follow_chains(kind, d, tree, work[0], work[1])
    sort_merges(tree)
    name_clusters(tree, work[0], work[1])
