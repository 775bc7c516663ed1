"""How much of a portfolio sits in how few names.

Weights are `(N,)` or `(T, N)`, one answer a row. They are taken by size and rescaled to sum to one, so cash is left
out: half in one asset and half in cash is as concentrated as all in it. NaN counts as no position; a row without
any position has no answer (NaN).
"""

from __future__ import annotations

import numpy as np

from backtest.types import Floats


def hhi(weights: Floats) -> Floats:
    """Return the Herfindahl–Hirschman index Σw²: 1/N for equal weights, 1 for a single name."""
    size = np.abs(np.nan_to_num(weights, nan=0.0))
    gross = size.sum(axis=-1, keepdims=True)
    share = np.divide(size, gross, out=np.full_like(size, np.nan), where=gross > 0.0)
    return np.asarray((share * share).sum(axis=-1))


def effective_number(weights: Floats) -> Floats:
    """Return 1/HHI: how many equally weighted names would be as concentrated."""
    return np.asarray(1.0 / hhi(weights))


def normalised_hhi(weights: Floats) -> Floats:
    """Return (HHI − 1/N)/(1 − 1/N): 0 for equal weights over all N columns, 1 for a single name; 1 when N is 1."""
    n = weights.shape[-1]
    index = hhi(weights)
    return np.asarray((index - 1.0 / n) / (1.0 - 1.0 / n)) if n > 1 else index
