"""Quadratic programs over a region: exact, with zeros that are zeros, and the same bits from any start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backtest.allocate.constraints.region import Region, trading_cost
from backtest.allocate.solve.check import Verdict, judged
from backtest.allocate.solve.equality import Point, stationary
from backtest.allocate.solve.linear import minimise_linear
from backtest.allocate.solve.problem import Problem
from backtest.allocate.solve.quick import best_value, is_small
from backtest.allocate.solve.settle import multipliers, settled
from backtest.allocate.solve.solution import Solution
from backtest.allocate.solve.start import started, weights_inside
from backtest.allocate.solve.state import State
from backtest.errors import AllocationError
from backtest.types import Floats

ROUNDS = 12
"""Exchanges of whole sets of rules before the active-set method takes over."""

STEPS = 20
"""Steps of the active-set method for each variable, row and point, at most."""


def quadratic(Q: Floats, c: Floats, region: Region, *, rates: Floats | None = None, guess: Any = None) -> Solution:
    """Minimise ½wᵀQw + cᵀw + Σ rateᵢ|wᵢ − currentᵢ| over the region.

    Q `(K, K)` is symmetric and positive semi-definite, c `(K,)`. Where several weights are equally good (fewer
    observations than assets, an asset twice) those of the least Σ Qᵢᵢwᵢ² are the answer. With Q = 0 it is a linear
    program. `guess` is an earlier solution, or its `active`: it saves time where it is near, and never changes the
    answer. Raise `AllocationError` where no weights obey the rules.
    """
    if region.risk_caps:
        from backtest.allocate.solve.risk_caps import capped

        return capped(Q, c, region, rates=rates, guess=guess)
    small = is_small(region, rates)
    quick = best_value(Q, c, region, guess) if small else None
    if quick is not None:
        return quick
    if not Q.any():
        return minimise_linear(c, region, rates=rates, even=True)
    solution = optimum(Problem.of(Q, c, region, rates), region, guess, settle=True)
    if small:
        return best_value(Q, c, region, solution) or solution
    if rates is None:
        return solution
    return replace(solution, objective=solution.objective + trading_cost(solution.weights, rates, region))


def objective(Q: Floats, c: Floats, region: Region, w: Floats, rates: Floats | None = None) -> float:
    """Return ½wᵀQw + cᵀw + Σ rateᵢ|wᵢ − currentᵢ|."""
    return _value(Q, c, w) + trading_cost(w, rates, region)


def _value(Q: Floats, c: Floats, w: Floats) -> float:
    held = np.flatnonzero(w)
    return 0.5 * float(w[held] @ Q[np.ix_(held, held)] @ w[held]) + float(c @ w)


def optimum(problem: Problem, region: Region, guess: Any = None, settle: bool = False) -> Solution:
    """Return the solution of a problem over its region without risk caps.

    Where several are equally good, with `settle` the one of least size (`settled`), else one that the ridge chooses.
    """
    inside = weights_inside(problem, guess.weights) if isinstance(guess, Solution) else None
    state = _guessed(problem, guess.active if isinstance(guess, Solution) else guess)
    near: Floats | None = None
    iterations = 0
    if state is not None:
        state, point, verdict, iterations = exchanged(problem, state)
        if point is not None and verdict.optimal and verdict.strict and point.healthy:
            return _solution(problem, state, point, verdict, iterations)
        near = None if point is None else point.w
        inside = near if verdict.feasible else inside
    w, state, steps = _descended(problem, region, near, inside)
    found, point, verdict, more = exchanged(problem, state)
    iterations += steps + more
    if point is None or not verdict.optimal:
        settle = bool(problem.ridge.any())  # a face has none, and no face of its own
    else:
        w, state = point.w, found
    if settle and (point is None or not point.healthy or not verdict.optimal):
        best = settled(problem, state, w, lambda face, start: optimum(face, region, start))
        if best is not None:
            return replace(best, objective=_value(problem.Q, problem.c, best.weights), iterations=iterations)
    if verdict.feasible:
        return _solution(problem, found, point, verdict, iterations)
    point = Point(w, multipliers(problem, state, w), True)  # rules that no exact point obeys
    kkt = judged(problem, state, point).kkt
    return Solution(w, _value(problem.Q, problem.c, w), kkt, iterations, state.key, "inexact")


def _guessed(problem: Problem, guess: Any) -> State | None:
    """Return the state to try first: the guess, or everything free where weights may be negative."""
    state = State.from_key(guess, problem)
    if state is not None or (problem.lower >= 0.0).all():
        return state
    state = State.at(problem, np.clip(np.zeros(len(problem.c)), problem.lower, problem.upper))
    state.place = np.minimum(state.place | 1, np.maximum(2 * problem.last - 1, 0))
    state.working = np.where(problem.limits[0] == problem.limits[1], 1, 0)
    return state


def exchanged(problem: Problem, state: State) -> tuple[State, Point | None, Verdict, int]:
    """Exchange whole sets of rules until none is wrong; stop when that does not get better.

    Source: the primal-dual active-set method of Hintermüller, Ito and Kunisch (2003). It need not end, so it is tried
    for a number of rounds, and what it ends with is checked like everything else.
    """
    nothing = Verdict(np.inf, False, False, state, state)
    for k in range(ROUNDS):
        point = stationary(problem, state)
        if point is None:
            return state, None, nothing, k
        verdict = judged(problem, state, point)
        if verdict.optimal or k == ROUNDS - 1:
            break
        state = verdict.better
    return state, point, verdict, k + 1


def _descended(
    problem: Problem, region: Region, near: Floats | None, inside: Floats | None
) -> tuple[Floats, State, int]:
    """Run the active-set method from a point that obeys all rules."""
    from backtest.kernels.active_set import descend

    w, state = started(problem, region, near, inside)
    k, m = len(w), len(state.working)
    factor = np.zeros((k, k))
    n_ready = _factorised(problem, state, factor)
    run: Any = descend
    _, steps = run(
        problem.Q,
        problem.c,
        problem.ridge,
        problem.points,
        problem.last,
        problem.costs,
        problem.coef,
        problem.anchor,
        problem.limits,
        w,
        state.place,
        state.working,
        factor,
        n_ready,
        STEPS * (k + m + 1),
    )
    return w, state, int(steps)


def _factorised(problem: Problem, state: State, factor: Floats) -> int:
    """Put the Cholesky factor of many free variables where the kernel expects it; return how many it is of."""
    free = state.free
    if len(free) < 32:
        return 0
    try:
        factor[: len(free), : len(free)] = np.linalg.cholesky(
            problem.Q[np.ix_(free, free)] + np.diag(problem.ridge[free])
        ).T
    except np.linalg.LinAlgError:
        return 0
    return len(free)


def _solution(problem: Problem, state: State, point: Point | None, verdict: Verdict, iterations: int) -> Solution:
    """Return the point of a state, as it comes out with all rows that are tight in their order."""
    if point is None:
        raise AllocationError("the quadratic program has no solution that can be computed: is the covariance finite?")
    exact = point if verdict.exact.key == state.key else stationary(problem, verdict.exact) or point
    kkt = verdict.kkt if point.healthy else judged(problem, state, replace(point, healthy=True)).kkt
    status = "ok" if verdict.optimal else "inexact"
    value = _value(problem.Q, problem.c, exact.w)
    return Solution(exact.w, value, kkt, iterations, state.key, status, point.healthy)
