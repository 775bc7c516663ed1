"""The best choice of few positions for a method that optimises, where that can be said and found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.allocate.base import Weights
from backtest.allocate.claims import Claim, Least, Ratio
from backtest.allocate.constraints.branch import PROBLEMS, Search, affordable
from backtest.allocate.constraints.case import Case
from backtest.allocate.constraints.region import Region, trading_cost
from backtest.allocate.constraints.risk import with_risk
from backtest.allocate.estimated import Estimated, WithCovariance
from backtest.allocate.sample import Sample
from backtest.errors import AllocationError
from backtest.types import Floats

PROGRAMS = 100
"""Linear programs that a search may solve: they take longer than quadratic ones."""


@dataclass(frozen=True)
class Chosen:
    """What a search found, when that is anything better than was known, and whether nothing is better."""

    answer: Weights | None
    is_exact: bool


def best_choice(case: Case, known: Weights | None) -> Chosen:
    """Return the best choice of positions, for a method whose objective can be compared between regions.

    `known` is an answer that obeys the limits, if there is one.
    """
    method, region = case.question.method, case.region
    if not isinstance(method, Estimated) or not method.optimises:
        return Chosen(None, False)
    problem = Problem.of(method, case)
    if not problem.has_value(case.loose.answer):
        return Chosen(None, False)
    inside, columns = problem.inside, problem.sample.columns
    most = affordable(inside.n_assets, PROGRAMS if method.is_linear else PROBLEMS)
    search = Search(problem.solved, inside, most)
    if known is not None and problem.has_value(known):
        search.value = problem.value(known, known.weights[columns])
    search.run()
    if search.best is None or problem.is_lost:
        return Chosen(None, search.is_exact and not problem.is_lost)
    lower, upper = region.lower.copy(), region.upper.copy()
    lower[columns], upper[columns] = search.best.lower, search.best.upper
    return Chosen(case.inside(lower, upper), search.is_exact)


@dataclass
class Problem:
    """A method and its sample, estimated once, to be solved in one region after another."""

    method: Estimated
    sample: Sample
    inside: Region
    loose: Weights
    is_lost: bool = False  # an answer could not be compared: nothing is proved

    @classmethod
    def of(cls, method: Estimated, case: Case) -> Problem:
        """Return the problem of a case, whose method is `method`."""
        region, question = case.region, case.question
        if region.needs_covariance and not isinstance(method, WithCovariance):
            region = with_risk(region, question.measured)
        sample = question.sample or method.sample(question.history)
        return cls(method, sample, region.take(sample.columns).with_covariance(sample.covariance), case.loose.answer)

    def solved(self, region: Region) -> tuple[Floats, float] | None:
        """Return the method's weights in a region, and their value; None where it has none."""
        try:
            answer = self.method.weigh_sample(self.sample, region)
        except AllocationError:
            return None
        if answer.leaves_cash and not self.loose.leaves_cash:
            return None  # it left the region, because nothing inside beats cash
        if not self.has_value(answer):
            self.is_lost = True
            return None
        return answer.weights, self.value(answer, answer.weights)

    def has_value(self, answer: Weights) -> bool:
        """Say whether an answer is the best of what the one without limits is the best of."""
        if self.loose.claim is None:
            return self.method.is_linear and getattr(self.method, "cost_horizon", None) is None
        return answer.claim is not None and _same(answer.claim, self.loose.claim)

    def value(self, answer: Weights, weights: Floats) -> float:
        """Return what is minimised, of weights `(K,)`."""
        goal = self.loose.claim
        cost = trading_cost(weights, goal.rates, goal.region) if isinstance(goal, Least | Ratio) else 0.0
        if isinstance(goal, Least):
            return 0.5 * float(weights @ goal.Q @ weights) + float(goal.c @ weights) + cost
        if isinstance(goal, Ratio):
            gain = float(goal.a @ weights) - cost
            risk = float(weights @ goal.Q @ weights)
            return -gain / float(np.sqrt(risk)) if risk > 0.0 else np.inf
        return answer.objective  # the tail that a linear program minimises


def _same(a: Claim, b: Claim) -> bool:
    """Say whether two answers are the best of the same."""
    if isinstance(a, Least) and isinstance(b, Least):
        return _equal(a.Q, b.Q) and _equal(a.c, b.c) and _equal(a.rates, b.rates)
    if isinstance(a, Ratio) and isinstance(b, Ratio):
        return _equal(a.Q, b.Q) and _equal(a.a, b.a) and _equal(a.rates, b.rates)
    return False


def _equal(a: Floats | None, b: Floats | None) -> bool:
    if a is None or b is None:
        return a is b
    return a is b or np.array_equal(a, b)
