"""Whether a point is the best one, and if not, which rules should change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest.allocate.solve.equality import Point
from backtest.allocate.solve.problem import Problem
from backtest.allocate.solve.state import DUST, State

OPTIMAL = 4e-10
"""A slope that would gain no more than this, relative to the slopes of what is held, is rounding."""

WEAK = 1e-9
"""Below this, a rule that binds might as well not: then the best weights may not be unique."""

OUTSIDE = 1e-11
"""A row may be missed by this much of what is added up in it."""

TOLERANCES = np.array([OPTIMAL, WEAK, OUTSIDE, DUST])


@dataclass(frozen=True)
class Verdict:
    """`kkt`: worst slope that would gain, relative; `feasible`; `strict`: no rule binds by accident.

    `better` is the state to try next. `exact` is this one with every tight row working, and what is at the end of its
    piece at that point.
    """

    kkt: float
    feasible: bool
    strict: bool
    better: State
    exact: State

    @property
    def optimal(self) -> bool:
        """Whether the point is the best one."""
        return self.feasible and self.kkt <= OPTIMAL


def judged(problem: Problem, state: State, point: Point) -> Verdict:
    """Look at every variable and row once: what is outside goes to its end, what would gain is let go.

    Where the ridge was needed to tell equally good weights apart, it is part of the problem.
    """
    from backtest.kernels.judge import judge

    k, m = len(point.w), len(point.y)
    better, exact = np.empty(k + m, dtype=np.int64), np.empty(k + m, dtype=np.int64)
    look: Any = judge
    kkt, feasible, strict = look(
        problem.Q,
        problem.c,
        np.zeros(k) if point.healthy else problem.ridge,
        problem.points,
        problem.last,
        problem.costs,
        problem.coef,
        problem.anchor,
        problem.limits,
        point.w,
        point.y,
        state.place,
        state.working,
        better,
        exact,
        TOLERANCES,
    )
    return Verdict(kkt, feasible, strict, State(better[:k].copy(), better[k:].copy()), State(exact[:k], exact[k:]))
