"""Which rules bind: what an active-set method guesses, and what its exact answer depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from backtest.allocate.solve.problem import Problem
from backtest.types import Floats, Ints

DUST = 1e-11
"""A weight nearer than this to a point is at it."""


@dataclass
class State:
    """`place` `(K,)`: 2j at point j, 2s + 1 between points s and s + 1; `working` `(M,)`: −1 low, 1 high, 0 free."""

    place: Ints
    working: Ints

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What two equal states have in common, hashable."""
        return self.place.tobytes(), self.working.tobytes()

    @property
    def free(self) -> Ints:
        """Numbers of the variables between points, in order."""
        return np.flatnonzero(self.place & 1)

    def copy(self) -> Self:
        """Return a state of its own."""
        return type(self)(self.place.copy(), self.working.copy())

    @classmethod
    def from_key(cls, key: Any, problem: Problem) -> Self | None:
        """Return the state that a guess names; None when it is not one of this problem."""
        k, m = len(problem.c), len(problem.limits[0])
        if not (isinstance(key, tuple) and len(key) == 2 and all(isinstance(part, bytes) for part in key)):
            return None
        if len(key[0]) != 8 * k or len(key[1]) != 8 * m:
            return None
        place, working = (np.frombuffer(part, dtype=np.int64).copy() for part in key)
        known = (place >= 0).all() and (place <= 2 * problem.last).all() and (np.abs(working) <= 1).all()
        ends = np.where(working > 0, problem.limits[1], np.where(working < 0, problem.limits[0], 0.0))
        at = problem.points[np.arange(k), np.clip(place >> 1, 0, problem.points.shape[1] - 1)]
        if not known or not np.isfinite(ends).all() or not np.isfinite(at[place % 2 == 0]).all():
            return None
        return cls(place, working)

    @classmethod
    def at(cls, problem: Problem, w: Floats) -> Self:
        """Return the state of a point: which points it is at, and no rows."""
        place = np.zeros(len(w), dtype=np.int64)
        for j in range(problem.points.shape[1]):
            point = problem.points[:, j]
            valid = j <= problem.last
            here = valid & np.isfinite(point)
            here[here] = np.abs(w[here] - point[here]) <= DUST * np.maximum(1.0, np.abs(point[here]))
            place = np.where(valid & (w > point), 2 * j + 1, place)
            place = np.where(here, 2 * j, place)
        place = np.minimum(place, 2 * problem.last)
        return cls(place.astype(np.int64), np.zeros(problem.limits.shape[1], dtype=np.int64))

    def values(self, problem: Problem, w: Floats) -> tuple[Floats, Floats]:
        """Return the value of each row at weights of this state, and the size of what is added up in it, `(M,)`."""
        coef = problem.coef[:, self.pieces(problem), np.arange(len(w))]
        parts = coef * (w - problem.anchor)
        return parts.sum(axis=1), np.maximum(np.abs(parts).sum(axis=1), np.abs(coef).max(axis=1, initial=0.0))

    def pieces(self, problem: Problem) -> Ints:
        """Return the piece whose slopes hold for each variable; at a point, the one to its right where there is one."""
        piece: Ints = np.minimum(self.place >> 1, np.maximum(problem.last - 1, 0))
        return piece

    def starts(self, problem: Problem) -> Floats:
        """Return the weights of variables at points, and 0 for the others, `(K,)`."""
        at = problem.points[np.arange(len(self.place)), self.place >> 1]
        return np.where(self.place & 1, 0.0, at)
