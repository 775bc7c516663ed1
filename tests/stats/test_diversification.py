from __future__ import annotations

import numpy as np
import pytest

from backtest.stats import diversification_ratio, realised_covariance

from .golden import case


def test_covariance_without_gaps_is_the_sample_covariance() -> None:
    returns = np.random.default_rng(1).normal(size=(40, 4))
    np.testing.assert_allclose(realised_covariance(returns), np.cov(returns, rowvar=False), atol=1e-14)


def test_covariance_with_gaps_takes_the_rows_that_both_have() -> None:
    returns = np.array([[1.0, np.nan], [2.0, 4.0], [3.0, 8.0], [np.nan, 6.0]])
    # Means 2 and 6; the pair shares rows 1 and 2: (0·-2 + 1·2) / (2 - 1).
    np.testing.assert_allclose(realised_covariance(returns), [[1.0, 2.0], [2.0, 4.0]])
    short = np.array([[1.0, np.nan], [np.nan, 2.0], [3.0, 4.0]])
    got = realised_covariance(short)
    assert np.isnan(got[0, 1])
    assert got[0, 0] == pytest.approx(2.0)


def test_closed_forms() -> None:
    apart = np.diag([0.04, 0.04, 0.04, 0.04])
    assert diversification_ratio(np.full(4, 0.25), apart) == pytest.approx(2.0)  # √N for equal, unrelated risks
    assert diversification_ratio(np.array([1.0, 0.0, 0.0, 0.0]), apart) == pytest.approx(1.0)
    perfect = np.outer([0.1, 0.2], [0.1, 0.2])
    assert diversification_ratio(np.array([0.5, 0.5]), perfect) == pytest.approx(1.0)


def test_published_most_diversified_portfolios_beat_their_neighbours() -> None:
    """Published weights are rounded to two decimals, so they are compared with points further away than that."""
    inputs, expected, _ = case("stats_diversification", "mdp_choueifaty_examples")
    for covariance, weights in zip(inputs["covs"], expected, strict=True):
        best = diversification_ratio(np.array(weights), np.array(covariance))
        for i in range(len(weights)):
            moved = np.array(weights)
            moved[i] += 0.1
            assert best > diversification_ratio(moved / moved.sum(), np.array(covariance))


def test_rows_scale_and_undefined_rows() -> None:
    covariance = np.array([[0.04, 0.0], [0.0, 0.04]])
    rows = np.array([[0.5, 0.5], [0.05, 0.05], [0.0, 0.0], [np.nan, 1.0]])
    np.testing.assert_allclose(diversification_ratio(rows, covariance), [2**0.5, 2**0.5, np.nan, 1.0])
    gappy = np.array([[0.04, np.nan], [np.nan, 0.04]])
    np.testing.assert_allclose(diversification_ratio(rows, gappy), [np.nan, np.nan, np.nan, 1.0])
    impossible = np.array([[1.0, -1.2], [-1.2, 1.0]])
    assert np.isnan(diversification_ratio(np.array([0.5, 0.5]), impossible))
