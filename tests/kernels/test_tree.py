"""The trees of `kernels.tree` are those of scipy, bit for bit."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage as scipys
from scipy.spatial.distance import squareform

from backtest.allocate.clusters import merges
from backtest.types import Floats

KINDS = ["single", "complete", "average", "weighted", "ward"]


def _distances(k: int, seed: int, levels: int | None = None) -> Floats:
    """Distances between random points; with `levels` only so many different ones, so that most are tied."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(k, 3))
    d = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    d = (d + d.T) / 2.0
    if levels is not None:
        d = np.ceil(d * levels / d.max()) / levels
    np.fill_diagonal(d, 0.0)
    return d


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [2, 3, 4, 7, 20, 61])
def test_trees_are_scipys(kind: str, k: int) -> None:
    for seed in range(12):
        d = _distances(k, seed)
        np.testing.assert_array_equal(merges(d, kind), scipys(squareform(d), kind))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_trees_are_scipys_where_distances_are_tied(kind: str) -> None:
    for seed in range(40):
        d = _distances(int(np.random.default_rng(seed).integers(3, 15)), seed, levels=3)
        np.testing.assert_array_equal(merges(d, kind), scipys(squareform(d), kind))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_assets_without_distance_merge_first(kind: str) -> None:
    d = np.ones((4, 4))
    d[1, 3] = d[3, 1] = 0.0
    np.fill_diagonal(d, 0.0)
    assert merges(d, kind)[0].tolist() == [1.0, 3.0, 0.0, 2.0]  # type: ignore[arg-type]


def test_distances_are_left_as_they_were() -> None:
    d = _distances(9, 0)
    before = d.copy()
    merges(d, "ward")
    np.testing.assert_array_equal(d, before)
