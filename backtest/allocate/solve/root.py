"""Finding the price at which an optimal answer has what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from backtest.allocate.solve.solution import Solution

STEPS = 100

FURTHER = 8.0
"""How many times as far to look where nothing is known beyond, and its square back."""

S = TypeVar("S", bound=Solution)


@dataclass(frozen=True)
class Bracket:
    """A value of at most 0 at `low` and above 0 at `high`."""

    low: float
    below: float
    high: float
    above: float


def narrowed(at: Callable[[float, S], tuple[S, float]], bracket: Bracket, low: S, near: float) -> S:
    """Return the answer at the root of a growing function, from below: its value is at most 0, and above −`near`.

    Secants with the Illinois rule; a bisection where three of them did not halve the bracket. `at` takes a place and an
    answer near it, which it may start from.
    """
    a, fa, b, fb = bracket.low, bracket.below, bracket.high, bracket.above
    best, value, side, width, stuck = low, fa, 0, b - a, 0
    for _ in range(STEPS):
        if value > -near:
            break
        middle = a - fa * (b - a) / (fb - fa) if stuck < 3 else 0.5 * (a + b)
        if not a < middle < b:
            middle = 0.5 * (a + b)
        if not a < middle < b:
            break
        found, f = at(middle, best)
        if 0.0 < f <= near:
            return found
        if f > 0.0:
            b, fb, fa, side = middle, f, fa / 2.0 if side > 0 else fa, 1
        else:
            a, fa, fb, side, best, value = middle, f, fb / 2.0 if side < 0 else fb, -1, found, f
        stuck = 0 if b - a <= 0.5 * width else stuck + 1
        width = b - a if stuck == 0 else width
    return best


def secant(low: float, high: float, above: float, below: float) -> float:
    """Return where a straight line through two values of h is 0; half-way where that is nowhere between."""
    step = low + above * (high - low) / (above - below) if above > 0.0 > below else np.nan
    return step if low < step < high else between(low, high)


def between(low: float, high: float) -> float:
    """Return where to look between two prices when Newton does not know."""
    if np.isinf(high):
        return FURTHER * low
    return 0.5 * (low + high) if low > 0.0 else high / FURTHER**2
