"""The stated projection of methods that do not optimise: the nearest weights that are allowed."""

from __future__ import annotations

import numpy as np

from backtest.allocate.constraints.region import Region
from backtest.allocate.verify import OPTIMAL, worst_breach
from backtest.errors import AllocationError
from backtest.types import Floats


def projected(weights: Floats, region: Region) -> Floats:
    """Return the weights of the region with the least Σ(w − answer)².

    Weights that add up to more, or less, than the region's net exposure are first scaled to the nearest net exposure
    that is allowed, so that a cash reserve takes from all in proportion. Weights that are allowed as they are come back
    as they are, bit for bit.
    """
    scaled = _scaled(weights, region)
    if worst_breach(scaled, region) is None:
        return scaled
    if region.is_simple:
        return shifted(scaled, region)
    from backtest.allocate.solve.quadratic import quadratic

    nearest = quadratic(np.eye(region.n_assets), -scaled, region)
    if not nearest.kkt <= OPTIMAL["kkt"]:
        raise AllocationError(f"the nearest weights that are allowed were not found: kkt residual {nearest.kkt:.3g}")
    return nearest.weights


def shifted(weights: Floats, region: Region) -> Floats:
    """Return the nearest weights within bounds and a net exposure alone: all moved by the same, as far as bounds let.

    w = clip(answer + λ, lower, upper). Σw grows with λ along straight pieces, whose ends are where a weight meets a
    bound: the piece that holds the net exposure gives λ exactly. Source: Helgason, Kennington and Lall (1980).
    """
    inside: Floats = np.clip(weights, region.lower, region.upper)
    low, high = region.net
    aim = min(max(float(inside.sum()), low), high)
    if aim == inside.sum():
        return inside
    ends = np.sort(np.concatenate([region.lower - weights, region.upper - weights]))
    left, right = 0, len(ends) - 1
    while right - left > 1:
        middle = (left + right) // 2
        enough = np.clip(weights + ends[middle], region.lower, region.upper).sum() >= aim
        left, right = (left, middle) if enough else (middle, right)
    within = (ends[left] + ends[right]) / 2.0
    moved: Floats = np.clip(weights + within, region.lower, region.upper)
    free = (moved > region.lower) & (moved < region.upper)
    if free.any():
        moved[free] = weights[free] + (aim - moved[~free].sum() - weights[free].sum()) / free.sum()
    return np.clip(moved, region.lower, region.upper)


def _scaled(weights: Floats, region: Region) -> Floats:
    total = float(weights.sum())
    low, high = region.net
    aim = min(max(total, low), high)
    if aim == total or total <= 0.0 or aim <= 0.0 or abs(aim - total) <= 1e-15 * len(weights):
        return weights
    return weights * (aim / total)
