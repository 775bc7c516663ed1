"""Whether any weights obey all rules, found out before the solve; and if none do, why, and what would help.

Linear rules only: bounds, rows, gross, turnover. Caps on risk are looked at when a solver has given up (`risk_clash`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np

from backtest.allocate.constraints.candidates import candidates
from backtest.allocate.constraints.region import NEAR, Region
from backtest.allocate.constraints.rules import Rule, rules_of
from backtest.allocate.verify import worst_breach
from backtest.errors import AllocationError, InfeasibleError
from backtest.types import Floats


def demand(region: Region) -> None:
    """Raise InfeasibleError when no weights obey the linear rules; cheap where that is plain to see."""
    if not region.n_assets and region.net[0] > NEAR:
        raise InfeasibleError(f"no symbol can be held, and net is at least {region.net[0]:g}")
    if is_plainly_feasible(region) or is_feasible(region):
        return
    rules = rules_of(region)
    if least_relaxation(rules, region, range(len(rules)))[0] > NEAR:
        raise InfeasibleError(clash(rules, region) + later(region))


def later(region: Region) -> str:
    """Name the rules that the linear ones are looked at without; they may ask for more than was advised."""
    names = ["beta" for _ in region.betas] + [cap.name for cap in region.risk_caps] + limits_on_positions(region)
    return f" ({' and '.join(names)}: looked at once these are kept)" if names else ""


def limits_on_positions(region: Region) -> list[str]:
    """Name the limits on the number and the size of positions."""
    few = region.max_positions is not None and region.max_positions < region.n_assets
    return ["max_positions"] * few + ["min_position"] * (region.min_position > 0.0)


def obeys(region: Region) -> bool:
    """Say whether any weights obey the linear rules."""
    try:
        demand(region)
    except InfeasibleError:
        return False
    return True


def is_plainly_feasible(region: Region) -> bool:
    """Say whether weights that obey all rules are found without a linear program."""
    low, high = region.net
    if (region.lower > region.upper).any() or region.upper.sum() < low - NEAR or region.lower.sum() > high + NEAR:
        return False
    if region.is_simple:
        return True
    convex = replace(region, max_positions=None, min_position=0.0)
    return any(worst_breach(weights, convex) is None for weights in candidates(region))


def is_feasible(region: Region) -> bool:
    """Say whether the simplex finds weights; where it finds none, that may still be for want of a rounding error."""
    from backtest.allocate.solve.program import Program

    try:
        Program.of(region).solve()
    except AllocationError:
        return False
    return True


def clash(rules: Sequence[Rule], region: Region) -> str:
    """Name a smallest set of rules that cannot be kept together, and for each the least change of it that helps.

    Changes of what nobody wrote are named only when none of what was written is enough.
    """
    clashing = irreducible(rules, region)
    helps = []
    for k in clashing:
        needed = least_relaxation(rules, region, [k])[0] if rules[k].can_change else np.inf
        if np.isfinite(needed):
            helps.append((not rules[k].written, round(needed, 9), rules[k].changed(needed)))
    helps = [each for each in helps if not each[0]] or helps
    said = "; ".join(rules[k].said for k in clashing)
    advice = ", or ".join(text for _, _, text in sorted(helps, key=itemgetter(1))) or _together(rules, region)
    return f"no weights obey all of these at once: {said}. Smallest change that works: {advice}"


def _together(rules: Sequence[Rule], region: Region) -> str:
    """Return the changes of several rules that are needed when no change of one is enough."""
    slack = least_relaxation(rules, region, range(len(rules)))[1]
    return " and ".join(rules[k].changed(s) for k, s in enumerate(slack) if s > NEAR) or "none of the numbers alone"


def irreducible(rules: Sequence[Rule], region: Region) -> list[int]:
    """Return rules that clash, and no longer do when any one of them is taken away (a deletion filter).

    Source: Chinneck and Dravnieks (1991), "Locating minimal infeasible constraint sets in linear programs".
    """
    left = list(range(len(rules)))
    for k in range(len(rules)):
        rest = [j for j in left if j != k]
        if least_relaxation([rules[j] for j in rest], region, range(len(rest)))[0] > NEAR:
            left = rest
    return left


def least_relaxation(rules: Sequence[Rule], region: Region, soft: Sequence[int]) -> tuple[float, Floats]:
    """Return the least sum of relaxations of the `soft` rules that lets weights obey all; inf when none does.

    Only rules that a person can change are relaxed when there are others to relax.
    """
    from scipy.optimize import linprog

    from backtest.allocate.solve.program import TIGHT

    n = region.n_assets
    matrix, limits = _system(rules, region)
    can = [k for k in soft if rules[k].can_change]
    slack = np.zeros((len(limits), len(can)))
    start = 0
    for k, rule in enumerate(rules):
        if k in can:
            slack[start : start + len(rule.limits), can.index(k)] = -rule.slope
        start += len(rule.limits)
    cost = np.concatenate([np.zeros(3 * n), np.ones(len(can))])
    bounds = [(None, None)] * n + [(0.0, None)] * (2 * n) + [(0.0, rules[k].most) for k in can]
    options = {"primal_feasibility_tolerance": TIGHT}
    rows = np.hstack([matrix, slack])
    found: Any = linprog(cost, A_ub=rows, b_ub=limits, bounds=bounds, method="highs", options=options)
    if found.status != 0:
        return np.inf, np.zeros(len(rules))
    by_rule = np.zeros(len(rules))
    by_rule[can] = found.x[3 * n :]
    return float(found.fun), by_rule


def _system(rules: Sequence[Rule], region: Region) -> tuple[Floats, Floats]:
    """Return the rows of all rules, and below them what makes sizes and trades at least what they are."""
    n, eye = region.n_assets, np.eye(region.n_assets)
    zero, nothing = np.zeros((n, n)), np.zeros(n)
    parts, limits = (
        [np.zeros((0, 3 * n)), *(rule.rows for rule in rules)],
        [nothing[:0], *(rule.limits for rule in rules)],
    )
    if np.isfinite(region.gross):
        parts += [np.hstack([sign * eye, -eye, zero]) for sign in (1.0, -1.0)]
        limits += [nothing, nothing]
    if np.isfinite(region.turnover) and region.current is not None:
        parts += [np.hstack([sign * eye, zero, -eye]) for sign in (1.0, -1.0)]
        limits += [region.current, -region.current]
    return np.vstack(parts), np.concatenate(limits)
