"""What eigenvalues of a correlation look like when there is nothing to see."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats

POINTS = 1000
"""Points at which two densities are compared, as in López de Prado (2020)."""

GRID = 100
"""Variances tried before the best is narrowed down: there can be more than one dip."""

NARROWINGS = 40
"""Steps of a golden section search within one step of the grid."""

GOLDEN = (5.0**0.5 - 1.0) / 2.0

LEAST = 1e-5
"""How near the variance comes to 0 and to 1."""

MOST_POINTS = 200_000
"""Points of a smoothed density, however narrow the kernel."""


def edge(ratio: float, variance: float = 1.0) -> float:
    """Return the largest eigenvalue of the Marchenko–Pastur law for `ratio` = assets / observations."""
    return float(variance * (1.0 + np.sqrt(ratio)) ** 2)


def density(points: Floats, ratio: float, variance: float) -> Floats:
    """Return the Marchenko–Pastur density at points between its edges (Marchenko and Pastur 1967)."""
    low, high = variance * (1.0 - np.sqrt(ratio)) ** 2, edge(ratio, variance)
    inside = np.maximum((high - points) * (points - low), 0.0)
    law: Floats = np.sqrt(inside) / (2.0 * np.pi * variance * ratio * np.maximum(points, 1e-12))
    return law


def noise_variance(values: Floats, ratio: float, bandwidth: float) -> float:
    """Return the variance in (0, 1) whose law is nearest, in squares, to the smoothed density of the eigenvalues.

    The nearest of all, where a search from one start may end in another dip.
    """
    at, smooth = _smoothed(values, edge(ratio), bandwidth)

    def misfit(variance: float) -> float:
        points = np.linspace(variance * (1.0 - np.sqrt(ratio)) ** 2, edge(ratio, variance), POINTS)
        apart = density(points, ratio, variance) - np.interp(points, at, smooth)
        return float(apart @ apart)

    tried = (np.arange(GRID) + 0.5) / GRID
    best = float(tried[int(np.argmin([misfit(float(variance)) for variance in tried]))])
    low, high = max(best - 1.0 / GRID, LEAST), min(best + 1.0 / GRID, 1.0 - LEAST)
    for _ in range(NARROWINGS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        low, high = (low, right) if misfit(left) <= misfit(right) else (left, high)
    return (low + high) / 2.0


def _smoothed(values: Floats, end: float, bandwidth: float) -> tuple[Floats, Floats]:
    """Return points from 0 to `end`, and there the normal kernel density estimate of the values, cut at 8 deviations.

    Computed once, 20 points a deviation, and read off between them: each kernel at each point of each try took 0.3 s.
    """
    points = np.linspace(0.0, end, min(int(end / bandwidth * 20.0) + 2, MOST_POINTS))
    smooth = np.zeros(len(points))
    starts = np.searchsorted(points, values - 8.0 * bandwidth)
    ends = np.searchsorted(points, values + 8.0 * bandwidth)
    for value, start, stop in zip(values, starts, ends, strict=True):
        smooth[start:stop] += np.exp(-0.5 * ((points[start:stop] - value) / bandwidth) ** 2)
    return points, smooth / (len(values) * bandwidth * np.sqrt(2.0 * np.pi))
