"""The independent check that every answer of every method passes."""

from __future__ import annotations

import numpy as np

from backtest.allocate.base import Weights
from backtest.errors import AllocationError

TOLERANCE = 1e-9


def verified(method: str, answer: Weights, n: int) -> Weights:
    """Return the answer when it is `n` finite, long-only weights that a cash account can hold; raise otherwise."""
    weights = answer.weights
    if weights.shape != (n,):
        raise AllocationError(f"{method} answered with shape {weights.shape}; expected {(n,)}")
    if not np.isfinite(weights).all():
        raise AllocationError(f"{method} answered with {np.sum(~np.isfinite(weights))} weights that are not numbers")
    if weights.sum() > 1.0 + TOLERANCE:
        raise AllocationError(
            f"{method} answered with weights that add up to {weights.sum():.9g}; at most 1 is allowed"
        )
    if n and weights.min() < -TOLERANCE:
        raise AllocationError(
            f"{method} answered with a weight of {weights.min():.9g}; long-only weights are at least 0"
        )
    return answer
