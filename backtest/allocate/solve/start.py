"""A point that obeys all rules, for the active-set method to start from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.allocate.constraints.candidates import candidates
from backtest.allocate.constraints.region import Region
from backtest.allocate.solve.linear import minimise_linear
from backtest.allocate.solve.problem import Problem
from backtest.allocate.solve.state import DUST, State
from backtest.errors import AllocationError
from backtest.types import Floats

INSIDE = 1e-12
"""A row that is missed by this share of what is added up in it is obeyed."""


def started(
    problem: Problem, region: Region, near: Floats | None = None, inside: Floats | None = None
) -> tuple[Floats, State]:
    """Return weights in the region and their state: `inside`, when that is known to be there, else close to `near`."""
    if inside is not None:
        return _held(problem, inside.copy())
    if problem.coef.shape[:2] == (1, 1):
        return _filled(problem, near)
    for weights in candidates(region):
        inside = weights_inside(problem, weights)
        if inside is not None:  # two to ten times as fast as a linear program, up to hundreds of assets
            return _held(problem, inside.copy())
    bounded = np.isfinite(problem.lower).all() and np.isfinite(problem.upper).all()
    cost = problem.c if bounded else np.zeros(len(problem.c))
    return _held(problem, minimise_linear(cost, replace(region, risk_caps=(), betas=())).weights)


def weights_inside(problem: Problem, w: Floats) -> Floats | None:
    """Return weights when they obey all rules of a problem, else None."""
    if w.shape != problem.c.shape or not np.isfinite(w).all():
        return None
    if (w < problem.lower).any() or (w > problem.upper).any():
        return None
    state = State.at(problem, w)
    values, size = state.values(problem, w)
    low, high = problem.limits
    missed = (values < low - INSIDE * size) | (values > high + INSIDE * size)
    return None if missed.any() else w


def _held(problem: Problem, w: Floats) -> tuple[Floats, State]:
    """Return weights inside with their state, in which rows at an end work."""
    state = State.at(problem, w)
    _hold_rows(problem, state, w)
    return w, state


def _filled(problem: Problem, near: Floats | None) -> tuple[Floats, State]:
    """Meet one row: go from `near`, or from as little as allowed, by the calmest assets first."""
    low, high = problem.lower, problem.upper
    a, (least, most) = problem.coef[0, 0], problem.limits[:, 0]
    w = np.clip(np.zeros(len(low)) if near is None else near, low, high)
    value = float(a @ w)
    goal = least if value < least else most if value > most else value
    order = np.argsort(0.5 * problem.Q.diagonal() + problem.c, kind="stable")
    moved = -1
    for i in order if goal > value else order[::-1]:
        if goal == value:
            break
        step = (goal - value) / a[i] if a[i] != 0.0 else 0.0
        changed = float(np.clip(w[i] + step, low[i], high[i]))
        if changed != w[i]:
            w[i], moved = changed, int(i)
            value = float(a @ w)
            if changed - low[i] > 0.0 and abs(goal - value) <= 1e-14 * max(1.0, abs(goal)):
                break
    if abs(goal - value) > 1e-9 * max(1.0, abs(goal)):
        if near is not None:
            return _filled(problem, None)  # what is near can be so large that the row is lost in its rounding
        raise AllocationError(
            f"no weights obey the bounds and a net exposure of {goal:g}: at the nearest it is {value:g}"
        )
    return w, _net_state(problem, w, value, moved)


def _net_state(problem: Problem, w: Floats, value: float, moved: int) -> State:
    """Return the state of weights with one row; the row works where a free variable can carry it."""
    state = State.at(problem, w)
    least, most = problem.limits[:, 0]
    near = DUST * max(1.0, abs(value))
    side = 1 if abs(value - most) <= near else -1 if abs(value - least) <= near else 0
    if side and not state.free.size and moved >= 0:
        state.place[moved] += 1 if state.place[moved] == 0 else -1
    state.working[0] = side if state.free.size and problem.coef[0, 0, state.free].any() else 0
    return state


def _hold_rows(problem: Problem, state: State, w: Floats) -> None:
    """Let the rows work that are at an end and can be told apart on the free variables."""
    free, pieces = state.free, state.pieces(problem)
    coef = problem.coef[:, pieces, np.arange(len(w))]
    values, size = state.values(problem, w)
    basis, held = np.empty((min(len(values), len(free)), len(free))), 0
    for r in range(len(values)):
        at = [abs(values[r] - end) <= 1e-9 * size[r] for end in problem.limits[:, r]]
        if not any(at) or held == len(basis):
            continue
        rest = coef[r, free].copy()
        length = float(np.sqrt(rest @ rest))
        for _ in range(2):
            rest -= (basis[:held] @ rest) @ basis[:held]
        left = float(np.sqrt(rest @ rest))
        if left > 1e-9 * length:
            basis[held] = rest / left
            held += 1
            state.working[r] = 1 if at[1] else -1
