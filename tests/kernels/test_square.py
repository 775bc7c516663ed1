"""One look at a matrix, and how far its eigenvalues reach, against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf

from backtest.kernels.square import extremes, look_over


def matrix(n: int, seed: int = 0) -> NDArray[np.float64]:
    returns = np.random.default_rng(seed).normal(size=(3 * n + 3, n)) * np.linspace(1.0, 3.0, n)
    made = np.cov(returns, rowvar=False).reshape(n, n)
    return (made + made.T) / 2.0


@pytest.mark.parametrize("n", [1, 2, 3, 5, 40])
def test_a_symmetric_matrix_of_numbers_is_let_through(n: int) -> None:
    whole = matrix(n)
    assert look_over(whole) == (-1, 0, 0.0, np.abs(whole).max())


def test_the_worst_pair_is_found() -> None:
    whole = matrix(6)
    whole[1, 4] += 1e-3
    whole[5, 2] -= 2e-3
    bad, place, apart, _ = look_over(whole)
    assert (bad, divmod(place, 6)) == (-1, (2, 5))
    assert apart == pytest.approx(2e-3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [(0, 0), (1, 3), (3, 1), (4, 4)])
def test_the_first_entry_that_is_no_number_is_found(value: float, at: tuple[int, int]) -> None:
    whole = matrix(5)
    whole[4, 4], whole[at] = np.nan, value
    assert divmod(look_over(whole)[0], 5) == at


def test_nothing_is_found_in_nothing() -> None:
    assert look_over(np.zeros((0, 0))) == (-1, 0, 0.0, 0.0)


def apart(n: int) -> NDArray[np.float64]:
    """Return a matrix whose extreme eigenvalues, 0.01 and 100, are far from the others."""
    turned = np.linalg.qr(np.random.default_rng(n).normal(size=(n, n)))[0]
    values = np.linspace(1.0, 2.0, n)
    values[0], values[-1] = 0.01, 100.0
    made = (turned * values) @ turned.T
    return (made + made.T) / 2.0


@pytest.mark.parametrize("n", [2, 3, 4, 7, 33])
def test_steps_lead_to_the_eigenvalues(n: int) -> None:
    whole = apart(n)
    factor = dpotrf(whole, lower=1, clean=0)[0].T
    np.testing.assert_allclose(extremes(whole, factor, 12), [0.01, 100.0], rtol=1e-9)


@pytest.mark.parametrize("n", [33, 80])
def test_eight_steps_know_them_about(n: int) -> None:
    whole = matrix(n)
    factor = dpotrf(whole, lower=1, clean=0)[0].T
    low, high = np.linalg.eigvalsh(whole)[[0, -1]]
    found = extremes(whole, factor, 8)
    assert low <= found[0] <= 1.3 * low
    assert high >= found[1] >= 0.75 * high


def test_without_a_factor_only_the_largest_is_sought() -> None:
    assert extremes(apart(12), np.empty((0, 0)), 12) == (0.0, pytest.approx(100.0, rel=1e-9))
