"""The gate lets good covariances through untouched, repairs bad ones with a word, and tells how far to trust them."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.allocate.moments.covariance.ledoit_wolf import LedoitWolf
from backtest.allocate.moments.covariance.sample import SampleCovariance
from backtest.allocate.moments.gate import SMALL, gated
from backtest.errors import AllocationError
from tests.allocate.moments.data import factor_returns


@pytest.mark.parametrize("k", [1, 2, SMALL, SMALL + 1, 150])
def test_a_good_covariance_comes_back_unchanged(k: int) -> None:
    matrix = SampleCovariance().estimate(factor_returns(3 * k + 10, k)).matrix
    kept, condition, warnings = gated(matrix, 3.0 * k)
    assert kept is matrix
    assert warnings == ()
    assert condition["observations_per_asset"] == pytest.approx(3.0)
    values = np.linalg.eigvalsh(matrix)
    assert condition["smallest_eigenvalue"] == pytest.approx(values[0], rel=0.15)
    assert condition["condition_number"] == pytest.approx(values[-1] / values[0], rel=0.15)


def test_a_smallest_eigenvalue_that_is_known_is_believed() -> None:
    estimate = LedoitWolf().estimate(factor_returns(60, 100))
    _, condition, warnings = gated(estimate.matrix, 60, estimate.smallest)
    assert condition["smallest_eigenvalue"] == estimate.smallest
    assert condition["condition_number"] == pytest.approx(np.linalg.cond(estimate.matrix), rel=0.05)
    assert warnings == ()


@pytest.mark.parametrize("k", [6, 90])
def test_a_negative_eigenvalue_is_repaired_and_told(k: int) -> None:
    vectors = np.linalg.qr(np.random.default_rng(0).normal(size=(k, k)))[0]
    values = np.linspace(0.01, 0.1, k)
    values[0] = -0.002
    matrix = (vectors * values) @ vectors.T
    repaired, condition, warnings = gated((matrix + matrix.T) / 2, 100)
    nearest = (vectors * np.maximum(values, 0.0)) @ vectors.T
    np.testing.assert_allclose(repaired, nearest, atol=1e-15)
    np.testing.assert_array_equal(repaired, repaired.T)
    assert np.linalg.eigvalsh(repaired)[0] >= -1e-16
    assert "1 negative eigenvalues, the lowest -0.002" in warnings[0]
    change = 0.002 / np.linalg.norm(values)
    assert f"changed it by {change:.2e} of its norm" in warnings[0]
    assert "singular" in warnings[1]
    assert condition["condition_number"] == np.inf


@pytest.mark.parametrize(("n", "k"), [(4, 6), (40, 100)])
def test_fewer_observations_than_assets_is_singular_and_not_repaired(n: int, k: int) -> None:
    matrix = SampleCovariance().estimate(factor_returns(n, k)).matrix
    kept, condition, warnings = gated(matrix, n)
    assert kept is matrix
    assert len(warnings) == 1
    assert f"singular ({k} assets from {n} observations)" in warnings[0]
    assert condition["condition_number"] > 1e13


@pytest.mark.parametrize("k", [4, 99])
def test_two_identical_assets_are_singular(k: int) -> None:
    returns = factor_returns(400, k)
    matrix = SampleCovariance().estimate(np.column_stack([returns, returns[:, 0]])).matrix
    _, _, warnings = gated(matrix, 400)
    assert "singular" in warnings[0]


@pytest.mark.parametrize("k", [4, 99])
def test_nearly_singular_says_how_nearly(k: int) -> None:
    returns = factor_returns(400, k)
    twin = returns[:, 0] + 3e-7 * np.random.default_rng(1).normal(size=400)
    _, condition, warnings = gated(SampleCovariance().estimate(np.column_stack([returns, twin])).matrix, 400)
    assert "nearly singular" in warnings[0]
    assert f"{condition['condition_number']:.1e}" in warnings[0]


def test_rounding_below_zero_is_not_worth_a_repair() -> None:
    matrix = np.diag([0.04, 0.02, -1e-16])
    kept, _, warnings = gated(matrix, 100)
    assert kept is matrix
    assert len(warnings) == 1


def test_asymmetry_of_rounding_is_averaged_away() -> None:
    kept, _, _ = gated(np.array([[0.04, 0.01], [0.01 + 1e-17, 0.02]]), 100)
    np.testing.assert_array_equal(kept, kept.T)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_refused(bad: float) -> None:
    with pytest.raises(AllocationError, match="2 entries that are not numbers"):
        gated(np.array([[0.04, bad], [bad, 0.02]]), 100)
