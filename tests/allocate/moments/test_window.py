"""Which symbols are usable, and what becomes of the returns that they lack."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.allocate.moments.window import MOVES, compounded, window_of
from tests.allocate.moments.data import factor_returns

NAN = float("nan")


def test_complete_returns_are_used_as_they_are() -> None:
    returns = factor_returns(20, 3)
    window = window_of(returns, 20, None, 1)
    np.testing.assert_array_equal(window.returns, returns)
    np.testing.assert_array_equal(window.columns, [0, 1, 2])
    assert window.gappy is None
    assert window.needed == 18


@pytest.mark.parametrize(("lookback", "needed"), [(2, 2), (5, 5), (10, 9), (11, 10), (252, 227), (20, 18), (100, 90)])
def test_nine_tenths_are_rounded_up_without_rounding_error(lookback: int, needed: int) -> None:
    assert window_of(factor_returns(lookback, 1), lookback, None, 1).needed == needed


@pytest.mark.parametrize(("missing", "usable"), [(0, True), (2, True), (3, False), (20, False)])
def test_a_late_listing_is_left_out_when_more_than_a_tenth_is_missing(missing: int, usable: bool) -> None:
    returns = factor_returns(20, 2)
    returns[:missing, 1] = NAN
    window = window_of(returns, 20, None, 1)
    np.testing.assert_array_equal(window.columns, [0, 1] if usable else [0])
    assert np.isfinite(window.returns).all()


def test_fewer_observations_are_enough_when_asked_for() -> None:
    returns = factor_returns(20, 2)
    returns[:17, 1] = NAN
    assert len(window_of(returns, 20, 3, 1).columns) == 2
    assert len(window_of(returns, 20, 4, 1).columns) == 1


def test_filled_returns_keep_mean_and_sample_deviation_of_those_that_exist() -> None:
    returns = factor_returns(50, 4)
    returns[:3, 0] = NAN
    returns[[10, 30], 2] = NAN
    window = window_of(returns, 50, None, 1)
    assert window.gappy is not None
    np.testing.assert_array_equal(np.isnan(window.gappy), np.isnan(returns))
    np.testing.assert_allclose(window.returns.mean(axis=0), np.nanmean(returns, axis=0), rtol=1e-12)
    np.testing.assert_allclose(window.returns.std(axis=0, ddof=1), np.nanstd(returns, axis=0, ddof=1), rtol=1e-12)
    np.testing.assert_array_equal(window.returns[:, [1, 3]], returns[:, [1, 3]])
    assert np.linalg.eigvalsh(np.cov(window.returns, rowvar=False))[0] > 0.0


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 40), k=st.integers(1, 6), share=st.floats(0.0, 0.6))
@settings(max_examples=100, deadline=None)
def test_any_gaps_keep_mean_and_deviation_of_usable_symbols(seed: int, n: int, k: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0005, 0.01, (n, k))
    returns[rng.random((n, k)) < share] = NAN
    window = window_of(returns, n, 2, 1)
    counts = (~np.isnan(returns)).sum(axis=0)
    np.testing.assert_array_equal(window.columns, np.flatnonzero(counts >= 2))
    own = returns[:, window.columns]
    assert (window.gappy is not None) == bool(np.isnan(own).any())
    if len(window.columns):
        np.testing.assert_allclose(window.returns.mean(axis=0), np.nanmean(own, axis=0), rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(window.returns.std(axis=0, ddof=1), np.nanstd(own, axis=0, ddof=1), rtol=1e-9)


def test_gaps_on_different_days_leave_the_covariance_positive_where_pairwise_deletion_does_not() -> None:
    rng = np.random.default_rng(3)
    returns = rng.normal(0, 0.01, (12, 1)) + rng.normal(0, 0.002, (12, 8))
    returns[rng.random((12, 8)) < 0.3] = NAN
    window = window_of(returns, 12, 2, 1)
    assert np.linalg.eigvalsh(np.cov(window.returns, rowvar=False))[0] >= -1e-18
    pairs = np.ma.cov(np.ma.masked_invalid(returns), rowvar=False, allow_masked=True)  # pairwise deletion
    assert np.linalg.eigvalsh(np.asarray(pairs))[0] < -1e-7


@pytest.mark.parametrize("price", [0.0, 0.001])
def test_a_price_that_does_not_move_is_not_usable(price: float) -> None:
    """A constant growth factor leaves a deviation of about 1e-17."""
    grown = 100.0 * (1.0 + price) ** np.arange(61)
    returns = np.column_stack([grown[1:] / grown[:-1] - 1.0, factor_returns(60, 1)[:, 0]])
    np.testing.assert_array_equal(window_of(returns, 60, None, 1).columns, [1])


def test_a_price_that_hardly_moves_is_usable() -> None:
    returns = factor_returns(60, 2)
    returns[:, 0] *= 1e-8
    np.testing.assert_array_equal(window_of(returns, 60, None, 1).columns, [0, 1])


@pytest.mark.parametrize("rows", [0, 1])
def test_too_little_history_leaves_nobody(rows: int) -> None:
    assert len(window_of(factor_returns(5, 3)[:rows], 5, None, 1).columns) == 0


def test_bars_are_compounded_from_the_last_one_backwards() -> None:
    returns = np.array([[0.5], [0.1], [0.1], [0.2], [-0.5]])
    np.testing.assert_allclose(compounded(returns, 2), [[1.1 * 1.1 - 1], [1.2 * 0.5 - 1]], rtol=1e-14)
    np.testing.assert_array_equal(compounded(returns, 1), returns)


def test_one_missing_bar_makes_its_period_missing() -> None:
    returns = factor_returns(100, 2)
    returns[42, 0] = NAN
    periods = compounded(returns, 5)
    assert np.isnan(periods[:, 0]).sum() == 1
    assert np.isnan(periods[8, 0])
    window = window_of(returns, 100, None, 5)
    assert window.needed == 18
    assert window.returns.shape == (20, 2)


@pytest.mark.parametrize("seed", range(20))
def test_who_moves_is_said_by_the_deviation_whatever_the_range(seed: int) -> None:
    """Around the threshold, where the range alone cannot tell."""
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0, 1.0, (50, 12)) * np.geomspace(MOVES / 50, 50 * MOVES, 12)
    returns[:, ::3] = 0.0
    returns[7, ::3] = np.geomspace(MOVES, 100 * MOVES, 4)  # one that stands out: the largest range for its deviation
    window = window_of(returns, 50, None, 1)
    np.testing.assert_array_equal(window.columns, np.flatnonzero(returns.std(axis=0) > MOVES))
