"""The exact minimum once it is known which rules bind, always computed in the same order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.allocate.solve.problem import Problem
from backtest.allocate.solve.state import State
from backtest.types import Floats, Ints

HEALTHY = 1e-9
"""A squared pivot of a Cholesky factor below this share of its diagonal means that the ridge must help."""

DEPENDENT = 1e-10
"""A row is a sum of the rows before it when less than this share of it is left beside them."""

NULL = 1e-10
"""A singular value below this share of the largest is none, with all assets in units of the same variance."""

UNSEEN = 1e-20
"""A weight below this share of the largest is 0: beside an asset without risk the others are rounding of nothing."""


@dataclass(frozen=True)
class Point:
    """Weights `(K,)`, multipliers of the rows `(M,)`, and whether the free weights are unique without the ridge."""

    w: Floats
    y: Floats
    healthy: bool


def stationary(problem: Problem, state: State, least: bool = False) -> Point | None:
    """Return the point where the free variables are at their minimum on the working rows; None when there is none.

    Where there are several, the ridge chooses, to about 1e-7; with `least` it is the limit of ever smaller ridges, the
    one of least size. Only `state` and the problem decide about the bits: variables and rows are taken in their order.
    """
    free, pieces = state.free, state.pieces(problem)
    w = state.starts(problem)
    y = np.zeros(len(state.working))
    if not free.size:
        return Point(w, y, True)
    rows, A = _rows(problem, state, free, pieces)
    goal = _goal(problem, state, rows, pieces, w)
    linear = problem.c[free] + problem.costs[pieces[free], free]
    held = np.flatnonzero(w)
    if held.size:
        linear = linear + problem.Q[np.ix_(free, held)] @ w[held]
    found = (_by_size if least else _solve)(problem.Q[np.ix_(free, free)], problem.ridge[free], linear, A, goal)
    if found is None:
        return None
    w[free], y[rows], healthy = found
    w[np.abs(w) < UNSEEN * float(np.abs(w).max())] = 0.0
    return Point(w, y, healthy)


def _rows(problem: Problem, state: State, free: Ints, pieces: Ints) -> tuple[Ints, Floats]:
    """Return the working rows that are no sum of those before them, and their coefficients of the free variables."""
    rows = np.flatnonzero(state.working)
    A = problem.coef[rows[:, None], pieces[free][None, :], free[None, :]]
    if len(rows) <= 1:
        kept = [k for k in range(len(rows)) if A[k].any()]
        return rows[kept], A[kept]
    basis, kept = np.empty((min(len(rows), len(free)), len(free))), []
    for k, row in enumerate(A):
        if len(kept) == len(basis):
            break
        known, rest = basis[: len(kept)], row.copy()
        for _ in range(2):
            rest -= (known @ rest) @ known
        left = float(np.sqrt(rest @ rest))
        if left > DEPENDENT * float(np.sqrt(row @ row)):
            basis[len(kept)] = rest / left
            kept.append(k)
    return rows[kept], A[kept]


def _goal(problem: Problem, state: State, rows: Ints, pieces: Ints, w: Floats) -> Floats:
    """Return what the free variables must add up to in each working row."""
    every = np.arange(len(w))
    ends = np.where(state.working > 0, problem.limits[1], problem.limits[0])[rows]
    goal = np.empty(len(rows))
    for k, r in enumerate(rows):
        coef = problem.coef[r, pieces, every]
        goal[k] = ends[k] - coef @ (w - problem.anchor[r])
    return goal


def _solve(H: Floats, ridge: Floats, linear: Floats, A: Floats, goal: Floats) -> tuple[Floats, Floats, bool] | None:
    """Solve Hx + Aᵀy = −linear, Ax = goal, with one step of refinement."""
    from scipy.linalg.lapack import dpotrf

    factor, fault = dpotrf(H, lower=1, overwrite_a=0)
    if fault == 0 and (np.diagonal(factor) ** 2 > HEALTHY * np.diagonal(H)).all():
        return _by_factor(H, factor, linear, A, goal)
    return _by_ridge(H + np.diag(ridge), linear, A, goal)


def _by_factor(H: Floats, factor: Floats, linear: Floats, A: Floats, goal: Floats) -> tuple[Floats, Floats, bool]:
    """Solve with the Cholesky factor of H and the small matrix AH⁻¹Aᵀ."""
    from scipy.linalg.lapack import dpotrs

    solved = dpotrs(factor, np.column_stack([linear, A.T]), lower=1)[0]
    base, spread = solved[:, 0], solved[:, 1:]
    small = A @ spread
    y = -np.linalg.solve(small, goal + A @ base) if len(goal) else goal
    x = -base - spread @ y
    force, miss = -(linear + H @ x + A.T @ y), goal - A @ x
    again = dpotrs(factor, force, lower=1)[0]
    dy = np.linalg.solve(small, A @ again - miss) if len(goal) else goal
    w = goal / A[0] if A.shape == (1, 1) else x + again - spread @ dy  # no choice, and so no rounding
    return w, y + dy, True


def _by_ridge(H: Floats, linear: Floats, A: Floats, goal: Floats) -> tuple[Floats, Floats, bool] | None:
    """Solve the whole system, symmetric but not definite."""
    n, m = len(linear), len(goal)
    size = float(np.abs(H).max()) or 1.0
    system = np.block([[H / size, A.T], [A, np.zeros((m, m))]])
    right = np.concatenate([-linear / size, goal])
    try:
        found = np.linalg.solve(system, right)
        found += np.linalg.solve(system, right - system @ found)
    except np.linalg.LinAlgError:
        return None
    return (found[:n], found[n:] * size, False) if np.isfinite(found).all() else None


def _by_size(H: Floats, ridge: Floats, linear: Floats, A: Floats, goal: Floats) -> tuple[Floats, Floats, bool] | None:
    """Solve the whole system in units in which all have the same ridge, without what has no eigenvalue."""
    n, m = len(linear), len(goal)
    unit = np.sqrt(ridge)
    scaled = H / np.outer(unit, unit)
    size = float(np.abs(scaled).max()) or 1.0
    rows = A / unit
    length = np.sqrt((rows * rows).sum(axis=1))
    rows = rows / length[:, None]
    system = np.block([[scaled / size, rows.T], [rows, np.zeros((m, m))]])
    right = np.concatenate([-linear / unit / size, goal / length])
    if not (np.isfinite(system).all() and np.isfinite(right).all()):
        return None
    values, vectors = np.linalg.eigh(system)
    real = np.abs(values) > NULL * float(np.abs(values).max())
    values, vectors = values[real], vectors[:, real]
    found = vectors @ ((vectors.T @ right) / values)
    found += vectors @ ((vectors.T @ (right - system @ found)) / values)
    return found[:n] / unit, found[n:] * size / length, True
