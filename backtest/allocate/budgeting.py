"""Weights whose shares of the risk are given: the problem, without the methods that set it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.allocate.arrays import frozen
from backtest.errors import AllocationError
from backtest.types import Floats

PRECISION = 1e-13
"""Aim for the largest gap between a share of the risk and its budget, which add up to 1."""

ACCEPTED = 1e-8
"""Largest gap that is an answer: the verifier's."""

SWEEPS = 100  # eight to fifteen are enough for assets that rise and fall together
STEPS = 200


@dataclass(frozen=True)
class Budgeted:
    """Weights `(K,)` that add up to 1, the largest gap between a share of the risk and its budget, and the work."""

    weights: Floats
    gap: float
    iterations: int
    bounds: Floats | None = None  # (2, K), where some of them hold weights up or down
    warnings: tuple[str, ...] = ()


def budgeted(covariance: Floats, budgets: Floats, sweeps: int = SWEEPS) -> Budgeted:
    """Return long-only weights with wᵢ (Σw)ᵢ / wᵀΣw = `budgets` `(K,)`, which are at least 0 and add up to 1.

    They are the minimum of ½ xᵀΣx − Σ bᵢ log xᵢ, divided by its sum: one minimum for any Σ whose long-only mixes all
    have risk, so the answer does not depend on where the search starts. It is a cyclical coordinate descent; where
    that is slow, which takes strongly negative correlations, Newton steps follow after `sweeps`. An asset whose
    budget is 0 gets no weight, or one without marginal risk: the limit of a budget that vanishes. Sources: Spinu
    (2013), "An algorithm for computing risk parity weights"; Griveau-Billion, Richard and Roncalli (2013), "A fast
    algorithm for computing high-dimensional risk parity portfolios".
    """
    refuse_riskless(covariance)
    x, taken = _descended(covariance, budgets, sweeps)
    gap = risk_gap(covariance, x, budgets)
    steps = 0
    if not gap <= ACCEPTED / 100.0 and (budgets > 0.0).all():
        x, steps = _newton(covariance, budgets, x)
        gap = risk_gap(covariance, x, budgets)
    if not gap <= ACCEPTED:
        raise AllocationError(
            f"no long-only weights have these shares of the risk: the best found miss one by {gap:.3g}, at most "
            f"{ACCEPTED:g} is allowed; a mix of the assets has no risk, or hardly any"
        )
    return Budgeted(x / x.sum(), gap, taken + steps)


def risk_shares(covariance: Floats, weights: Floats) -> Floats:
    """Return each asset's share of the variance, `(K,)`: they add up to 1, or are NaN where there is no risk."""
    contributions = weights * (covariance @ weights)
    total = float(contributions.sum())
    shares: Floats = contributions / total if total > 0.0 else np.full(len(weights), np.nan)
    return shares


def risk_gap(covariance: Floats, weights: Floats, budgets: Floats) -> float:
    """Return the largest |share of the risk − budget|; infinite when that is no number."""
    gap = float(np.abs(risk_shares(covariance, weights) - budgets).max())
    return gap if np.isfinite(gap) else np.inf


def refuse_riskless(covariance: Floats) -> None:
    """Raise for assets that have no variance: nothing can be divided by it."""
    calm = np.flatnonzero(~(covariance.diagonal() > 0.0))
    if len(calm):
        raise AllocationError(
            f"{len(calm)} of {len(covariance)} assets have no variance, the first is number {calm[0]}"
        )


def _descended(covariance: Floats, budgets: Floats, sweeps: int) -> tuple[Floats, int]:
    """Return x after at most `sweeps` of coordinate descent, and how many it took; the start is inverse volatility."""
    from backtest.kernels.risk_budget import descend

    x = 1.0 / np.sqrt(covariance.diagonal())
    gradient = covariance @ x
    total = float(x @ gradient)
    if not total > 0.0:
        return x, 0
    scale = 1.0 / np.sqrt(total)
    x, gradient = x * scale, gradient * scale
    taken = descend(frozen(covariance), frozen(budgets), x, gradient, sweeps, PRECISION)
    return x, int(taken)


def _newton(covariance: Floats, budgets: Floats, start: Floats) -> tuple[Floats, int]:
    """Return the minimum by Newton steps in z = log x, none longer than 1, and how many.

    Steps in z cannot leave x > 0. The problem is then min ½ xᵀΣx − bᵀz, with the Hessian xxᵀ ∘ Σ + diag(x ∘ Σx); where
    x ∘ Σx is below b, its value at the solution, that is taken, which keeps the Hessian positive definite.
    """
    x = start if np.isfinite(start).all() and (start > 0.0).all() else 1.0 / np.sqrt(covariance.diagonal())
    smallest, best = np.inf, x
    for step in range(STEPS):
        contributions = x * (covariance @ x)
        gap = float(np.abs(contributions - budgets).max())
        if gap < smallest:
            smallest, best = gap, x
        if smallest <= PRECISION or (step > 20 and gap > 10.0 * smallest and smallest <= ACCEPTED):
            return best, step
        hessian = covariance * x[:, None] * x[None, :]
        hessian[np.diag_indices(len(x))] += np.maximum(contributions, budgets)
        try:
            move = np.linalg.solve(hessian, budgets - contributions)
        except np.linalg.LinAlgError:  # x has run away along a mix without risk: there is no minimum
            return best, step
        size = float(np.abs(move).max())
        x = x * np.exp(move / max(1.0, size))
    return best, STEPS
