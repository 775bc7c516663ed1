"""Weights of observations that fade with age."""

from __future__ import annotations

import numpy as np

from backtest.types import Floats


def fading(n: int, half_life: float) -> Floats:
    """Return weights `(n,)`, oldest first, that add up to 1 and halve every `half_life` observations of age."""
    weights = 0.5 ** (np.arange(n - 1, -1, -1) / half_life)
    faded: Floats = weights / weights.sum()
    return faded
