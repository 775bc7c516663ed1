"""Black and Litterman's formulas: equilibrium returns, the uncertainty of views, and what to believe after them."""

from __future__ import annotations

import numpy as np

from backtest.errors import AllocationError
from backtest.types import Floats

HIT = 1e-9
"""Certain views must hold after all have been heard, to this, relative to their size: else they contradict."""


def equilibrium(covariance: Floats, market: Floats, risk_aversion: float) -> Floats:
    """Return δΣw, the returns above cash `(K,)` at which everybody would hold the market w. Source: Sharpe (1974)."""
    implied: Floats = risk_aversion * (covariance @ market)
    return implied


def doubt(covariance: Floats, tau: float, holdings: Floats) -> Floats:
    """Return the variance that the prior gives to each view, τ pΣpᵀ, `(V,)`: He and Litterman's uncertainty."""
    variances: Floats = tau * np.einsum("vk,vk->v", holdings @ covariance, holdings)
    return variances


def doubt_of_confidence(confidences: Floats) -> Floats:
    """Return by what to multiply `doubt` for confidences in (0, 1], `(V,)`: 0 when certain, 1 at one half.

    With (1 − C) / C a view alone moves its portfolio the share C of the way that certainty would: Idzorek (2005), "A
    step-by-step guide to the Black-Litterman model", in the closed form of Walters (2014).
    """
    factors: Floats = (1.0 - confidences) / confidences
    return factors


def posterior(
    prior: Floats, covariance: Floats, tau: float, holdings: Floats, returns: Floats, uncertainty: Floats
) -> tuple[Floats, Floats]:
    """Return mean `(K,)` and its covariance M `(K, K)` after `V` views, in the unit of the prior.

    mean = π + τΣPᵀ A⁻¹ (q − Pπ) and M = τΣ − τΣPᵀ A⁻¹ PτΣ with A = PτΣPᵀ + Ω; Ω `uncertainty` `(V, V)` may be singular:
    a view without any is met exactly. Views that say the same twice are one view; certain ones that contradict each
    other raise. Source: He and Litterman (1999), "The intuition behind Black-Litterman model portfolios".
    """
    spread = tau * covariance
    if not len(returns):
        return prior.copy(), spread
    seen = holdings @ spread
    surprise = returns - holdings @ prior
    both = np.column_stack([surprise, seen])
    scale = np.sqrt(np.maximum(np.einsum("vk,vk->v", seen, holdings) + uncertainty.diagonal(), 0.0))
    scale[scale == 0.0] = 1.0
    matrix = (seen @ holdings.T + uncertainty) / np.outer(scale, scale)
    solved = np.linalg.lstsq(matrix, both / scale[:, None], rcond=1e-12)[0]
    missed = np.abs(matrix @ solved[:, 0] - surprise / scale)
    if not missed.max() <= HIT * max(1.0, float(np.abs(surprise / scale).max())):
        raise AllocationError("views that are certain contradict each other: give them a confidence below 1")
    moved = seen.T @ (solved / scale[:, None])
    believed: Floats = spread - moved[:, 1:]
    mean: Floats = prior + moved[:, 0]
    return mean, (believed + believed.T) / 2.0
