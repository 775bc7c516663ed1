from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

from backtest.stats import (
    cluster_order,
    correlation_matrix,
    mean_correlation,
    rolling_mean_correlation,
    stressed_rows,
)


def test_whole_and_with_gaps_as_pandas_has_it() -> None:
    rng = np.random.default_rng(11)
    returns = rng.normal(size=(50, 4)) @ rng.normal(size=(4, 4)) + 5.0
    np.testing.assert_allclose(correlation_matrix(returns), np.corrcoef(returns, rowvar=False), atol=1e-12)
    returns[rng.random(returns.shape) < 0.3] = np.nan
    np.testing.assert_allclose(correlation_matrix(returns), pd.DataFrame(returns).corr(), atol=1e-9)


@pytest.mark.parametrize("gap", [False, True])
def test_flat_columns_and_short_pairs_have_none(gap: bool) -> None:
    rng = np.random.default_rng(12)
    returns = np.column_stack((rng.normal(size=6), np.full(6, 0.01), rng.normal(size=6)))
    if gap:
        returns[:5, 2] = np.nan
    matrix = correlation_matrix(returns)
    assert np.isnan(matrix[1]).all()
    assert math.isnan(matrix[0, 2]) == gap
    assert matrix[0, 0] == pytest.approx(1.0)
    assert np.isnan(correlation_matrix(np.full((4, 2), np.nan))).all()


def test_mean_of_pairs() -> None:
    matrix = np.array([[1.0, 0.5, np.nan], [0.5, 1.0, -0.1], [np.nan, -0.1, 1.0]])
    assert mean_correlation(matrix) == pytest.approx(0.2)
    assert math.isnan(mean_correlation(np.ones((1, 1))))


def test_rolling_mean() -> None:
    rng = np.random.default_rng(13)
    returns = rng.normal(size=(30, 3))
    got = rolling_mean_correlation(returns, 10)
    assert np.isnan(got[:9]).all()
    assert got[9] == pytest.approx(mean_correlation(np.corrcoef(returns[:10], rowvar=False)))
    assert got[-1] == pytest.approx(mean_correlation(np.corrcoef(returns[-10:], rowvar=False)))


def test_clusters_stand_together() -> None:
    rng = np.random.default_rng(14)
    factors = rng.normal(size=(300, 2))
    group = np.array([0, 1, 0, 1, 0, 1, 1])
    returns = factors[:, group] + 0.3 * rng.normal(size=(300, 7))
    order = cluster_order(correlation_matrix(returns))
    assert sorted(order) == list(range(7))
    assert np.count_nonzero(np.diff(group[order])) == 1
    assert cluster_order(np.eye(2)).tolist() == [0, 1]


@pytest.mark.parametrize("gap", [False, True])
def test_the_rolling_mean_is_that_of_each_matrix(gap: bool) -> None:
    """With a flat asset for some windows, and a gap that leaves the short way for the matrix."""
    returns = np.random.default_rng(15).normal(size=(60, 6)) + np.random.default_rng(16).normal(size=(60, 1))
    returns[10:40, 2] = 0.01
    returns[:, 3] *= 1e-6
    if gap:
        returns[30, 4] = np.nan
    expected = [mean_correlation(correlation_matrix(returns[end - 12 : end])) for end in range(12, 61)]
    np.testing.assert_allclose(rolling_mean_correlation(returns, 12)[11:], expected, atol=1e-12)
    flat = np.column_stack((np.full(20, 0.1), returns[:20, 0]))
    assert np.isnan(rolling_mean_correlation(flat, 5)).all()


@pytest.mark.parametrize("n", [3, 20, 60])
@pytest.mark.parametrize("seed", range(3))
def test_leaves_are_those_of_an_average_linkage_tree(n: int, seed: int) -> None:
    """Every cluster that scipy joins stands together, and neighbours are closer than in the order of its merges."""
    rng = np.random.default_rng(seed)
    factors, group = rng.normal(size=(300, 5)), rng.integers(0, 5, n)
    matrix = np.corrcoef(factors[:, group] * rng.uniform(0.3, 1.0, n) + rng.normal(size=(300, n)), rowvar=False)
    distance = np.sqrt(np.clip((1.0 - matrix) / 2.0, 0.0, 1.0))
    tree = linkage(squareform(distance, checks=False), method="average")
    order = cluster_order(matrix)
    place, members = np.argsort(order), {i: [i] for i in range(n)}
    for step, (i, j) in enumerate(tree[:, :2].astype(int)):
        members[n + step] = members[i] + members[j]
        assert np.ptp(place[members[n + step]]) == len(members[n + step]) - 1
    merged = leaves_list(tree)
    assert distance[order[1:], order[:-1]].sum() <= distance[merged[1:], merged[:-1]].sum() + 1e-12


def test_no_assets_and_one_are_in_order() -> None:
    assert cluster_order(np.empty((0, 0))).tolist() == []
    assert cluster_order(np.ones((1, 1))).tolist() == [0]


def test_stressed_rows() -> None:
    driver = np.array([0.01, -0.05, np.nan, 0.02, -0.01, 0.0])
    assert stressed_rows(driver, 0.25).tolist() == [False, True, False, False, True, False]
    assert not stressed_rows(np.full(3, np.nan)).any()


def test_importing_metrics_brings_no_scipy() -> None:
    script = "import sys, backtest.metrics; print([n for n in ('scipy', 'arch', 'matplotlib') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_two_common_rows_are_enough_and_one_is_not() -> None:
    returns = np.array([[0.1, 0.2], [0.3, 0.1], [np.nan, 0.4], [0.5, np.nan]])
    assert correlation_matrix(returns)[0, 1] == pytest.approx(-1.0)
    assert math.isnan(correlation_matrix(returns[1:])[0, 1])


def test_three_assets_are_put_in_order() -> None:
    matrix = np.array([[1.0, 0.0, 0.9], [0.0, 1.0, 0.3], [0.9, 0.3, 1.0]])
    assert cluster_order(matrix)[1] == 2
