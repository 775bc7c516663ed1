"""How far below its own past a path has fallen, and for how long.

A path has the initial capital in front, so that index 0 is the start and index k the end of bar k: a loss in the first
bar is a drawdown. Drawdowns are numbers ≤ 0: -0.25 means a quarter below the highest value before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.types import Floats


@dataclass(frozen=True)
class Drawdown:
    """One fall from a peak until the path is back at it. The places are indices into the path."""

    depth: float  # at the valley, ≤ 0
    peak: int  # the last place at the old height
    valley: int
    recovery: int | None  # first place back at the old height or above; None while still open


def underwater(path: Floats) -> Floats:
    """Return value over highest value so far, less one: shape of `path`, numbers ≤ 0.

    The first value must be positive; a value below zero gives less than -1.
    """
    return path / np.maximum.accumulate(path) - 1.0


def drawdowns(path: Floats) -> list[Drawdown]:
    """Return every drawdown in the order of time; an unfinished one is last and has no recovery."""
    below = underwater(path)
    edge = np.diff(np.concatenate(([False], below < 0.0, [False])).astype(np.int8))
    starts, ends = np.flatnonzero(edge == 1), np.flatnonzero(edge == -1)
    return [_episode(below, int(start), int(end)) for start, end in zip(starts, ends, strict=True)]


def max_drawdown(path: Floats) -> Drawdown | None:
    """Return the deepest drawdown, the first of equals; None when the path never fell."""
    below = underwater(path)
    valley = int(np.argmin(below))
    if below[valley] >= 0.0:
        return None
    level = np.flatnonzero(below == 0.0)
    place = int(np.searchsorted(level, valley))
    return Drawdown(
        depth=float(below[valley]),
        peak=int(level[place - 1]),
        valley=valley,
        recovery=int(level[place]) if place < level.size else None,
    )


def _episode(below: Floats, start: int, end: int) -> Drawdown:
    valley = start + int(np.argmin(below[start:end]))
    return Drawdown(float(below[valley]), start - 1, valley, end if end < below.size else None)
