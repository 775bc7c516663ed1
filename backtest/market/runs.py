"""Stretches of True in a row of booleans."""

from __future__ import annotations

import numpy as np

from backtest.types import Bools, Ints


def runs(mask: Bools) -> Ints:
    """Return the lengths of the stretches of True, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    lengths: Ints = edges[1::2] - edges[::2]
    return lengths


def longest_run(mask: Bools) -> int:
    """Return the length of the longest stretch of True, 0 when there is none."""
    return int(runs(mask).max(initial=0))
