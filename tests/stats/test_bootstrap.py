from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.stats.bootstrap import block_length, bootstrap, circular_starts, row_counts, stationary_rows
from backtest.stats.inference import long_run_variance


def ar1(n: int, phi: float, seed: int = 0) -> np.ndarray:
    shocks = np.random.default_rng(seed).standard_t(6, n)
    out = np.empty(n)
    out[0] = shocks[0]
    for t in range(1, n):
        out[t] = phi * out[t - 1] + shocks[t]
    return out


def test_the_block_length_of_an_ar1_by_its_closed_form() -> None:
    """For an AR(1) g/h tends to 2φ/(1 − φ²), so that b = (4φ²n / (1 − φ²)²)^⅓ for the stationary bootstrap."""
    phi, n = 0.5, 50_000
    expected = (4 * phi**2 / (1 - phi**2) ** 2 * n) ** (1 / 3)
    found = block_length(ar1(n, phi))
    assert found.stationary == pytest.approx(expected, rel=0.1)
    assert found.circular == pytest.approx(found.stationary * 1.5 ** (1 / 3), rel=1e-12)


def test_the_block_length_has_bounds_and_no_unit() -> None:
    walk = ar1(400, 0.999)
    assert block_length(walk).stationary <= math.ceil(3 * math.sqrt(400))
    assert block_length(1000.0 * walk + 5.0) == pytest.approx(block_length(walk))
    for flat in (np.zeros(50), np.full(50, 0.1), np.ones(3), np.empty(0)):
        assert block_length(flat) == (1.0, 1.0)


def test_rows_follow_each_other_inside_a_block_and_wrap() -> None:
    rows, restart = stationary_rows(50, 7.0, 400, seed=3)
    follows = (rows[:, 1:] - rows[:, :-1]) % 50 == 1
    assert follows[~restart[:, 1:]].all()
    assert restart[:, 0].all()
    assert restart[:, 1:].mean() == pytest.approx(1 / 7, abs=0.01)
    assert np.bincount(rows.ravel(), minlength=50).std() / 400 < 0.15
    assert (rows[:, :-1] == 49).any()
    assert rows.min() == 0
    assert rows.max() == 49


def test_the_same_seed_gives_the_same_rows() -> None:
    assert np.array_equal(stationary_rows(30, 4.0, 20, 1).rows, stationary_rows(30, 4.0, 20, 1).rows)
    assert not np.array_equal(stationary_rows(30, 4.0, 20, 1).rows, stationary_rows(30, 4.0, 20, 2).rows)
    assert np.array_equal(circular_starts(30, 4, 20, 1), circular_starts(30, 4, 20, 1))
    assert circular_starts(30, 4, 20).shape == (20, 7)
    assert circular_starts(3, 4, 20).shape == (20, 1)


def test_counts_are_those_of_the_rows() -> None:
    rows = stationary_rows(9, 2.0, 5).rows
    counts = row_counts(rows, 9)
    assert (counts.sum(axis=1) == 9).all()
    assert all(counts[b, i] == (rows[b] == i).sum() for b in range(5) for i in range(9))


@pytest.mark.parametrize("block", [1.0, 5.0, 20.0])
def test_resampled_means_vary_as_the_theory_of_the_stationary_bootstrap_says(block: float) -> None:
    x = ar1(300, 0.5)
    resampled = 300 * x[stationary_rows(300, block, 8000).rows].mean(axis=1).var()
    assert resampled == pytest.approx(long_run_variance(x, "resampled", block), rel=0.06)


def test_any_statistic() -> None:
    x = ar1(400, 0.0)
    found = bootstrap(x, lambda each: float(np.median(each)), draws=300, seed=1)
    assert found.shape == (300,)
    assert np.quantile(found, 0.025) < np.median(x) < np.quantile(found, 0.975)
    pair = np.stack((x, 2.0 * x), axis=1)
    assert bootstrap(pair, lambda each: float(each[:, 1].mean() / each[:, 0].mean()), draws=99) == pytest.approx(2.0)


def test_the_block_does_not_depend_on_the_unit_of_the_values() -> None:
    """Squares of values below 1e-162 are 0."""
    x = np.random.default_rng(8).normal(size=400).cumsum()
    for unit in (2.0**-700, 2.0**-30, 2.0**500):
        assert block_length(unit * x) == block_length(x)
