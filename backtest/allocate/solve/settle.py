"""Which of several equally good weights: those nearest to nothing, so that neither a start nor an order decides.

A singular Q (fewer observations than assets, an asset twice) leaves weights that no objective tells apart. The ridge
that the active-set method needs to choose among them does so to about 1e-7, the rounding of a condition number of
5e9. Here the choice is made without it: among all that are optimal, the least Σ dᵢwᵢ², d the variances.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from backtest.allocate.arrays import frozen_symmetric
from backtest.allocate.solve.check import OPTIMAL, judged
from backtest.allocate.solve.equality import Point, stationary
from backtest.allocate.solve.problem import RIDGE, Problem
from backtest.allocate.solve.solution import Solution
from backtest.allocate.solve.start import weights_inside
from backtest.allocate.solve.state import State
from backtest.types import Floats, Ints

NULL = 1e-10
"""Variance below this share of the largest, of portfolios of assets scaled to the same variance, is none."""

FAR = 1e-5
"""Weights this far apart are not the same but for rounding."""

Solve = Callable[[Problem, Solution], Solution]


def settled(problem: Problem, state: State, w: Floats, solve: Solve) -> Solution | None:
    """Return the optimal weights of least size; None where they are not to be had.

    `w` is optimal but for rounding, `state` what binds there. `solve` finds the optimum of a problem near a solution.
    """
    y = multipliers(problem, state, w)
    face = _Face.of(problem, state, w, y)
    found = _calmest(face, w, solve)
    if found is None:
        return None
    best = face.back(found)
    point = stationary(problem, best, least=True)
    if point is None or not np.abs(point.w - found.weights).max(initial=0.0) <= FAR:
        return None
    exact = Point(np.clip(point.w, problem.lower, problem.upper), point.y, True)
    verdict = judged(problem, best, exact)
    if not verdict.optimal:
        return None
    return Solution(exact.w, np.nan, verdict.kkt, found.iterations, best.key)


@dataclass(frozen=True)
class _Face:
    """The problem in which all that is optimal is allowed; `first` `(K,)` is the number of its first point there."""

    problem: Problem
    first: Ints
    held: Ints  # (M,) working of the rows that are worth something; rows after them hold the risk

    @classmethod
    def of(cls, problem: Problem, state: State, w: Floats, y: Floats) -> _Face:
        """Return the face of a problem at optimal weights with their multipliers."""
        slopes = _slopes(problem, w, y)
        worth = OPTIMAL * _scale(problem, w)
        first, last = _reach(problem, state, slopes, worth)
        size = np.abs(problem.coef).max(axis=(1, 2), initial=0.0)
        ends = np.where(state.working > 0, problem.limits[1], problem.limits[0])
        strict = y * state.working * size > worth
        limits = np.where(strict, ends, problem.limits)
        whole = _trimmed(problem, first, last, limits)
        return cls(
            _with_risk(whole, problem.Q, np.flatnonzero(first < last), w), first, np.where(strict, state.working, 0)
        )

    def back(self, found: Solution) -> State:
        """Return what binds, as the whole problem numbers it."""
        state = State.from_key(found.active, self.problem)
        assert state is not None
        working = np.where(self.held != 0, self.held, state.working[: len(self.held)])
        return State(state.place + 2 * self.first, working)


def multipliers(problem: Problem, state: State, w: Floats) -> Floats:
    """Return the multipliers of the working rows that leave the free variables the least slopes."""
    free, rows = state.free, np.flatnonzero(state.working)
    y = np.zeros(len(state.working))
    pieces = state.pieces(problem)
    slope = problem.Q[free] @ w + problem.c[free] + problem.costs[pieces[free], free]
    A = problem.coef[rows[:, None], pieces[free][None, :], free[None, :]]
    y[rows] = np.linalg.lstsq(A.T, -slope, rcond=None)[0]
    return y


def _slopes(problem: Problem, w: Floats, y: Floats) -> Floats:
    """Return the slope of each variable in each piece `(S, K)`, multipliers included."""
    slopes: Floats = problem.Q @ w + problem.c + problem.costs + np.tensordot(y, problem.coef, axes=1)
    return slopes


def _scale(problem: Problem, w: Floats) -> float:
    """Return the largest slope of what is held, cancellation left out."""
    deviation = np.sqrt(np.maximum(problem.Q.diagonal(), 0.0))
    size = deviation * float(deviation @ np.abs(w)) + np.abs(problem.c)
    return float(size.max(where=w != 0.0, initial=0.0)) or float(size.max(initial=0.0)) or 1.0


def _reach(problem: Problem, state: State, slopes: Floats, worth: float) -> tuple[Ints, Ints]:
    """Return the first and the last point that each variable can go to at no cost, `(K,)` each."""
    first, last = state.place >> 1, (state.place + 1) >> 1
    level = np.abs(slopes) <= worth
    for i, end in enumerate(problem.last):
        while first[i] > 0 and level[first[i] - 1, i]:
            first[i] -= 1
        while last[i] < end and level[last[i], i]:
            last[i] += 1
    return first, last


def _trimmed(problem: Problem, first: Ints, last: Ints, limits: Floats) -> Problem:
    """Return the problem between those points: least Σ dᵢwᵢ², with the rows that are worth something held."""
    n, width = len(first), int((last - first).max(initial=0)) + 1
    size = problem.ridge / RIDGE
    points, pieces = np.full((n, max(2, width)), np.inf), max(1, width - 1)
    coef = np.empty((len(problem.coef), pieces, n))
    for i in range(n):
        points[i, : last[i] - first[i] + 1] = problem.points[i, first[i] : last[i] + 1]
        piece = np.minimum(first[i] + np.arange(pieces), problem.coef.shape[1] - 1)
        coef[:, :, i] = problem.coef[:, piece, i]
    return Problem(
        frozen_symmetric(np.diag(size)),
        np.zeros(n),
        np.zeros(n),
        points,
        last - first,
        np.zeros((pieces, n)),
        coef,
        problem.anchor,
        limits,
    )


def _with_risk(face: Problem, Q: Floats, moving: Ints, w: Floats) -> Problem:
    """Return the face with rows that hold Qw: one for each direction that has risk."""
    size = np.sqrt(face.Q.diagonal()[moving])
    values, vectors = np.linalg.eigh(Q[np.ix_(moving, moving)] / np.outer(size, size))
    risky = values > NULL * float(values.max(initial=0.0))
    rows = np.zeros((int(risky.sum()), len(w)))
    rows[:, moving] = (vectors[:, risky] * size[:, None]).T
    value = rows @ w
    coef = np.broadcast_to(rows[:, None, :], (len(rows), face.coef.shape[1], len(w)))
    return replace(
        face,
        coef=np.ascontiguousarray(np.concatenate([face.coef, coef])),
        anchor=np.vstack([face.anchor, np.zeros_like(rows)]),
        limits=np.column_stack([face.limits, [value, value]]),
    )


def _calmest(face: _Face, w: Floats, solve: Solve) -> Solution | None:
    """Return the weights of the face that are nearest to nothing."""
    inside = weights_inside(face.problem, np.clip(w, face.problem.lower, face.problem.upper))
    if inside is None:
        return None
    state = State.at(face.problem, inside)
    low, high = face.problem.limits
    state.working = np.where(low == high, 1, 0)
    found = solve(face.problem, Solution(inside, 0.0, 0.0, active=state.key))
    return found if found.status == "ok" else None
