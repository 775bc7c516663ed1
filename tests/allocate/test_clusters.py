"""Distances, trees and cuts against definitions and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, leaves_list
from scipy.spatial.distance import pdist, squareform

from backtest.allocate.clusters import (
    Clusters,
    Tree,
    best_cut,
    correlations,
    distances,
    labels,
    leaves,
    merges,
    silhouette,
)
from backtest.allocate.estimated import WithCovariance
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError
from backtest.types import Floats

from .optimising import draws, names, problem

BLOCKS = np.array([0, 0, 0, 1, 1, 2, 2, 2])


def blocks(inside: float = 0.8, between: float = 0.1) -> Floats:
    """Return a correlation of three blocks."""
    same: Floats = np.where(BLOCKS[:, None] == BLOCKS[None, :], inside, between)
    np.fill_diagonal(same, 1.0)
    return same


def sampled(returns: Floats) -> Sample:
    return Sample(names(returns.shape[1]), np.arange(returns.shape[1]), returns, np.cov(returns.T))


def test_correlations_are_those_of_numpy_and_stay_within_one() -> None:
    returns = draws(0, 8, 100)
    found = correlations(np.cov(returns.T))
    np.testing.assert_allclose(found, np.corrcoef(returns.T), atol=1e-14)
    assert (found.diagonal() == 1.0).all()
    twice = correlations(np.array([[0.04, 0.06], [0.06, 0.09]]) * (1.0 + 1e-16))
    assert twice.max() <= 1.0


def test_distances_of_published_form() -> None:
    correlation = blocks()
    near = distances(correlation.copy(), "correlation")
    np.testing.assert_allclose(near, np.sqrt((1.0 - correlation) / 2.0), atol=1e-15)
    columns = distances(correlation.copy(), "columns")
    np.testing.assert_allclose(columns, squareform(pdist(near.T)), atol=1e-7)
    absolute = distances(-correlation, "correlation", "absolute")
    np.testing.assert_allclose(absolute, np.sqrt(1.0 - np.abs(correlation)), atol=1e-15)


@pytest.mark.parametrize("kind", ["correlation", "columns"])
def test_two_identical_assets_are_no_distance_apart(kind: str) -> None:
    covariance = np.array([[0.04, 0.04, 0.01], [0.04, 0.04, 0.01], [0.01, 0.01, 0.09]])
    found = distances(correlations(covariance), kind)  # type: ignore[arg-type]
    assert found[0, 1] == pytest.approx(0.0, abs=1e-7)
    assert np.isfinite(found).all()


def test_a_distance_that_is_no_number_makes_no_tree() -> None:
    near = distances(blocks(), "correlation")
    near[1, 0] = near[0, 1] = np.nan
    with pytest.raises(AllocationError, match="a distance between two assets is not a number"):
        merges(near, "single")


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12])
def test_labels_are_those_of_scipy(count: int) -> None:
    near = distances(correlations(problem(3, 12)[0]), "correlation")
    tree = merges(near, "ward")
    theirs = fcluster(tree, count, "maxclust")
    ours = labels(tree, count)
    np.testing.assert_array_equal(ours[:, None] == ours[None, :], theirs[:, None] == theirs[None, :])
    _, first = np.unique(ours, return_index=True)
    assert (np.diff(first) > 0).all(), "clusters are numbered by their first asset"


def test_leaves_put_blocks_side_by_side() -> None:
    shuffled = np.random.default_rng(1).permutation(8)
    near = distances(blocks()[np.ix_(shuffled, shuffled)], "columns")
    for optimal in (False, True):
        order = leaves(merges(near, "single"), near, optimal)
        assert sorted(order) == list(range(8))
        assert (np.diff(BLOCKS[shuffled][order]) != 0).sum() == 2


def test_silhouette_by_hand() -> None:
    """Points 0, 1, 5, 7 in clusters {0, 1}, {5, 7}: b − a over b, with b 6, 5, 4.5, 6.5 and a 1, 1, 2, 2."""
    points = np.array([0.0, 1.0, 5.0, 7.0])
    near = np.abs(points[:, None] - points[None, :])
    expected = np.mean([5.0 / 6.0, 4.0 / 5.0, 2.5 / 4.5, 4.5 / 6.5])
    assert silhouette(near, np.array([0, 0, 1, 1])) == pytest.approx(expected, rel=1e-14)
    assert silhouette(near, np.array([0, 1, 2, 2])) < expected, "assets that are alone count 0"
    assert silhouette(np.zeros((4, 4)), np.array([0, 0, 1, 1])) == 0.0


def test_the_best_cut_finds_blocks() -> None:
    near = distances(blocks(), "correlation")
    np.testing.assert_array_equal(best_cut(near, merges(near, "ward"), 10), BLOCKS)
    np.testing.assert_array_equal(best_cut(near, merges(near, "ward"), 2), labels(merges(near, "ward"), 2))
    small = near[:2, :2]
    np.testing.assert_array_equal(best_cut(small, merges(small, "ward"), 10), [0, 1])


def test_a_given_number_of_clusters_is_kept_up_to_the_number_of_assets() -> None:
    class Cutting(Clusters, WithCovariance):
        def weigh_sample(self, sample: object, region: object) -> None:  # type: ignore[override]
            raise NotImplementedError

    near = distances(blocks(), "correlation")
    tree = merges(near, "ward")
    assert Cutting(clusters=5).cut(near, tree).max() == 4
    assert Cutting(clusters=50).cut(near, tree).max() == 7
    np.testing.assert_array_equal(Cutting().cut(near, tree), BLOCKS)


def test_spearman_is_the_correlation_of_ranks() -> None:
    returns = draws(5, 6, 80)
    bent = np.exp(80.0 * returns)  # increasing, so that ranks stay
    plain = Tree(codependence="spearman", distance="correlation")
    same = plain.separation(sampled(bent), np.cov(bent.T))
    np.testing.assert_array_equal(same, plain.separation(sampled(returns), np.cov(returns.T)))
    ranks = np.argsort(np.argsort(returns, axis=0), axis=0)
    np.testing.assert_allclose(same, np.sqrt((1.0 - np.corrcoef(ranks.T)) / 2.0), atol=1e-7)


@pytest.mark.parametrize("linkage", ["single", "complete", "average", "weighted", "ward"])
def test_leaves_are_in_scipys_order(linkage: str) -> None:
    near = distances(correlations(problem(7, 40)[0]), "columns")
    tree = merges(near, linkage)  # type: ignore[arg-type]
    np.testing.assert_array_equal(leaves(tree, near, False), leaves_list(tree))
