"""Which assets belong together: distances from correlations, a tree, its order of leaves, a number of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from backtest.errors import AllocationError
from backtest.parameters import Parameters
from backtest.types import Floats, Ints

if TYPE_CHECKING:
    from backtest.allocate.sample import Sample

NO_STRUCTURE = 1e-9
"""A mean silhouette that is not above this is rounding."""

Linkage = Literal["single", "complete", "average", "weighted", "ward"]
Distance = Literal["correlation", "columns"]
Codependence = Literal["pearson", "absolute", "spearman"]


class Tree(Parameters):
    """Mixin of methods that begin with a tree of assets; libraries differ in each of these choices."""

    linkage: Linkage = "single"
    """How far apart two clusters are: their nearest, farthest or average members, or what merging them adds (ward)."""

    distance: Distance = "columns"
    """`correlation` is d = √((1 − ρ) / 2); `columns` is the Euclidean distance between columns of d."""

    codependence: Codependence = "pearson"
    """ρ from the chosen covariance; its size |ρ|, with d = √(1 − |ρ|); or of ranks (spearman), from the returns."""

    @property
    def ranks(self) -> bool:
        """Whether the tree is built from the returns themselves, even when a covariance was given."""
        return self.codependence == "spearman"

    def separation(self, sample: Sample, covariance: Floats) -> Floats:
        """Return the distances between assets `(K, K)` that the tree is built from."""
        return distances(codependence(sample, covariance, self.codependence), self.distance, self.codependence)

    def merges(self, separation: Floats) -> Floats:
        """Return the tree `(K − 1, 4)` in scipy's form: the two clusters of each merge, their distance, the size."""
        return merges(separation, self.linkage)


class Clusters(Tree):
    """Mixin of methods that cut the tree into clusters."""

    linkage: Linkage = "ward"
    """How far apart two clusters are: their nearest, farthest or average members, or what merging them adds (ward)."""

    distance: Distance = "correlation"
    """`correlation` is d = √((1 − ρ) / 2); `columns` is the Euclidean distance between columns of d."""

    clusters: int | None = Field(default=None, ge=1)
    """Number of clusters; null is the one with the best mean silhouette among 2 to `max_clusters`."""

    max_clusters: int = Field(default=10, ge=2)
    """Most clusters that are tried when none is given; never more than assets less one."""

    def cut(self, separation: Floats, tree: Floats) -> Ints:
        """Return the cluster of each asset `(K,)`, numbered from 0."""
        k = len(separation)
        if self.clusters is not None:
            return labels(tree, min(self.clusters, k))
        return best_cut(separation, tree, self.max_clusters)


def correlations(covariance: Floats) -> Floats:
    """Return ρ `(K, K)` in [−1, 1] with exact ones on the diagonal."""
    volatility = np.sqrt(covariance.diagonal())
    correlation = covariance / volatility
    correlation /= volatility[:, None]
    np.clip(correlation, -1.0, 1.0, out=correlation)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def codependence(sample: Sample, covariance: Floats, kind: Codependence) -> Floats:
    """Return the chosen measure of moving together, `(K, K)`, 1 on the diagonal."""
    if kind == "spearman":
        from scipy.stats import rankdata

        ranks: Floats = rankdata(sample.scenarios(), axis=0)
        ranks -= ranks.mean(axis=0)
        return correlations(ranks.T @ ranks)
    return correlations(covariance)


def distances(correlation: Floats, kind: Distance, measure: Codependence = "pearson") -> Floats:
    """Return distances `(K, K)` from correlations. Source: López de Prado (2016), stage 1.

    Distances between columns come from one matrix product, to about 1e-7 where two columns are the same.
    """
    apart = 1.0 - np.abs(correlation) if measure == "absolute" else (1.0 - correlation) / 2.0
    near = np.sqrt(apart, out=apart)
    if kind == "correlation":
        return near
    products = near.T @ near
    squares = products.diagonal().copy()
    products *= -2.0
    products += squares
    products += squares[:, None]
    np.maximum(products, 0.0, out=products)
    np.fill_diagonal(products, 0.0)
    columns: Floats = np.sqrt(products, out=products)
    return columns


def merges(separation: Floats, linkage: Linkage) -> Floats:
    """Return the tree `(K − 1, 4)`, of at least two assets."""
    from backtest.kernels.tree import Linkage as Kind
    from backtest.kernels.tree import link

    if not np.isfinite(separation).all():
        raise AllocationError("a distance between two assets is not a number: a covariance is not, or has no variance")
    k = len(separation)
    tree, d = np.empty((k - 1, 4)), np.array(separation, order="C")
    link(Kind[linkage.upper()].value, d, tree, np.empty(k), np.empty((2, 2 * k - 1), np.int64))
    return tree


def leaves(tree: Floats, separation: Floats, optimal: bool) -> Ints:
    """Return the assets in the order of the tree, so that what merged early is side by side.

    The order of López de Prado's quasi-diagonalisation is that of the tree as it is; `optimal` turns branches so that
    neighbours are as near as can be (Bar-Joseph, Gifford and Jaakkola 2001), which is slow for hundreds of assets.
    """
    if optimal:
        from scipy.cluster.hierarchy import optimal_leaf_ordering

        above = np.triu(np.ones(separation.shape, np.bool_), 1)
        tree = optimal_leaf_ordering(tree, separation[above])
    k = len(tree) + 1
    pairs = tree[:, :2].astype(np.int64).tolist()
    order, stack = [], [2 * k - 2]
    while stack:
        node = stack.pop()
        if node < k:
            order.append(node)
        else:
            left, right = pairs[node - k]
            stack += (right, left)
    return np.array(order, np.int64)


def labels(tree: Floats, count: int) -> Ints:
    """Return the cluster of each asset when the last merges are undone until there are `count` clusters.

    Clusters are numbered from 0 by their first asset, so that the numbers do not depend on the tree's.
    """
    k = len(tree) + 1
    parent = list(range(2 * k - 1))
    for step, (left, right) in enumerate(tree[: k - count, :2].astype(np.int64).tolist()):
        parent[left] = parent[right] = k + step
    for node in range(2 * k - 2, -1, -1):
        parent[node] = parent[parent[node]]
    _, first, inverse = np.unique(np.array(parent[:k]), return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbered: Ints = rank[inverse]
    return numbered


def best_cut(separation: Floats, tree: Floats, most: int) -> Ints:
    """Return the clusters with the largest mean silhouette, of 2 to `most`; the fewest when several are as good.

    When no cut has one above 0, the assets have no structure, and are one cluster. Up to two assets are clusters of
    their own. Source: Rousseeuw (1987), "Silhouettes".
    """
    k = len(separation)
    if k <= 2:
        return np.arange(k)
    best, found = NO_STRUCTURE, labels(tree, 1)
    for count in range(2, min(most, k - 1) + 1):
        numbered = labels(tree, count)
        quality = silhouette(separation, numbered)
        if quality > best + 1e-12:
            best, found = quality, numbered
    return found


def silhouette(separation: Floats, numbered: Ints) -> float:
    """Return the mean over assets of (b − a) / max(a, b), with a the mean distance to the rest of the own cluster.

    b is the mean distance to the nearest other cluster. An asset that is alone in its cluster counts 0.
    """
    k, count = len(separation), int(numbered.max()) + 1
    member = np.zeros((k, count))
    member[np.arange(k), numbered] = 1.0
    sizes = member.sum(axis=0)
    total = separation @ member
    rows = np.arange(k)
    own = total[rows, numbered] / np.maximum(sizes[numbered] - 1.0, 1.0)
    mean = total / sizes
    mean[rows, numbered] = np.inf
    other = mean.min(axis=1)
    larger = np.maximum(own, other)
    score = np.divide(other - own, larger, out=np.zeros(k), where=larger > 0.0)
    score[sizes[numbered] == 1.0] = 0.0
    return float(score.mean())
