from __future__ import annotations

import numpy as np
import pytest

from backtest.stats import effective_bets, torsion


def correlated(n: int, rho: float) -> np.ndarray:
    return np.full((n, n), rho) + (1.0 - rho) * np.eye(n)


def random_covariance(seed: int, n: int = 5) -> np.ndarray:
    return np.cov(
        np.random.default_rng(seed).normal(size=(60, n)) @ np.random.default_rng(seed + 1).normal(size=(n, n)),
        rowvar=False,
    )


@pytest.mark.parametrize("method", ["minimum_torsion", "pca"])
@pytest.mark.parametrize("seed", range(3))
def test_factors_are_uncorrelated_and_nothing_is_lost(seed: int, method: str) -> None:
    covariance = random_covariance(seed)
    t = torsion(covariance, method)  # type: ignore[arg-type]
    assert t is not None
    between = t @ covariance @ t.T
    np.testing.assert_allclose(between - np.diag(np.diag(between)), 0.0, atol=1e-8 * np.trace(covariance))
    bets = effective_bets(np.random.default_rng(seed).random((4, 5)), covariance, method)  # type: ignore[arg-type]
    assert ((bets >= 1.0) & (bets <= 5.0)).all()


def test_unrelated_assets_are_bets_of_their_own() -> None:
    covariance = np.diag([0.04, 0.04, 0.01])
    assert effective_bets(np.array([1.0, 0.0, 0.0]), covariance) == pytest.approx(1.0)
    assert effective_bets(np.array([0.5, 0.5, 0.0]), covariance) == pytest.approx(2.0)
    assert effective_bets(np.array([0.25, 0.25, 0.5]), covariance) == pytest.approx(3.0)
    np.testing.assert_allclose(torsion(covariance), np.eye(3), atol=1e-12)  # type: ignore[arg-type]


def test_equal_weights_on_equally_correlated_assets_keep_all_bets() -> None:
    """Meucci, Santangelo and Deguest (2015): the principal components see a single bet here."""
    covariance = 0.04 * correlated(4, 0.6)
    assert effective_bets(np.full(4, 0.25), covariance) == pytest.approx(4.0)
    assert effective_bets(np.full(4, 0.25), covariance, "pca") == pytest.approx(1.0)


@pytest.mark.parametrize("rho", [-0.5, 0.3, 0.9])
def test_two_assets_in_closed_form(rho: float) -> None:
    """With equal deviations the torsion is C^-½; a single asset loads on both factors with (√(1+ρ) ± √(1−ρ)) / 2."""
    large, small = (np.sqrt(1 + rho) + np.sqrt(1 - rho)) / 2, (np.sqrt(1 + rho) - np.sqrt(1 - rho)) / 2
    p = np.array([large**2, small**2])
    expected = np.exp(-(p * np.log(p)).sum())
    assert effective_bets(np.array([1.0, 0.0]), 0.04 * correlated(2, rho)) == pytest.approx(expected, abs=1e-9)


def test_no_factor_beats_the_minimum_torsion() -> None:
    """Of all uncorrelated factors, those of the torsion are closest to the assets in the sum of squared errors."""
    covariance = random_covariance(7)
    sigma = np.sqrt(np.diag(covariance))
    t = torsion(covariance)
    assert t is not None

    def distance(candidate: np.ndarray) -> float:
        error = (candidate - np.eye(5)) / sigma[:, None]
        return float(np.trace(error @ covariance @ error.T))

    best = distance(t)
    spread = np.sqrt(np.diag(t @ covariance @ t.T))
    for angle in (-0.3, -1e-3, 1e-3, 0.3):
        for i in range(5):
            stretched = t * np.where(np.arange(5) == i, 1.0 + angle, 1.0)[:, None]
            assert distance(stretched) > best
            for j in range(i):
                turn = np.eye(5)
                turn[[i, i, j, j], [i, j, i, j]] = np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)
                assert distance(spread[:, None] * (turn @ (t / spread[:, None]))) > best


def test_scale_sign_and_undefined() -> None:
    covariance = random_covariance(9)
    w = np.random.default_rng(9).random(5)
    assert effective_bets(-3.0 * w, covariance) == pytest.approx(effective_bets(w, covariance))
    assert np.isnan(effective_bets(np.zeros(5), covariance))
    singular = np.cov(np.random.default_rng(1).normal(size=(3, 5)), rowvar=False)
    assert np.isnan(effective_bets(w, singular))
    gap = covariance.copy()
    gap[0, 1] = np.nan
    assert np.isnan(effective_bets(np.vstack((w, w)), gap)).tolist() == [True, True]


def by_rounds(covariance: np.ndarray, rounds: int = 3_000) -> np.ndarray:
    """The torsion by the rounds of the paper, one polar decomposition each, from nothing but numpy."""
    sigma = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(sigma, sigma))
    root = (vectors * np.sqrt(values)) @ vectors.T
    d = np.ones(len(sigma))
    for _ in range(rounds):
        left, _, right = np.linalg.svd(d[:, None] * root)
        rotation = left @ right
        last, d = d, np.diag(rotation @ root)
        if np.abs(d / last - 1.0).max() < 1e-11:
            break
    return np.asarray(sigma[:, None] * (d[:, None] * rotation @ np.linalg.inv(root)) / sigma)


def market(seed: int, assets: int, bars: int, own: float) -> np.ndarray:
    """The covariance of assets that share five factors."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(bars, 5)) @ (rng.normal(size=(5, assets)) * rng.uniform(0.2, 2.0, (5, 1)))
    return np.cov(common + own * rng.normal(size=(bars, assets)) * rng.uniform(0.3, 2.0, assets), rowvar=False)


@pytest.mark.parametrize(("assets", "bars", "own"), [(3, 30, 1.0), (12, 200, 1.0)])
def test_extrapolated_rounds_end_where_the_rounds_of_the_paper_end(assets: int, bars: int, own: float) -> None:
    covariance = market(assets, assets, bars, own)
    found = torsion(covariance)
    assert found is not None
    np.testing.assert_allclose(found, by_rounds(covariance), rtol=0.0, atol=2e-5 * np.abs(found).max())


def test_many_assets_are_counted() -> None:
    covariance = market(4, 120, 600, 1.0)
    weights = np.random.default_rng(4).random((3, 120))
    t = torsion(covariance)
    assert t is not None
    between = t @ covariance @ t.T
    sigma = np.sqrt(np.diag(covariance))
    # Uncorrelated, and each factor moves as the root of S = D C D has it: d² is the diagonal of S^½.
    np.testing.assert_allclose(between, np.diag(np.diag(between)), atol=1e-10 * np.trace(covariance))
    d = np.sqrt(np.diag(between)) / sigma
    values, vectors = np.linalg.eigh(np.outer(d / sigma, d / sigma) * covariance)
    np.testing.assert_allclose(((vectors * np.sqrt(values)) @ vectors.T).diagonal(), d * d, rtol=1e-6)
    bets = effective_bets(weights, covariance)
    assert ((bets > 5.0) & (bets < 120.0)).all()


def test_near_copies_are_still_counted() -> None:
    """A thousandth of their own: correlations of 0.999999, where rounds stop short of the last digits."""
    covariance = market(35, 20, 45, 0.001)
    bets = effective_bets(np.full(20, 0.05), covariance)
    assert bets == pytest.approx(5.39, rel=0.01), "by 1,000 rounds"
