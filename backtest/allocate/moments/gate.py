"""The gate that every covariance passes before anything is computed from it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backtest.errors import AllocationError
from backtest.types import Floats

NEGATIVE = 1e-12
"""Relative to the mean variance: an eigenvalue further below 0 than this is no rounding, and is repaired."""

ILL_CONDITIONED = 1e10
"""Largest eigenvalue / smallest from which a covariance is said to be nearly singular."""

SMALL = 64
"""Up to as many assets all eigenvalues are computed, in 0.1 ms; 500 would take 7 ms, iterations take 2.7."""

STEPS = 8
"""Steps of the iterations towards the largest and the smallest eigenvalue."""


def gated(
    matrix: Floats, observations: float | None, smallest: float | None = None
) -> tuple[Floats, dict[str, float], tuple[str, ...]]:
    """Return the covariance `(K, K)` fit for use, its condition, and warnings.

    It must be finite; what is left of asymmetry by rounding is averaged away. Eigenvalues below −1e-12 of the mean
    variance are set to 0, and the warning says how large they were. A singular or nearly singular covariance is let
    through and reported. `smallest` is its smallest eigenvalue, where that is known. Among many assets the extreme
    eigenvalues come from a few steps of (inverse) iteration, which knows large ratios well and small ones to about a
    tenth; the others are exact. `observations` is None where nobody knows how many there were.
    """
    if not np.isfinite(matrix).all():
        raise AllocationError(f"the covariance has {int((~np.isfinite(matrix)).sum())} entries that are not numbers")
    if not np.array_equal(matrix, matrix.T):
        matrix = (matrix + matrix.T) / 2.0
    low, high = _extremes(matrix, smallest)
    warnings: tuple[str, ...] = ()
    if low < -NEGATIVE * float(np.trace(matrix)) / len(matrix):
        matrix, warnings = _repaired(matrix)
        low = 0.0
    condition = {} if observations is None else {"observations_per_asset": observations / len(matrix)}
    condition["smallest_eigenvalue"] = low
    condition["condition_number"] = high / low if low > 0.0 else float("inf")
    return matrix, condition, (*warnings, *_said(low, high, len(matrix), observations))


def _said(low: float, high: float, k: int, observations: float | None) -> tuple[str, ...]:
    """Warn of a covariance that can hardly be inverted."""
    made_of = f"{k} assets from {observations:.0f} observations" if observations is not None else f"{k} assets"
    if low <= k * np.finfo(np.float64).eps * high:
        return (f"the covariance is singular ({made_of}): some portfolios have no risk in it",)
    if high > ILL_CONDITIONED * low:
        return (f"the covariance is nearly singular ({made_of}): condition number {high / low:.1e}",)
    return ()


def _extremes(matrix: Floats, smallest: float | None) -> tuple[float, float]:
    """Return the smallest and the largest eigenvalue."""
    if len(matrix) > SMALL:
        low = smallest if smallest is not None else _smallest(matrix)
        if low is not None:
            return low, _rayleigh(matrix, lambda vector: matrix @ vector)
    values = np.linalg.eigvalsh(matrix)
    return float(values[0]), float(values[-1])


def _smallest(matrix: Floats) -> float | None:
    """Return the smallest eigenvalue by inverse iteration; None where only all eigenvalues can tell."""
    from scipy.linalg.blas import dtrsv
    from scipy.linalg.lapack import dpotrf

    factor, failed = dpotrf(matrix, lower=1, clean=0)
    if failed:
        return None
    low = _rayleigh(  # dpotrs, made for many vectors at once, takes twice as long for one
        matrix, lambda vector: dtrsv(factor, dtrsv(factor, vector, lower=1), lower=1, trans=1, overwrite_x=1)
    )
    return low if low > float(np.trace(matrix)) / len(matrix) / ILL_CONDITIONED else None


def _rayleigh(matrix: Floats, step: Callable[[Floats], Floats]) -> float:
    """Return vᵀMv / vᵀv for the v that a few steps lead to, from a start that no symmetry makes orthogonal to it."""
    vector = 1.0 + 0.5 * np.cos(np.arange(len(matrix), dtype=np.float64) ** 2)
    for _ in range(STEPS):
        vector = step(vector)
        vector *= 1.0 / np.sqrt(vector @ vector)
    return float(vector @ (matrix @ vector))


def _repaired(matrix: Floats) -> tuple[Floats, tuple[str, ...]]:
    """Return the nearest positive semi-definite matrix (Frobenius), and by how much it differs."""
    values, vectors = np.linalg.eigh(matrix)
    negative = values < 0.0
    whole = (vectors * np.where(negative, 0.0, values)) @ vectors.T
    change = float(np.linalg.norm(values[negative]) / np.linalg.norm(values))
    word = (
        f"the covariance was not positive semi-definite: {int(negative.sum())} negative eigenvalues, the lowest "
        f"{values[0]:.3g}, were set to 0, which changed it by {change:.2e} of its norm"
    )
    return (whole + whole.T) / 2.0, (word,)
