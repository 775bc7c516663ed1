"""The answer under bounds and a net exposure in one call: the time of a small problem is mostly Python's.

Which problems are tried here depends on their shape alone, never on a guess, and what is found depends on nothing but
what binds. The general path gives its own answer to this one too, to be computed once more: so both give the same bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from backtest.allocate.arrays import frozen_symmetric
from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.check import TOLERANCES
from backtest.allocate.solve.equality import HEALTHY
from backtest.allocate.solve.solution import Solution
from backtest.types import Floats, Ints

MOST = 512
"""As many assets are tried when no weight may be negative: 2 to 3 ms cold, the general path takes 2 to 5."""

MOST_SHORT = 128
"""As many otherwise: all are free at first then, and LAPACK has the better Cholesky factor of many."""

LIMITS = np.append(TOLERANCES, HEALTHY)


def is_small(region: Region, rates: Floats | None) -> bool:
    """Whether a problem has the shape that is tried here."""
    if rates is not None or region.n_assets > MOST or not region.is_simple:
        return False
    return region.n_assets <= MOST_SHORT or bool((region.lower >= 0.0).all())


def best_value(Q: Floats, c: Floats, region: Region, guess: Any = None) -> Solution | None:
    """Return the minimum of ½wᵀQw + cᵀw; None when it is not here that it can be told."""
    ran = _Run(Q, -c, region, guess)
    found = ran.go(False)
    return None if found is None else ran.solution(0.5 * found[0] - found[1])


def best_ratio(Q: Floats, a: Floats, region: Region, guess: Any = None) -> Solution | None:
    """Return the largest aᵀw / √(wᵀQw); None when it is not here that it can be told.

    Where cash may be held beside weights of at least 0, nothing is better than the best that hold none, unless their
    upper bounds hold them back: with less of everything these would not.
    """
    low, high = region.net
    scales = low == high or bool(high > 0.0 and not region.lower.any())
    if not scales:
        return None
    ran = _Run(Q, a, region, guess)
    ran.limits[0] = ran.limits[1]
    found = ran.go(True)
    if found is None or (low != high and (ran.place[:-1] == 2).any()):
        return None
    return ran.solution(float(found[1] / np.sqrt(found[0])))


class _Run:
    """One call of the kernel, its arguments and what it writes."""

    def __init__(self, Q: Floats, a: Floats, region: Region, guess: Any) -> None:
        k = region.n_assets
        self.Q = frozen_symmetric(Q)
        self.rules = np.empty((4, k))
        self.rules[0], self.rules[1], self.rules[2], self.rules[3] = region.lower, region.upper, region.rows[0], a
        low, high = region.net
        self.limits = np.array([low, min(high, region.gross)])
        place = None if guess is None else _named(guess, self.rules, self.limits)
        self.guessed = place is not None
        self.place = np.empty(k + 1, dtype=np.int64) if place is None else place
        self.w = np.empty(k)
        self.kkt, self.rounds = np.inf, 0

    def go(self, seek: bool) -> tuple[float, float] | None:
        """Return variance and gain of what was found."""
        from backtest.kernels.bounded import FOUND, bounded

        run: Any = bounded
        status, self.rounds, self.kkt, variance, gain = run(
            self.Q, self.rules, self.limits, seek, self.guessed, self.place, self.w, LIMITS
        )
        return (variance, gain) if status == FOUND else None

    def solution(self, objective: float) -> Solution:
        """Return what was found."""
        active = self.place[:-1].tobytes(), self.place[-1:].tobytes()
        return Solution(self.w, objective, self.kkt, self.rounds, active)


def _named(guess: Any, rules: Floats, limits: Floats) -> Ints | None:
    """Return what binds as a guess has it; None when that is nothing of this problem."""
    k = rules.shape[1]
    key = guess.active if isinstance(guess, Solution) else guess
    if not (isinstance(key, tuple) and len(key) == 2 and all(isinstance(part, bytes) for part in key)):
        return None
    if len(key[0]) != 8 * k or len(key[1]) != 8:
        return None
    place = np.frombuffer(key[0] + key[1], dtype=np.int64).copy()
    return place if _is_known(place, rules, limits) else None


def _is_known(place: Ints, rules: Floats, limits: Floats) -> bool:
    """Whether variables are at ends that exist, and so is the row."""
    if place.min() < -1 or place[:-1].min(initial=0) < 0 or (place[:-1] > 2 * (rules[0] < rules[1])).any():
        return False
    if place[-1] > 1 or (place[-1] == 0 and limits[0] == limits[1]):
        return False
    at = np.where(place[:-1] == 2, rules[1], np.where(place[:-1] == 0, rules[0], 0.0))
    end = limits[0] if place[-1] < 0 else limits[1] if place[-1] > 0 else 0.0
    return bool(np.isfinite(at).all() and np.isfinite(end))
