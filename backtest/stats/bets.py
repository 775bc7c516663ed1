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

ROUNDS = 100
ENOUGH, GOOD = 1e-7, 1e-3
"""The torsion is found when a round would move no factor's scale by more than this share. Where assets are nearly
copies of one another the rounds do not get there: then the best one counts if it is good. Of 80 markets of assets that
correlate by 0.999999 fifteen ended between 1e-4 and 3e-3: up to 1e-3 the bets were right to half a percent, beyond it
to seven."""
MEMORY = 8
"""Rounds that the next one is extrapolated from."""
SINGULAR = 1e-10
"""Below this smallest eigenvalue of the correlation matrix some asset is a mixture of others and has no factor."""


def effective_bets(weights: Floats, covariance: Floats, method: Torsion = "minimum_torsion") -> Floats:
    """Return the effective number of bets of weights `(N,)` or `(T, N)`, one answer a row.

    NaN for a portfolio without risk, and when the covariance has a gap or is singular (fewer bars than assets). The
    torsion takes some fifteen decompositions of the covariance: a second or two for 500 assets.
    """
    w = np.nan_to_num(weights, nan=0.0)
    factors = torsion(covariance, method)
    if factors is None:
        return np.full(w.shape[:-1], np.nan)
    exposure = np.linalg.solve(factors.T, w[..., None] if w.ndim == 1 else w.T)
    variance = ((factors @ covariance) * factors).sum(axis=1)
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
    if np.linalg.eigvalsh(correlation)[0] < SINGULAR:
        return None
    if method == "pca":
        return np.asarray(np.linalg.eigh(covariance)[1].T, dtype=np.float64)
    found = _scales(correlation)
    if found is None:
        return None
    d, values, vectors = found
    inverse_root = (vectors / np.sqrt(values)) @ vectors.T
    return np.asarray((sigma * d)[:, None] * inverse_root * (d / sigma))


def _scales(correlation: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Return the deviations `d` of the factors of minimum torsion, and the eigenvalues and vectors of S = D C D.

    The factors closest to the assets are D U, with U a rotation: given D, the best U comes from the polar decomposition
    of D C^½, and given U, the best D is the diagonal of U C^½ (Meucci et al., 2015). Together they say that d² is the
    diagonal of S^½. The rounds are those of the paper, in logarithms; each next one is extrapolated from those before,
    Anderson (1965), which takes 15 rounds where they alone take thousands. None when no round is good.
    """
    x = np.zeros(len(correlation))
    seen: list[tuple[Floats, Floats]] = []
    best, found = GOOD, None
    for _ in range(ROUNDS):
        d = np.exp(x)
        values, vectors = np.linalg.eigh(d[:, None] * correlation * d)
        step = np.log((vectors * vectors) @ np.sqrt(np.maximum(values, 0.0))) - 2.0 * x
        size = float(np.abs(step).max())
        if size <= best and values[0] > 0.0:
            best, found = size, (d, values, vectors)
            if size <= ENOUGH:
                break
        if seen and size > 2.0 * float(np.abs(seen[-1][1]).max()):
            seen = []  # the extrapolation went astray: begin again from here
        seen = [*seen[1 - MEMORY :], (x, step)]
        x = _extrapolated(seen)
    return found


def _extrapolated(seen: list[tuple[Floats, Floats]]) -> Floats:
    """Return where the steps would vanish if they were linear in x on the points seen so far."""
    x, step = seen[-1]
    if len(seen) < 2:
        return np.asarray(x + step)
    points, steps = (np.diff(np.array(each), axis=0).T for each in zip(*seen, strict=True))
    weight = np.linalg.lstsq(steps, step, rcond=1e-10)[0]
    return np.asarray(x + step - (points + steps) @ weight)
