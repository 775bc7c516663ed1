"""The gate that every covariance passes before anything is computed from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from backtest.allocate.arrays import frozen_symmetric
from backtest.allocate.moments.symmetry import look_at
from backtest.errors import AllocationError
from backtest.types import Floats

NEGATIVE = 1e-12
"""Relative to the mean variance: an eigenvalue further below 0 than this is no rounding, and is repaired."""

ILL_CONDITIONED = 1e10
"""Largest eigenvalue / smallest from which a covariance is said to be nearly singular."""

SMALL = 32
"""Up to as many assets all eigenvalues are computed, in 0.03 ms; 100 would take 0.31 ms, iterations take 0.1."""

STEPS = 8
"""Steps of the iterations towards the largest and the smallest eigenvalue."""

_NO_FACTOR = np.empty((0, 0))


def gated(
    matrix: Floats, observations: float | None, smallest: float | None = None
) -> tuple[Floats, dict[str, float], tuple[str, ...]]:
    """Return the covariance `(K, K)` fit for use, its condition, and warnings.

    It must be finite; what is left of asymmetry by rounding is averaged away. Eigenvalues below −1e-12 of the mean
    variance are set to 0, and the warning says how large they were. A singular or nearly singular covariance is let
    through and reported. `smallest` is its smallest eigenvalue, where that is known. Among many assets the extreme
    eigenvalues come from a few steps of (inverse) iteration, which knows large ratios well and small ones to about a
    fifth; the others are exact. `observations` is None where nobody knows how many there were.
    """
    look = look_at(matrix)
    if look.bad >= 0:
        raise AllocationError(f"the covariance has {int((~np.isfinite(matrix)).sum())} entries that are not numbers")
    if look.apart > 0.0:
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
        from backtest.kernels.square import extremes

        compiled: Any = extremes
        factor = _NO_FACTOR if smallest is not None else _factor(matrix)
        if factor is not None:
            low, high = compiled(frozen_symmetric(matrix), factor, STEPS)
            low = low if smallest is None else smallest
            if smallest is not None or low > float(np.trace(matrix)) / len(matrix) / ILL_CONDITIONED:
                return low, high
    values = np.linalg.eigvalsh(matrix)
    return float(values[0]), float(values[-1])


def _factor(matrix: Floats) -> Floats | None:
    """Return the upper Cholesky factor; None when there is none, and only all eigenvalues can tell."""
    from scipy.linalg.lapack import dpotrf

    factor, failed = dpotrf(matrix, lower=1, clean=0)
    return None if failed else factor.T


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
