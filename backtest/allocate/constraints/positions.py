"""The largest number of positions and their smallest size, around any method.

Both make the problem a combinatorial one, which no convex solver answers. First a rule finds an answer that obeys
(`rule`). For a method that optimises, a search then looks for a better choice of symbols (`best`), and up to its limit
proves that there is none; beyond it the best that was found stands, with a warning. Where the rule finds nothing, a
program with whole numbers finds symbols that obey the linear rules, as near as can be to the answer without limits, or
that there are none (`few`); with caps on risk, a search for the least risk does (`calm`). Constraints are called
infeasible only where that is proved.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.constraints.best import best_choice
from backtest.allocate.constraints.calm import calmest_few, is_calm
from backtest.allocate.constraints.case import Case
from backtest.allocate.constraints.few import limits_of, nearest_few
from backtest.allocate.constraints.obey import Obedient
from backtest.allocate.constraints.region import Region
from backtest.allocate.constraints.risk import Question
from backtest.allocate.constraints.rule import by_rule, keeps_to
from backtest.allocate.verify import OPTIMAL
from backtest.errors import AllocationError


def positioned(question: Question, region: Region) -> Obedient:
    """Return an answer with no more and no smaller positions than are allowed."""
    case = Case.of(question, region)
    if keeps_to(case.loose.answer.weights, region):
        return case.verifiable(case.loose.answer)
    try:
        known: Weights | None = by_rule(case)
    except AllocationError:
        known = None
    chosen = best_choice(case, known)
    found = chosen.answer or known or _nearest(case)
    if question.method.optimises and not chosen.is_exact:
        said = f"{limits_of(region)}: which symbols are held need not be the best choice; the search was not finished"
        found = replace(found, warnings=(*found.warnings, said))
    return case.verifiable(found)


def _nearest(case: Case) -> Weights:
    """Return the method's answer among symbols that are known to obey."""
    columns, answer, region = case.loose.columns, case.loose.answer, case.region
    limited = case.limited.with_cash() if answer.leaves_cash else case.limited
    few = nearest_few(limited, answer.weights[columns])
    if limited.risk_caps and not is_calm(few):
        few = calmest_few(limited)
    lower, upper = np.zeros(region.n_assets), np.zeros(region.n_assets)
    lower[columns], upper[columns] = few.lower, few.upper
    return case.inside(lower, upper) if lower.any() or upper.any() else _nothing(case)


def _nothing(case: Case) -> Weights:
    """Return the answer to hold nothing, where no position is allowed to be as large as it must be."""
    answer = case.loose.answer
    said = f"{limits_of(case.region)}: no position can be as large: everything stays in cash"
    return replace(
        answer,
        weights=np.zeros(len(answer.weights)),
        objective=float("nan"),
        claim=None,
        residuals={name: size for name, size in answer.residuals.items() if name not in OPTIMAL},
        warnings=(*answer.warnings, said),
    )
