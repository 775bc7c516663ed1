"""How many independent bets a portfolio makes.

Meucci (2009), "Managing Diversification", and Meucci, Santangelo and Deguest (2015), "Risk Budgeting and
Diversification Based on Optimized Uncorrelated Factors": the assets are turned into uncorrelated factors, pᵢ is the
share of the variance that comes from factor i, and the number of bets is exp(−Σ pᵢ ln pᵢ): 1 when all risk is one
factor, N when it is spread evenly.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.types import Floats

Torsion = Literal["minimum_torsion", "pca"]
"""Which uncorrelated factors. `minimum_torsion`: those closest to the assets themselves, so that equal weights on
equally correlated assets keep N bets. `pca`: the principal components, of which the first takes nearly everything."""

ROUNDS = 10_000
ENOUGH = 1e-10
"""The torsion is found when a round changes its distance from the assets by less than this share."""
SINGULAR = 1e-10
"""Below this smallest eigenvalue of the correlation matrix some asset is a mixture of others and has no factor."""


def effective_bets(weights: Floats, covariance: Floats, method: Torsion = "minimum_torsion") -> Floats:
    """Return the effective number of bets of weights `(N,)` or `(T, N)`, one answer a row.

    NaN for a portfolio without risk, and when the covariance has a gap or is singular (fewer bars than assets).
    """
    w = np.nan_to_num(weights, nan=0.0)
    factors = torsion(covariance, method)
    if factors is None:
        return np.full(w.shape[:-1], np.nan)
    exposure = np.linalg.solve(factors.T, w[..., None] if w.ndim == 1 else w.T)
    variance = np.einsum("ij,jk,ik->i", factors, covariance, factors)
    share = exposure**2 * variance[:, None]
    total = share.sum(axis=0)
    p = share / np.where(total > 0.0, total, np.nan)
    bets = np.exp(-np.sum(p * np.log(np.where(p > 0.0, p, 1.0)), axis=0))
    return np.asarray(bets[0] if w.ndim == 1 else bets)


def torsion(covariance: Floats, method: Torsion = "minimum_torsion") -> Floats | None:
    """Return the matrix t `(N, N)` whose rows turn assets into uncorrelated factors, None when there is none."""
    if np.isnan(covariance).any() or not (np.diag(covariance) > 0.0).all():
        return None
    sigma = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sigma, sigma)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < SINGULAR:
        return None
    if method == "pca":
        return np.asarray(np.linalg.eigh(covariance)[1].T, dtype=np.float64)
    root = (vectors * np.sqrt(values)) @ vectors.T
    return np.asarray(sigma[:, None] * (_closest(root) @ np.linalg.inv(root)) / sigma)


def _closest(root: Floats) -> Floats:
    """Return D U with U a rotation and D diagonal, closest to `root` = C^½: the fixed point of Meucci et al. (2015).

    Given D, the best U comes from the polar decomposition of D root; given U, the best D is the diagonal of U root.
    """
    d, last = np.ones(len(root)), np.inf
    for _ in range(ROUNDS):
        left, _, right = np.linalg.svd(d[:, None] * root)
        rotation = left @ right
        d = np.einsum("ij,ij->i", rotation, root)
        distance = float(np.linalg.norm(root - d[:, None] * rotation))
        if abs(last - distance) <= ENOUGH * max(distance, 1e-300):
            break
        last = distance
    return np.asarray(d[:, None] * rotation)
